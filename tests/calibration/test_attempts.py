"""The second attempt, and what ends an attempt in the middle."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from projects.calibration import tasks
from projects.calibration.models import Mark, RoundItem
from projects.calibration.services import rounds, sweeping
from projects.enrollment.models import Clearance
from projects.items import services as batches
from projects.items.models import Key
from projects.plan.models import Project
from projects.work.models import Lease
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests import people
from tests.calibration import made
from tests.calibration.acts import a_day_passes, answer_until_decided, failed, passed, retake
from tests.pages.conftest import browser_of

Deliver = Callable[[], int]


@pytest.mark.slow
def test_the_second_attempt_has_other_items_and_begins_after_the_wait(
    asking: Project, deliver: Deliver
) -> None:
    opened = made.open_round(asking, wait_hours=0)
    annotator = failed(asking, deliver)
    assert annotator.lease() is None, "until they ask for it"
    retake(annotator)
    retake(annotator)  # asking twice is asking once
    attempt = answer_until_decided(annotator, made.right, deliver)
    assert (attempt.number, attempt.state, attempt.cause) == (2, "passed", "retake")
    assert made.state_of(annotator) == "active"
    with planes.in_workspace(asking.workspace_id):
        items = RoundItem.objects.filter(round=opened)
        first = set(items.filter(attempt=1).values_list("item", flat=True))
        assert not first & set(items.filter(attempt=2).values_list("item", flat=True))
        marked = Mark.objects.filter(attempt=attempt).values_list("item", flat=True)
        assert not first & set(marked)


@pytest.mark.slow
def test_nobody_retakes_before_the_wait_or_a_third_time(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking, wait_hours=1)
    annotator = failed(asking, deliver)
    with pytest.raises(Refused, match="waiting time"):
        retake(annotator)
    a_day_passes()
    retake(annotator)
    assert answer_until_decided(annotator, made.wrong, deliver).state == "failed"
    a_day_passes()
    with pytest.raises(Refused, match="No round is open to you"):
        retake(annotator)
    assert made.state_of(annotator) == "calibrating", "no rule ends anybody"


def test_who_passed_needs_no_second_attempt(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking)
    annotator = passed(asking, deliver)
    with pytest.raises(Refused, match="need no second"):
        retake(annotator)


def test_closing_the_round_decides_whom_it_can(asking: Project, deliver: Deliver) -> None:
    """With 20 judged answers by the likelier side, with fewer not at all. The rule is slow: nobody is done before."""
    made.make_pool(asking, 40, first=500)
    opened = made.open_round(asking, items=40, wrong_pass=0.001, wrong_fail=0.001)
    many, few = made.make_annotators(asking, 2)
    made.answer(many, made.right, most=20)
    made.answer(few, made.right, most=5)
    deliver()
    assert made.attempt_of(many).state == "running"
    with planes.in_workspace(asking.workspace_id):
        rounds.close_round(of=opened, actor_id=None)
    deliver()
    assert made.attempt_of(many).state == "passed"
    assert (made.attempt_of(few).state, made.attempt_of(few).seen) == ("left", 5)
    shown = browser_of(few.user).get(f"/work/{few.enrollment.pk}/").content.decode()
    assert "You wait for another round" in shown and "has not begun" not in shown
    assert "The round was closed. 5 of your answers could be judged" in shown
    with planes.in_workspace(asking.workspace_id):
        assert not Clearance.objects.exclude(batch=None).exists()


def test_closing_a_batch_waits_for_the_answer_that_is_being_given(
    asking: Project, deliver: Deliver
) -> None:
    opened = made.open_round(asking)
    annotator = people.make_annotator(asking, "Ada")
    lease: Any = annotator.lease()
    with planes.in_workspace(asking.workspace_id):
        batches.close_batch(batch=opened.batch, actor_id=None)
    deliver()
    assert made.attempt_of(annotator).state == "running"
    assert annotator.submit(lease, made.right(lease)).status_code == 201
    deliver()
    attempt = made.attempt_of(annotator)
    assert (attempt.state, attempt.seen) == ("left", 1)


def test_items_returned_beyond_a_tenth_are_misses(asking: Project, deliver: Deliver) -> None:
    """2 of 20 items may be returned. Each further one is a miss, so five right answers do not pass the attempt."""
    made.open_round(asking)
    annotator = people.make_annotator(asking, "Ada")
    made.answer(annotator, made.right, most=5)
    deliver()
    returned = 0
    while made.attempt_of(annotator).state == "running" and give_back(annotator):
        returned += 1
        with planes.as_system(asking.workspace_id):
            sweeping.decide_over()
    attempt = made.attempt_of(annotator)
    assert (attempt.state, attempt.seen, attempt.hits, returned) == ("failed", 5, 5, 8)
    assert "2 items may be returned; 6 more were" in attempt.why


def test_a_tenth_may_be_returned(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking)
    annotator = people.make_annotator(asking, "Ada")
    assert give_back(annotator) and give_back(annotator)
    attempt = answer_until_decided(annotator, made.right, deliver)
    assert (attempt.state, attempt.seen) == ("passed", 11)
    assert "returned" not in attempt.why


def give_back(annotator: people.Annotator) -> bool:
    """Return the next item. Tells whether there was one."""
    lease = annotator.lease()
    if lease is None:
        return False
    path = f"/api/v1/desk/leases/{lease['id']}/return/"
    assert annotator.client.post(path, {"reason": "unclear"}).status_code == 204
    return True


def test_an_attempt_whose_items_nobody_can_get_is_ended(asking: Project, deliver: Deliver) -> None:
    opened = made.open_round(asking)
    annotator = people.make_annotator(asking, "Ada")
    made.answer(annotator, made.right, most=5)
    take_open_slots(opened.batch_id)
    deliver()
    with planes.as_system(asking.workspace_id):
        sweeping.decide_over()
    attempt = made.attempt_of(annotator)
    assert (attempt.state, attempt.seen) == ("left", 5)
    assert "5 of your answers could be judged, and a verdict needs 18" in attempt.why
    retake(annotator)
    again = answer_until_decided(annotator, made.right, deliver)
    assert (again.number, again.state) == (2, "passed")


#: A rule that decides nobody before the items run out.
SLOW: dict[str, Any] = {"wrong_pass": 0.001, "wrong_fail": 0.001, "pass_at": 0.85, "fail_at": 0.6}


@pytest.mark.parametrize(
    ("returned", "missed", "state"), [(1, 2, "passed"), (2, 4, "passed"), (2, 6, "failed")]
)
@pytest.mark.slow
def test_the_likelier_side_decides_without_the_free_returns(
    asking: Project, deliver: Deliver, returned: int, missed: int, state: str
) -> None:
    """In a round of 20, that is with the 18 or 19 that were answered."""
    made.open_round(asking, **SLOW)
    annotator = people.make_annotator(asking, "Ada")
    for _ in range(returned):
        give_back(annotator)
    made.answer(annotator, made.wrong, most=missed)
    made.answer(annotator, made.right)
    deliver()
    attempt = made.attempt_of(annotator)
    assert (attempt.state, attempt.seen) == (state, made.ITEMS - returned)
    side = "for" if state == "passed" else "against"
    assert f"About 85 % is asked for, and these answers speak {side} it." in attempt.why


def take_open_slots(batch_id: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_work_slot DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE projects_work_slot SET state = 'cancelled' WHERE batch_id = %s AND state = 'open'",
            [batch_id],
        )
        cursor.execute("ALTER TABLE projects_work_slot ENABLE TRIGGER USER")


@pytest.mark.parametrize("state", ["paused", "ended"])
def test_who_is_stopped_leaves_the_attempt(asking: Project, deliver: Deliver, state: str) -> None:
    made.open_round(asking)
    annotator = people.make_annotator(asking, "Ada")
    annotator.lease()
    stop = people.pause if state == "paused" else people.end
    stop(annotator.enrollment)
    attempt = made.attempt_of(annotator)
    assert attempt.state == "left"
    assert state in attempt.why


def test_a_category_fails_only_below_its_floor_with_its_whole_interval(
    asking: Project, deliver: Deliver
) -> None:
    """Rules R1 and R2 alternate; who misses all of R2 and nothing else would pass by the score alone."""
    made.make_pool(asking, 60, rules=("R1", "R1", "R1", "R1", "R1", "R2"), first=500)
    settings = {"items": 45, "fail_at": 0.6, "category_floor": 0.5, "wrong_fail": 0.01}
    made.open_round(asking, wrong_pass=0.01, **settings)
    annotator = people.make_annotator(asking, "Ada")
    with planes.in_workspace(asking.workspace_id):
        keys = Key.objects.filter(rule="R2").select_related("item")
        of_r2 = {key.item.prompt[0]["content"] for key in keys}

    def by(lease: dict[str, Any]) -> int:
        return made.wrong(lease) if lease["prompt"][0]["content"] in of_r2 else made.right(lease)

    made.answer(annotator, by)
    deliver()
    attempt = made.attempt_of(annotator)
    with planes.in_workspace(asking.workspace_id):
        missed = Mark.objects.filter(attempt=attempt, counted=True, rule="R2").count()
    expected = "failed" if missed >= 4 else "passed"
    assert (attempt.state, "R2" in attempt.why) == (expected, expected == "failed")


def test_who_is_left_by_a_close_begins_in_another_round(asking: Project, deliver: Deliver) -> None:
    opened = made.open_round(asking)
    annotator = people.make_annotator(asking, "Ada")
    made.answer(annotator, made.right, most=2)
    deliver()
    made.make_pool(asking, 2 * made.ITEMS, first=1000)
    other = made.open_round(asking)
    with planes.in_workspace(asking.workspace_id):
        rounds.close_round(of=opened, actor_id=None)
    deliver()
    attempt = made.attempt_of(annotator)
    assert (attempt.round_id, attempt.state, attempt.cause) == (other.pk, "running", "joined")


def test_who_waits_begins_by_the_sweep(asking: Project) -> None:
    """Paused while the round was opened, and not any more."""
    annotator = people.make_annotator(asking, "Ada")
    people.pause(annotator.enrollment)
    made.open_round(asking)
    people.resume(annotator.enrollment)
    assert annotator.lease() is None
    tasks.sweep()
    assert made.attempt_of(annotator).state == "running"
    assert annotator.lease() is not None


def test_who_failed_is_not_begun_by_the_sweep(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking, wait_hours=0)
    annotator = failed(asking, deliver)
    made.make_pool(asking, 2 * made.ITEMS, first=1000)
    tasks.sweep()
    assert made.attempt_of(annotator).state == "failed"


def test_everybody_begins_at_an_item_of_their_own_and_gets_all(asking: Project) -> None:
    """Without a wait where the queue begins anew."""
    opened = made.open_round(asking)
    annotators = made.make_annotators(asking, 6)
    first: Any = [annotator.lease() for annotator in annotators]
    assert len({lease["prompt"][0]["content"] for lease in first}) > 1
    for annotator in annotators[:2]:
        assert made.answer(annotator, made.right) == made.ITEMS
    with planes.in_workspace(asking.workspace_id):
        starts = RoundItem.objects.filter(round=opened, attempt=1, is_start=True).values("item")
        begun = Lease.objects.filter(enrollment__in=[one.enrollment.pk for one in annotators])
        first_of = begun.order_by("enrollment", "leased_at").distinct("enrollment")
        assert {lease.item_id for lease in first_of} <= {row["item"] for row in starts}
