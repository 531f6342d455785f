"""Attempts that nobody answers in are left, and their seats are given to those who wait."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from projects.calibration import own, pool, tasks
from projects.calibration.models import Attempt
from projects.calibration.services import attempts, rounds, sweeping
from projects.items import services as batches
from projects.plan.models import Project
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests import people
from tests.calibration import acts, made
from tests.calibration.acts import answer_until_decided, days_pass, retake
from tests.calibration.reading import text_of
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


def idle_after(asking: Project, deliver: Deliver, answers: int) -> Annotator:
    """Return somebody whose attempt was left idle after so many answers, all of them wrong."""
    annotator = people.make_annotator(asking, "Ada")
    made.answer(annotator, made.wrong, most=answers)
    deliver()
    days_pass(8)
    sweep(asking)
    assert made.attempt_of(annotator).was_idle
    return annotator


def attempts_of(annotator: Annotator) -> list[tuple[int, int, str, int]]:
    with planes.in_workspace(annotator.enrollment.workspace_id):
        rows = Attempt.objects.filter(enrollment=annotator.enrollment.pk).order_by("began_at")
        return list(rows.values_list("round__number", "number", "state", "seen"))


def test_who_was_idle_goes_on_with_the_same_attempt(asking: Project, deliver: Deliver) -> None:
    """Three of 20 items are answered, in the only seat. For another annotator too few items are left."""
    made.open_round(asking, seats=1)
    annotator = idle_after(asking, deliver, 3)
    assert annotator.lease() is None
    assert step_of(annotator) == "resume"
    retake(annotator)
    sweep(asking)
    assert attempts_of(annotator) == [(1, 1, "running", 3)], "not idle at once"
    days_pass(8)
    sweep(asking)
    assert made.attempt_of(annotator).was_idle, "idle again"
    retake(annotator)
    assert answer_until_decided(annotator, made.right, deliver).state == "passed"
    assert attempts_of(annotator) == [(1, 1, "passed", made.attempt_of(annotator).seen)]


def test_going_on_does_not_cost_the_second_attempt(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking, wait_hours=0)
    annotator = idle_after(asking, deliver, 1)
    retake(annotator)
    assert answer_until_decided(annotator, made.wrong, deliver).state == "failed"
    retake(annotator)
    assert answer_until_decided(annotator, made.right, deliver).state == "passed"
    assert [line[:3] for line in attempts_of(annotator)] == [(1, 1, "failed"), (1, 2, "passed")]


def test_an_idle_second_attempt_goes_on_too(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking, wait_hours=0)
    annotator = acts.failed(asking, deliver)
    retake(annotator)
    made.answer(annotator, made.right, most=2)
    deliver()
    days_pass(8)
    sweep(asking)
    assert step_of(annotator) == "resume"
    retake(annotator)
    assert answer_until_decided(annotator, made.right, deliver).state == "passed"
    assert [line[:2] for line in attempts_of(annotator)] == [(1, 1), (1, 2)]


def test_nobody_goes_on_without_a_seat(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking, seats=1)
    annotator = idle_after(asking, deliver, 1)
    assert people.make_annotator(asking, "Cy").lease() is not None
    assert step_of(annotator) == "closed"
    page = browser_of(annotator.user).get(f"/work/{annotator.enrollment.pk}/calibration/")
    assert b"when a seat is free or another round opens" in page.content
    with pytest.raises(Refused, match="No round is open to you"):
        retake(annotator)
    assert attempts_of(annotator) == [(1, 1, "left", 1)], "nor is the second attempt used up"


def test_the_pages_say_that_one_can_go_on(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking)
    annotator = idle_after(asking, deliver, 2)
    browser, desk = browser_of(annotator.user), f"/work/{annotator.enrollment.pk}/"
    assert "go on where you stopped" in text_of(browser.get("/work/"))
    assert "You can go on" in text_of(browser.get(desk))
    page = text_of(browser.get(f"{desk}calibration/"))
    assert "Your 2 answers so far stay." in page and "Go on with this attempt" in page
    assert browser.post(f"{desk}calibration/retake/")["Location"] == desk
    assert "2</span> done" in text_of(browser.get(desk))


@pytest.mark.slow
def test_who_was_idle_begins_again_by_asking_and_not_before(
    asking: Project, deliver: Deliver
) -> None:
    """Else a new round would keep a seat for somebody who is gone. An idle end in a closed round is no attempt."""
    opened = made.open_round(asking)
    annotator = idle_after(asking, deliver, 1)
    with planes.in_workspace(asking.workspace_id):
        rounds.close_round(of=opened, actor_id=None)
    made.make_pool(asking, 2 * made.ITEMS, first=1000)
    made.open_round(asking, wait_hours=0)
    sweep(asking)
    assert made.attempt_of(annotator).state == "left"
    assert step_of(annotator) == "again"
    page = browser_of(annotator.user).get(f"/work/{annotator.enrollment.pk}/calibration/")
    assert b"you can begin a new first attempt in another round" in page.content
    home = browser_of(annotator.user).get("/work/").content.decode()
    assert "Begin again" in home and "Go on with calibration" not in home
    retake(annotator)
    assert answer_until_decided(annotator, made.wrong, deliver).state == "failed"
    retake(annotator)
    assert answer_until_decided(annotator, made.right, deliver).state == "passed"
    assert [line[:2] for line in attempts_of(annotator)] == [(1, 1), (2, 1), (2, 2)]


def test_no_other_attempt_goes_on_after_its_end(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking)
    annotator = acts.failed(asking, deliver)
    change = "UPDATE projects_calibration_attempt SET state = 'running', decided_at = NULL, resumed_at = now()"
    with (
        pytest.raises(DatabaseError, match="decided once"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"{change} WHERE enrollment_id = %s", [annotator.enrollment.pk])


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
def test_nobody_keeps_others_from_their_turn(
    asking: Project, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who came first waits too, but has had items of the new round: the only seat is for the next one."""
    before = made.open_round(asking, seats=1, wrong_pass=0.001, wrong_fail=0.001, fail_at=0.6)
    first, second = made.make_annotators(asking, 2)
    made.answer(first, made.right, most=15)
    with planes.in_workspace(asking.workspace_id):
        rounds.close_round(of=before, actor_id=None)
    deliver()
    assert made.attempt_of(first).state == "left"
    monkeypatch.setattr(pool, "had_by", lambda *_: {})
    made.open_round(asking, seats=1)  # with some of the same items
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
