"""Attempts that nobody answers in are left, and their seats are given to those who wait."""

from collections.abc import Callable
from typing import Any

import pytest

from projects.calibration import own, tasks
from projects.calibration.services import attempts, rounds, sweeping
from projects.items import services as batches
from projects.plan.models import Project
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests import people
from tests.calibration import made
from tests.calibration.acts import answer_until_decided, days_pass, retake
from tests.pages.conftest import browser_of
from tests.people import Annotator

Deliver = Callable[[], int]


def sweep(project: Project) -> None:
    with planes.as_system(project.workspace_id):
        sweeping.decide_over()
        sweeping.leave_idle()
        sweeping.begin_waiting()


def step_of(annotator: Annotator) -> str:
    row = annotator.enrollment
    with planes.at_desk(annotator.user.pk, row.workspace_id, row.project_id):
        return own.steps_of(annotator.user.pk, [row.pk])[row.pk].step


def test_an_idle_attempt_frees_its_seat_for_who_waits(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking, seats=1, idle_days=7)
    idle, waiting = made.make_annotators(asking, 2)
    made.answer(idle, made.right, most=1)
    deliver()
    assert waiting.lease() is None
    days_pass(6)
    sweep(asking)
    assert made.attempt_of(idle).state == "running", "not yet"
    assert waiting.lease() is None
    days_pass(2)
    sweep(asking)
    attempt = made.attempt_of(idle)
    assert (attempt.state, attempt.was_idle, attempt.seen) == ("left", True, 1)
    assert "no answer for 7 days" in attempt.why
    assert answer_until_decided(waiting, made.right, deliver).state == "passed"


def test_an_answer_a_day_ago_is_no_idleness(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking, idle_days=7)
    annotator = people.make_annotator(asking, "Ada")
    days_pass(8)
    made.answer(annotator, made.right, most=1)
    deliver()
    sweep(asking)
    assert made.attempt_of(annotator).state == "running"


def test_who_holds_an_item_is_not_idle(asking: Project) -> None:
    made.open_round(asking, idle_days=7)
    annotator = people.make_annotator(asking, "Ada")
    lease: Any = annotator.lease()
    days_pass(8)
    sweep(asking)
    assert made.attempt_of(annotator).state == "running"
    assert annotator.submit(lease, made.right(lease)).status_code == 201


def test_nobody_is_idle_while_the_batch_is_paused(asking: Project) -> None:
    opened = made.open_round(asking)
    annotator = people.make_annotator(asking, "Ada")
    days_pass(8)
    with planes.in_workspace(asking.workspace_id):
        batches.pause_batch(batch=opened.batch, actor_id=None)
    sweep(asking)
    assert made.attempt_of(annotator).state == "running"


@pytest.mark.slow
def test_who_was_idle_begins_again_by_asking_and_not_before(
    asking: Project, deliver: Deliver
) -> None:
    """Else a new round would keep a seat for somebody who is gone."""
    made.open_round(asking)
    annotator = people.make_annotator(asking, "Ada")
    days_pass(8)
    sweep(asking)
    made.make_pool(asking, 2 * made.ITEMS, first=1000)
    made.open_round(asking)
    sweep(asking)
    assert made.attempt_of(annotator).state == "left"
    assert step_of(annotator) == "again"
    page = browser_of(annotator.user).get(f"/work/{annotator.enrollment.pk}/calibration/")
    assert b"You can begin again now" in page.content
    home = browser_of(annotator.user).get("/work/").content.decode()
    assert "Begin again" in home and "Go on with calibration" not in home
    retake(annotator)
    assert answer_until_decided(annotator, made.right, deliver).state == "passed"


def test_a_seat_whose_answers_are_used_up_is_not_free(asking: Project, deliver: Deliver) -> None:
    """Three of 20 items were answered for the only seat: others could get 17, and nine tenths are 18."""
    made.open_round(asking, seats=1)
    idle, waiting = made.make_annotators(asking, 2)
    made.answer(idle, made.right, most=3)
    deliver()
    days_pass(8)
    sweep(asking)
    assert made.attempt_of(idle).state == "left"
    assert waiting.lease() is None


@pytest.mark.slow
@pytest.mark.parametrize(("answered", "begins"), [(2, True), (3, False)])
def test_running_attempts_keep_the_items_that_they_have_not_had(
    asking: Project, deliver: Deliver, answered: int, begins: bool
) -> None:
    """Of two seats one was left after some answers. The one who runs needs a slot of all but their first item."""
    made.open_round(asking, seats=2)
    idle, runs, waiting = made.make_annotators(asking, 3)
    made.answer(idle, made.right, most=answered)
    deliver()
    days_pass(8)
    made.answer(runs, made.right, most=1)
    deliver()
    sweep(asking)
    assert made.attempt_of(idle).state == "left"
    assert (waiting.lease() is not None) == begins
    assert answer_until_decided(runs, made.right, deliver).state == "passed"
    if begins:
        assert answer_until_decided(waiting, made.right, deliver).state == "passed"


def test_the_task_leaves_idle_attempts(asking: Project) -> None:
    made.open_round(asking)
    annotator = people.make_annotator(asking, "Ada")
    days_pass(8)
    tasks.sweep()
    assert made.attempt_of(annotator).was_idle


@pytest.mark.slow
def test_nobody_keeps_others_from_their_turn(asking: Project, deliver: Deliver) -> None:
    """Who came first waits too, but has had items of the new round: the only seat is for the next one."""
    before = made.open_round(asking, seats=1, wrong_pass=0.001, wrong_fail=0.001, fail_at=0.6)
    first, second = made.make_annotators(asking, 2)
    made.answer(first, made.right, most=15)
    with planes.in_workspace(asking.workspace_id):
        rounds.close_round(of=before, actor_id=None)
    deliver()
    assert made.attempt_of(first).state == "left"
    made.open_round(asking, seats=1)  # with the same items
    assert made.attempt_of(second).state == "running"
    with planes.in_workspace(asking.workspace_id):
        assert attempts.begin_waiting(most=1) == 0


@pytest.mark.parametrize("days", [0, 61])
def test_idle_days_have_a_range(asking: Project, days: int) -> None:
    with pytest.raises(Refused, match="1 to 60"):
        made.make_round(asking, idle_days=days)


def test_a_closed_round_leaves_nobody_idle(asking: Project, deliver: Deliver) -> None:
    opened = made.open_round(asking)
    annotator = people.make_annotator(asking, "Ada")
    days_pass(8)
    with planes.in_workspace(asking.workspace_id):
        rounds.close_round(of=opened, actor_id=None)
    deliver()
    attempt = made.attempt_of(annotator)
    assert (attempt.state, attempt.was_idle) == ("left", False)
    assert step_of(annotator) == "none"
