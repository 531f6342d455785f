"""Workers killed again and again while answers enter the monitors: none is counted twice, none is missed."""

import random
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from projects.quality.monitors import gauges
from projects.quality.monitors.models import Monitor, MonitorKind, Score
from projects.work.models import Annotation
from rlhfhub import invariants
from rlhfhub.tenancy import planes
from tests import people
from tests.browser.site import Site
from tests.factories import Tenant, make_batch, make_project, make_workspace
from tests.faults.test_worker_killed import begin, kill, kill_a_child, nothing_waits, until

pytestmark = [pytest.mark.concurrency, pytest.mark.slow]
ITEMS = 40


@pytest.fixture
def site(own_database: str, tmp_path: Path) -> Iterator[Site]:
    """No web: a worker and the scheduler, begun by the test."""
    site = Site(tmp_path, tmp_path)
    site.environment["DJANGO_SETTINGS_MODULE"] = "tests.faults.worker_settings"
    yield site
    site.stop()


def test_no_answer_enters_twice_or_never(site: Site) -> None:
    tenant, rng, kills = make_workspace("Watched"), random.Random(5), 0
    project = make_project(tenant, overlap=3)
    make_batch(project, ITEMS)
    crew = [people.make_annotator(project, name) for name in ("Ada", "Ben", "Cleo")]
    begin(site)
    for turn in range(ITEMS):
        for annotator in crew:
            lease = annotator.lease()
            assert lease
            number = int(lease["prompt"][0]["content"].split()[1].rstrip("?"))
            annotator.prefer(lease, f"{'First' if number % 3 else 'Second'} answer to {number}.")
        begin(site)
        if turn % 4 == 1:
            kills += kill_a_child(site, rng)
        if turn % 10 == 6:
            kill(site, "worker")
            kills += 1
        time.sleep(rng.uniform(0.1, 0.4))

    def everything_entered() -> bool:
        begin(site)
        return nothing_waits() and len(scores(tenant)[MonitorKind.AGREEMENT]) == 3 * ITEMS

    assert until(everything_entered)
    time.sleep(1.5)  # whatever is delivered again
    check(tenant)
    assert kills >= 3
    assert [finding for finding in invariants.verify() if not finding.holds] == []


def scores(tenant: Tenant) -> dict[str, list[Score]]:
    """The scores of annotators' monitors, by kind; the project's own monitor has others."""
    found = defaultdict(list)
    with planes.in_workspace(tenant.pk):
        of_people = Score.objects.exclude(monitor__enrollment=None)
        for score in of_people.select_related("monitor").order_by("monitor", "number"):
            found[score.monitor.kind].append(score)
    return found


def check(tenant: Tenant) -> None:
    """Each monitor took each answer of its annotator once, and its state is what its scores lead to."""
    with planes.in_workspace(tenant.pk):
        answers = set(Annotation.objects.values_list("pk", flat=True))
        monitors = {one.pk: one for one in Monitor.objects.exclude(enrollment=None)}
    found = scores(tenant)
    for kind in (MonitorKind.TIME, MonitorKind.SIDE, MonitorKind.LABELS, MonitorKind.AGREEMENT):
        taken = [score.annotation_id for score in found[kind]]
        assert sorted(taken) == sorted(answers), kind
    by_monitor = defaultdict(list)
    for kind in (MonitorKind.AGREEMENT, MonitorKind.SIDE):
        for score in found[kind]:
            by_monitor[score.monitor_id].append(score)
    for pk, rows in by_monitor.items():
        assert [row.number for row in rows] == [*range(1, ITEMS + 1)]
        assert monitors[pk].seen == ITEMS
        if monitors[pk].kind == MonitorKind.SIDE:
            assert monitors[pk].state == replayed([row.value == 1.0 for row in rows])


def replayed(chose_first: list[bool]) -> gauges.State:
    """What the monitor of the side keeps after these judgments."""
    state: gauges.State = {}
    for first in chose_first:
        state = gauges.step_side(state, first).state
    return state
