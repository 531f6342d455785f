"""Sixteen tabs lease and submit while web processes are killed: nothing doubled, nothing acknowledged lost.

`KILL_SECONDS=60` runs it for a whole minute.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from projects.items.models import Batch
from projects.plan.models import Project
from projects.review.services import accepting as review
from projects.work.models import Annotation
from rlhfhub import invariants
from rlhfhub.events import dispatch
from rlhfhub.tenancy import planes
from tests import databases, people
from tests.browser.site import CHECKOUT, Site
from tests.factories import Tenant, make_batch, make_project, make_workspace

SECONDS = float(os.environ.get("KILL_SECONDS", "15"))
ANSWERS_BETWEEN_KILLS = 5
SPARED_SECONDS = 6
TABS, ANNOTATORS, ITEMS, OVERLAP = 16, 6, 4000, 3

pytestmark = [pytest.mark.concurrency, pytest.mark.slow]

# Each finds what may not be; the names are DESIGN's.
CHECKS = {
    "an item over its overlap": f"""
        SELECT item_id FROM projects_work_annotation GROUP BY item_id HAVING count(*) > {OVERLAP}""",
    "an annotator twice on an item": """
        SELECT annotator_id, item_id FROM projects_work_annotation GROUP BY 1, 2 HAVING count(*) > 1""",
    "two live leases of an annotator": """
        SELECT enrollment_id FROM projects_work_lease WHERE ended_at IS NULL GROUP BY 1 HAVING count(*) > 1""",
    "a slot filled twice": """
        SELECT slot_id FROM projects_work_annotation GROUP BY 1 HAVING count(*) > 1""",
    "a slot whose state is not its leases'": """
        SELECT s.id FROM projects_work_slot s WHERE s.state <> CASE
            WHEN EXISTS (SELECT 1 FROM projects_work_annotation a WHERE a.slot_id = s.id) THEN 'filled'
            WHEN EXISTS (SELECT 1 FROM projects_work_lease l WHERE l.slot_id = s.id AND l.ended_at IS NULL)
            THEN 'leased'
            ELSE 'open' END""",
    "a journal that does not sum to zero": """
        SELECT journal_id FROM billing_ledger_posting GROUP BY journal_id, currency HAVING sum(amount_minor) <> 0""",
    "a balance that is not its postings'": """
        SELECT a.id FROM billing_ledger_account a LEFT JOIN billing_ledger_posting p ON p.account_id = a.id
        GROUP BY a.id, a.balance_minor HAVING a.balance_minor <> COALESCE(sum(p.amount_minor), 0)""",
}


@dataclass
class Outcome:
    """The answers that the tabs got, the number of killed processes, and the findings of the checks."""

    acknowledged: set[str] = field(default_factory=set)
    said: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    violations: dict[str, int] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)


@pytest.fixture
def ground(
    django_db_setup: None, django_db_blocker: Any
) -> Iterator[tuple[Tenant, Project, Batch]]:
    with django_db_blocker.unblock(), databases.copied():
        tenant = make_workspace("Kills")
        project = make_project(tenant, overlap=OVERLAP)
        yield tenant, project, make_batch(project, ITEMS)


def hammer(site: Site, project: Project, folder: Path) -> Outcome:
    """Let the tabs work while web processes are killed at random."""
    annotators = [people.make_annotator(project, f"Annotator {n}") for n in range(ANNOTATORS)]
    connections.close_all()
    logs = [folder / f"tab-{n}.log" for n in range(TABS)]
    tabs = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.concurrency.tab",
                site.url,
                annotators[n % ANNOTATORS].secret,
            ]
            + [str(project.pk), str(SECONDS), str(log)],
            cwd=CHECKOUT,
        )
        for n, log in enumerate(logs)
    ]
    outcome = Outcome(kills=_kill_until(site, logs, time.time() + SECONDS * 0.9))
    for tab in tabs:
        tab.wait(timeout=SECONDS + 60)
        assert tab.returncode == 0
    for log in logs:
        for line in log.read_text().splitlines():
            what, _, value = line.partition(" ")
            outcome.said[what] += 1
            if what == "acknowledged":
                outcome.acknowledged.add(value)
            elif what in {"lease", "submit"}:
                outcome.said[f"{what} {value}"] += 1
    return outcome


def _kill_until(site: Site, logs: list[Path], until: float) -> int:
    """kill -9 one of the web's own children every second or so. Returns how many.

    The server ends itself when one dies twice within 5.5 s, as if it could never start: a fresh one is spared so
    long. On a busy machine a killed process comes back slowly: the next one is killed when answers were taken since.
    """
    rng, kills, done_before = random.Random(5), 0, 0
    spared = dict.fromkeys(_children(site.processes["web"].pid), 0.0)
    while time.time() < until:
        time.sleep(rng.uniform(0.8, 1.4))
        now = time.time()
        for child in _children(site.processes["web"].pid):
            spared.setdefault(child, now + SPARED_SECONDS)
        ripe = [c for c in _children(site.processes["web"].pid) if spared.get(c, now) < now]
        if ripe and (done := _acknowledged_in(logs)) >= done_before + ANSWERS_BETWEEN_KILLS:
            done_before = done
            os.kill(rng.choice(ripe), signal.SIGKILL)
            kills += 1
    return kills


def _acknowledged_in(logs: list[Path]) -> int:
    """Return how many answers the site has acknowledged so far, by the logs of the tabs."""
    return sum(log.read_bytes().count(b"acknowledged ") for log in logs if log.exists())


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in listed.split()]


def settle(tenant: Tenant) -> None:
    """Accept everything, deliver everything: what was earned is booked."""
    while True:
        with planes.in_workspace(tenant.pk):
            ids = list(
                Annotation.objects.filter(state="submitted").values_list("id", flat=True)[:500]
            )
            if not ids:
                break
            review.accept(annotation_ids=ids, reviewer_id=tenant.owner.pk)
    dispatch.drain()


def judge(outcome: Outcome) -> Outcome:
    """Query the database as the owner, to whom no policy applies."""
    with connection.cursor() as cursor:
        for name, query in CHECKS.items():
            cursor.execute(f"SELECT count(*) FROM ({query}) found")
            (count,) = cursor.fetchone()
            if count:
                outcome.violations[name] = count
        cursor.execute("SELECT id::text FROM projects_work_annotation")
        outcome.lost = outcome.acknowledged - {row[0] for row in cursor.fetchall()}
    return outcome


def run_site(folder: Path, settings: str = "web_settings") -> Site:
    """Kill web processes only: acknowledged answers must not depend on a worker."""
    (folder / "state").mkdir()
    site = Site(folder / "state", folder / "static")
    site.environment["STATIC_ROOT"] = str(folder)
    site.environment["DJANGO_SETTINGS_MODULE"] = f"tests.concurrency.{settings}"
    site.start_web()
    return site


def test_nothing_doubled_and_nothing_acknowledged_lost(
    ground: tuple[Tenant, Project, Batch], tmp_path: Path
) -> None:
    tenant, project, _batch = ground
    site = run_site(tmp_path)
    try:
        outcome = hammer(site, project, tmp_path)
    finally:
        site.stop()
    settle(tenant)
    judge(outcome)
    print(f"{len(outcome.acknowledged)} acknowledged, {outcome.kills} kills, {dict(outcome.said)}")
    assert outcome.kills >= SECONDS / 5, "too few processes were killed to prove anything"
    # Not more, for a busy machine restarts what was killed slowly.
    assert len(outcome.acknowledged) >= SECONDS, "too little was done to prove anything"
    assert outcome.lost == set()
    assert outcome.violations == {}
    assert not [what for what in outcome.said if " 5" in what or what == "busy"], outcome.said
    assert [found for found in invariants.verify() if found.violations] == []


LAW = """
    DROP INDEX lease_live_once; DROP INDEX lease_item_once; DROP INDEX lease_slot_live_once;
    ALTER TABLE projects_work_annotation DROP CONSTRAINT annotation_slot_once;
"""


def test_the_same_test_bites_when_the_law_is_dropped(
    ground: tuple[Tenant, Project, Batch], tmp_path: Path
) -> None:
    """Tabs that do not take turns, and no unique index to stop them: the same checks find it."""
    _tenant, project, _batch = ground
    with connection.cursor() as cursor:
        cursor.execute(LAW)
    site = run_site(tmp_path, "naive_settings")
    try:
        outcome = hammer(site, project, tmp_path)
    finally:
        site.stop()
    judge(outcome)
    print(f"without the law: {outcome.violations}, {dict(outcome.said)}")
    assert outcome.violations, "sixteen tabs broke nothing: the test proves nothing"
