"""Workers die by kill -9 while they mark answers of calibration: each is counted, and counted once."""

import random
import time

import pytest

from projects.calibration.models import Mark
from projects.work.models import Annotation
from rlhfhub import invariants
from rlhfhub.tenancy import planes
from tests.browser.site import Site
from tests.calibration import made
from tests.factories import make_workspace
from tests.faults.test_worker_killed import begin, kill, kill_a_child, nothing_waits, site, until

__all__ = ["site"]
pytestmark = [pytest.mark.concurrency, pytest.mark.slow]
ITEMS = 40


def test_no_answer_is_counted_twice_or_missed(site: Site) -> None:
    tenant, rng, kills = make_workspace("Killed"), random.Random(3), 0
    project = made.make_asking_project(tenant)
    made.make_pool(project, 2 * ITEMS)
    made.open_round(project, items=ITEMS, wrong_pass=0.001, wrong_fail=0.001)
    annotators = made.make_annotators(project, 3)
    begin(site)
    assert until(nothing_waits)

    def a_child_is_killed() -> bool:
        begin(site)
        return kill_a_child(site, rng)

    for at in range(ITEMS):
        for annotator in annotators:
            # Three of four right: the evidence suffices for no verdict before the last item.
            by = made.wrong if at % 4 == 3 else made.right
            assert made.answer(annotator, by, most=1) == 1
        begin(site)
        time.sleep(rng.uniform(0.05, 0.2))
        if at % 8 == 0:
            kills += until(a_child_is_killed, 20)
        if at % 13 == 6:
            kill(site, "worker")
            kills += 1

    def all_are_marked() -> bool:
        begin(site)
        with planes.in_workspace(tenant.pk):
            marked = Mark.objects.count()
        return marked == 3 * ITEMS and nothing_waits()

    assert until(all_are_marked), site.log("worker").read_text()[-2000:]
    time.sleep(1.5)  # whatever is delivered again
    with planes.in_workspace(tenant.pk):
        assert Mark.objects.count() == Annotation.objects.count() == 3 * ITEMS
    for annotator in annotators:
        attempt = made.attempt_of(annotator)
        assert (attempt.state, attempt.seen, attempt.hits) == ("failed", ITEMS, ITEMS * 3 // 4)
    assert kills >= 6
    assert [finding for finding in invariants.verify() if not finding.holds] == []
