"""A real worker on a real broker, killed again and again: every event is delivered, its effect is there once."""

import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection, connections

from billing.ledger.models import Journal
from projects.exports import services as exports
from projects.exports.models import Export
from projects.review.services import accepting as review
from projects.work.models import Annotation
from rlhfhub import invariants
from rlhfhub.tenancy import planes
from tests import databases, people
from tests.browser.site import Site
from tests.exports.made import frozen
from tests.factories import Tenant, make_batch, make_project, make_workspace

pytestmark = [pytest.mark.concurrency, pytest.mark.slow]
ITEMS = 60
PATIENCE = 60


@pytest.fixture
def site(own_database: str, tmp_path: Path) -> Iterator[Site]:
    """No web: a worker and the scheduler, begun by the test."""
    site = Site(tmp_path, tmp_path)
    site.environment["DJANGO_SETTINGS_MODULE"] = "tests.faults.worker_settings"
    yield site
    site.stop()


def begin(site: Site) -> None:
    """Start what does not run, as a process manager does: a worker whose pool dies at its start ends by itself."""
    for name in [name for name, one in site.processes.items() if one.poll() is not None]:
        del site.processes[name]
    celery = [sys.executable, "-m", "celery", "-A", "rlhfhub"]
    if "worker" not in site.processes:
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        site._begin("worker", [*celery, "worker", "--concurrency=2", "--loglevel=INFO", *quiet])
    if "beat" not in site.processes:
        begin_beat(site)


def begin_beat(site: Site) -> None:
    """Start the scheduler."""
    beat = [sys.executable, "-m", "celery", "-A", "rlhfhub", "beat"]
    site._begin("beat", [*beat, "--schedule", str(site.state / "beat")])


def kill(site: Site, name: str) -> None:
    """kill -9 of the process and all its children; the group is ours."""
    process = site.processes.pop(name)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def kill_a_child(site: Site, rng: random.Random) -> bool:
    """kill -9 of one process of the worker's pool."""
    pid = site.processes["worker"].pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    if children:
        os.kill(int(rng.choice(children)), signal.SIGKILL)
    return bool(children)


def until(what: Callable[[], bool], patience: float = PATIENCE) -> bool:
    """Wait for it."""
    end = time.monotonic() + patience
    while not (done := what()) and time.monotonic() < end:
        time.sleep(0.1)
    return done


def answers(tenant: Tenant) -> list[Annotation]:
    """Everything answered by two annotators."""
    project = make_project(tenant, overlap=2)
    make_batch(project, ITEMS)
    for name in ("Ada", "Ben"):
        annotator = people.make_annotator(project, name)
        for _ in range(ITEMS):
            lease = annotator.lease()
            assert lease
            assert annotator.submit(lease).status_code == 201
    with planes.in_workspace(tenant.pk):
        return list(Annotation.objects.all())


def accruals() -> int:
    with planes.as_system():
        return Journal.objects.filter(kind="accrual").count()


def nothing_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM rlhfhub_events_event WHERE dispatched_at IS NULL"
            " UNION ALL SELECT count(*) FROM rlhfhub_events_delivery WHERE done_at IS NULL"
        )
        return [row[0] for row in cursor.fetchall()] == [0, 0]


def test_events_survive_killed_workers(site: Site) -> None:
    """Pool processes and whole workers die by kill -9 while they book; all is booked, and once."""
    tenant, rng, kills = make_workspace("Killed"), random.Random(3), 0
    made = answers(tenant)
    begin(site)
    assert until(nothing_waits), _logs_of(site)
    for at in range(0, len(made), 4):
        with planes.in_workspace(tenant.pk):
            ids = [annotation.pk for annotation in made[at : at + 4]]
            review.accept(annotation_ids=ids, reviewer_id=tenant.owner.pk)
        time.sleep(rng.uniform(0.05, 0.25))
        begin(site)
        if at % 12 == 0:
            kills += kill_a_child(site, rng)
        if at % 48 == 24:
            kill(site, "worker")
            kills += 1

    def all_is_booked() -> bool:
        begin(site)
        return accruals() == len(made) and nothing_waits()

    assert until(all_is_booked), _logs_of(site)
    time.sleep(1.5)  # whatever is delivered again
    assert accruals() == len(made)
    assert kills >= 4
    assert [finding for finding in invariants.verify() if not finding.holds] == []


def test_an_export_survives_its_worker(site: Site) -> None:
    """Its worker dies; after a minute's silence (here at once) another takes it up."""
    tenant = make_workspace("Export")
    made = answers(tenant)
    with planes.in_workspace(tenant.pk):
        ids = [annotation.pk for annotation in made]
        review.accept(annotation_ids=ids, reviewer_id=tenant.owner.pk)
        export = exports.request(project=made[0].project, actor_id=tenant.owner.pk)
    # As a worker leaves it that was killed while it streamed.
    frozen(export)
    with databases.connected() as owner:
        owner.execute("UPDATE projects_exports_export SET beat_at = now() - interval '2 minutes'")
    connections.close_all()
    begin(site)

    def finished() -> bool:
        with planes.in_workspace(tenant.pk):
            return Export.objects.get(pk=export.pk).state == "finished"

    assert until(finished), _logs_of(site)


def _logs_of(site: Site) -> str:
    return "\n".join(site.log(name).read_text()[-2000:] for name in ("worker", "beat"))
