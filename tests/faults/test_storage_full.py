"""Real workers whose storage is full, or hangs, during an export: others do not wait; the export shows the reason."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

from projects.exports import services as exports
from projects.exports import storage
from projects.exports.models import Export
from projects.plan.models import Project
from projects.review.services import accepting as review
from rlhfhub.devtools.recipes import WORKERS, worker_recipe
from rlhfhub.tenancy import planes
from tests import databases
from tests.browser.site import CHECKOUT, Site
from tests.factories import Tenant, make_workspace
from tests.faults.test_worker_killed import (
    accruals,
    answers,
    begin_beat,
    kill,
    nothing_waits,
    until,
)

pytestmark = [pytest.mark.concurrency, pytest.mark.slow]
SOON = 15


@pytest.fixture
def site(own_database: str, tmp_path: Path) -> Iterator[Site]:
    """The workers of `make run` and the scheduler."""
    site = Site(tmp_path, tmp_path)
    site.environment["DJANGO_SETTINGS_MODULE"] = "tests.faults.failing_storage"
    site.storage.mkdir()
    yield site
    for name in list(site.processes):
        kill(site, name)
    site.stop()


def begin(site: Site) -> None:
    for queue in WORKERS:
        recipe = worker_recipe(queue, site.state, site.port)
        site._begin(recipe.name, list(recipe.command))
    begin_beat(site)


def request_export(tenant: Tenant, project: Project) -> Export:
    with planes.in_workspace(tenant.pk):
        return exports.request(project=project, actor_id=tenant.owner.pk)


def enqueue_exports(site: Site, times: int) -> None:
    """Send the task to the real broker, as the web does; tests send none by themselves."""
    script = f"from projects.exports.services import trigger_next_run; [trigger_next_run() for _ in range({times})]"
    command = [sys.executable, "manage.py", "shell", "--no-imports", "--command", script]
    subprocess.run(command, cwd=CHECKOUT, env=site.environment, check=True)


def now(export: Export) -> Export:
    with planes.in_workspace(export.workspace_id):
        return Export.objects.get(pk=export.pk)


def logs_of(site: Site) -> str:
    return "\n".join(log.read_text()[-2000:] for log in site.state.glob("*.log"))


def test_a_full_storage_stops_one_export_and_nothing_else(site: Site) -> None:
    tenant = make_workspace("Full")
    made = answers(tenant)
    project, ids = made[0].project, [annotation.pk for annotation in made]
    with planes.in_workspace(tenant.pk):
        review.accept(annotation_ids=ids[:-1], reviewer_id=tenant.owner.pk)
    (site.storage / "fault").write_text("full")
    first = request_export(tenant, project)
    connections.close_all()
    begin(site)
    assert until(lambda: "the storage is full" in now(first).error), logs_of(site)
    assert (now(first).state, now(first).attempts) == ("streaming", 1)
    place = site.storage / "exports" / str(tenant.pk) / str(first.pk)
    assert list(place.iterdir()) == []
    # All else goes on.
    with planes.in_workspace(tenant.pk):
        review.accept(annotation_ids=ids[-1:], reviewer_id=tenant.owner.pk)
    assert until(lambda: accruals() == len(made) and nothing_waits(), SOON), logs_of(site)
    # There is room again: the next is made at once, and the first when its minute of silence is over (here at once).
    (site.storage / "fault").unlink()
    second = request_export(tenant, project)
    assert until(lambda: now(second).state == "finished"), logs_of(site)
    with databases.connected() as owner:
        owner.execute(
            "UPDATE projects_exports_export SET beat_at = now() - interval '2 minutes' WHERE id = %s",
            [first.pk],
        )
    assert until(lambda: now(first).state == "finished"), logs_of(site)
    assert (now(first).error, now(first).attempts) == ("", 2)
    folder = site.storage / "exports" / str(tenant.pk) / str(first.pk) / now(first).folder
    assert (folder / storage.JSONL).stat().st_size > 0


def test_exports_that_hang_delay_no_event(site: Site) -> None:
    """More of them than there are workers in all."""
    tenant = make_workspace("Hung")
    made = answers(tenant)
    project, ids = made[0].project, [annotation.pk for annotation in made]
    with planes.in_workspace(tenant.pk):
        review.accept(annotation_ids=ids[::2], reviewer_id=tenant.owner.pk)
    (site.storage / "fault").write_text("hang")
    hung = [request_export(tenant, project) for _ in range(6)]
    connections.close_all()
    begin(site)
    enqueue_exports(site, len(hung))
    assert until(lambda: any(now(one).attempts for one in hung)), logs_of(site)
    assert until(nothing_waits), logs_of(site)
    with planes.in_workspace(tenant.pk):
        review.accept(annotation_ids=ids[1::2], reviewer_id=tenant.owner.pk)
    assert until(lambda: accruals() == len(made) and nothing_waits(), SOON), logs_of(site)
    assert all(now(one).state != "finished" for one in hung)
