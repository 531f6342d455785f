"""Kills, slow clients, a full disk, an absent cache and restarts of PostgreSQL together: nothing lost, nothing doubled.

`CHAOS_SECONDS=60` runs it for a whole minute.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from projects.exports.models import Export
from projects.items.models import Item
from projects.plan.models import Project
from projects.work.models import Annotation
from rlhfhub import invariants
from rlhfhub.tenancy import planes
from tests import people
from tests.browser.site import CHECKOUT
from tests.factories import Tenant, make_batch, make_project, make_workspace
from tests.faults.whole import clients, site
from tests.faults.whole.faults import Storm, slow_clients, wait_for

SECONDS = float(os.environ.get("CHAOS_SECONDS", "30"))
TABS, OVERLAP = 6, 3
# More than the tabs can answer in the time.
ITEMS = int(SECONDS * 120)
SENDERS, READERS = 30, 20
# Large enough to fill every buffer on the way to who does not read.
LARGE_FILE = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
# The longest that /healthz/live may take on a machine busy with all this; threads held by slow clients took for ever.
LIVE_SECONDS = 6.0
SETTLE_SECONDS = 120

pytestmark = [pytest.mark.concurrency, pytest.mark.slow]


@pytest.fixture
def whole(
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[site.WholeSite]:
    with django_db_blocker.unblock(), site.running(tmp_path, monkeypatch) as running:
        yield running


def start_tabs(
    whole: site.WholeSite, project: Project
) -> list[tuple[subprocess.Popen[bytes], Path]]:
    """Start annotators, each a process that logs the answers it gets."""
    annotators = [people.make_annotator(project, f"Annotator {n}") for n in range(TABS)]
    connections.close_all()
    tabs = []
    for n, annotator in enumerate(annotators):
        log = whole.state / f"tab-{n}.log"
        command = [sys.executable, "-m", "tests.concurrency.tab", whole.url, annotator.secret]
        command += [str(project.pk), str(SECONDS), str(log)]
        tabs.append((subprocess.Popen(command, cwd=CHECKOUT), log))
    return tabs


def bring_faults(storm: Storm, until: float) -> None:
    """All of them, at fixed parts of the time, several at once."""
    began = time.monotonic()

    def at(part: float) -> None:
        time.sleep(max(0.0, began + part * (until - began) - time.monotonic()))

    at(0.05)
    storm.kill_worker_process()
    storm.kill_web_process()
    at(0.15)
    with storm.absent_cache():
        storm.restart_database()
        at(0.3)
        storm.kill_whole_worker()
        with storm.full_disk():
            at(0.45)
            storm.kill_web_process()
            storm.kill_scheduler()
            at(0.55)
        at(0.6)
        storm.restart_database(signal.SIGKILL)
    at(0.75)
    storm.kill_broker()
    storm.kill_worker_process()
    at(0.9)
    storm.kill_web_process()
    at(1.0)


def acknowledged(tabs: list[tuple[subprocess.Popen[bytes], Path]]) -> tuple[list[str], list[str]]:
    """Ids of acknowledged answers, and the other lines of the tabs' logs, when all tabs have ended."""
    ids, others = [], []
    for process, log in tabs:
        process.wait(SECONDS + 90)
        assert process.returncode == 0
        for line in log.read_text().splitlines():
            what, _, value = line.partition(" ")
            (ids if what == "acknowledged" else others).append(
                value if what == "acknowledged" else line
            )
    return ids, others


def nothing_waits() -> bool:
    """Whether every event was delivered, and every export has ended."""
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM rlhfhub_events_event WHERE dispatched_at IS NULL)"
            " + (SELECT count(*) FROM rlhfhub_events_delivery WHERE done_at IS NULL)"
        )
        (waiting,) = cursor.fetchone()
        unfinished = Export.objects.filter(state__in=Export.State.unfinished()).count()
    return waiting + unfinished == 0


def test_all_faults_at_once_lose_and_double_nothing(whole: site.WholeSite) -> None:
    tenant = make_workspace("Storm")
    project = make_project(tenant, overlap=OVERLAP)
    make_batch(project, ITEMS)
    tabs = start_tabs(whole, project)
    customer = clients.Customer(whole.port, tenant.secret, str(project.pk))
    probe = clients.Probe(whole.port)
    storm = Storm(whole)
    workers = [
        clients.Worker(customer.upload, 0.5),
        clients.Worker(customer.accept, 0.5),
        clients.Worker(customer.export, 3.0),
        clients.Worker(probe.ask_live, 0.2),
        clients.Worker(probe.ask_ready, 0.2),
    ]
    with ExitStack() as stack:
        stack.enter_context(slow_clients(whole, SENDERS, READERS, LARGE_FILE))
        for worker in workers:
            worker.start()
        bring_faults(storm, time.monotonic() + SECONDS)
        for worker in workers:
            worker.finish()
    ids, others = acknowledged(tabs)
    connections.close_all()
    settled = wait_for(nothing_waits, SETTLE_SECONDS)
    print(f"{len(ids)} answers, {len(customer.imported)} imports, {len(customer.exports)} exports")
    print(storm.happened, dict(customer.statuses), sep="\n")
    assert settled, f"work is left over: {whole.log.read_text()[-3000:]}"
    check_answers(tenant, ids, others)
    check_customer(tenant, customer)
    check_health(storm, probe)
    assert [found for found in invariants.verify() if not found.holds] == []


def check_answers(tenant: Tenant, ids: list[str], others: list[str]) -> None:
    """Every acknowledged answer is stored, and nothing was answered with a fault but 503."""
    assert len(ids) >= 3 * SECONDS, "too little was done to prove anything"
    assert len(set(ids)) == len(ids)
    with planes.in_workspace(tenant.pk):
        stored = {str(pk) for pk in Annotation.objects.values_list("pk", flat=True)}
    assert set(ids) - stored == set()
    # A line ends with a status, or with the id of a lease.
    assert [line for line in others if re.search(r" 5\d\d$", line) and line != "busy 503"] == []


def check_customer(tenant: Tenant, customer: clients.Customer) -> None:
    """What was imported is there whole and once, exports are finished, and 503 says when to come again."""
    assert len(customer.imported) >= SECONDS / 15, customer.statuses
    with planes.in_workspace(tenant.pk):
        for batch, items in customer.imported.items():
            assert Item.objects.filter(batch_id=batch).count() == items
        states = dict(Export.objects.filter(pk__in=customer.exports).values_list("pk", "state"))
    assert set(states.values()) == {"finished"}, states
    assert customer.without_retry_after == 0
    faults = [what for what in customer.statuses if what.split()[-1] in ("500", "502", "504")]
    assert faults == [], customer.statuses


def check_health(storm: Storm, probe: clients.Probe) -> None:
    """`live` is always 200; `ready` is 503 while PostgreSQL is stopped, and 200 when everything runs."""
    answered = [one for one in probe.live if one[2]]
    assert {status for *_, status in answered} == {200}
    # A killed process takes the connections it had accepted with it.
    assert len(probe.live) - len(answered) <= 2 * storm.kills, probe.live
    slow = [end - start for start, end, _ in probe.live if end - start > LIVE_SECONDS]
    assert slow == [], slow
    said_no = 0
    for gone, back in storm.database_away:
        within = [
            status
            for asked, answered_at, status, _ in probe.ready
            if gone < asked and answered_at < back and status
        ]
        # PostgreSQL may be back a moment before this test, on a busy machine, sees it.
        assert within == sorted(within, reverse=True), "it said yes, and then no again"
        said_no += within.count(503)
    assert said_no, "nobody was told that the database was away"
    assert {status for _, _, status, _ in probe.ready} <= {0, 200, 503}
    # Quiet before the first fault and after the last: ready.
    assert probe.ready[0][2] == 200
    assert wait_for(lambda: _is_ready(probe), 30)


def _is_ready(probe: clients.Probe) -> bool:
    probe.ask_ready()
    return probe.ready[-1][2] == 200
