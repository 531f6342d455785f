"""Annotators join over REST, answer keyed items, and are passed or failed by the rule: the whole way."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection

from projects.calibration import tasks
from projects.calibration.models import Attempt, Mark, Round
from projects.calibration.rule import PassRule, check
from projects.calibration.services import marking, rounds
from projects.enrollment.models import Clearance
from projects.plan.models import Project
from projects.work.models import Annotation
from rlhfhub.events import debts
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests import people
from tests.calibration import made
from tests.factories import make_batch

Deliver = Callable[[], int]


def test_who_is_right_passes_and_works_on_the_data(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking)
    annotator = people.make_annotator(asking, "Ada")
    assert made.state_of(annotator) == "calibrating"
    answered = 0
    while made.state_of(annotator) == "calibrating" and made.answer(annotator, made.right, most=1):
        answered += 1
        deliver()
    attempt = made.attempt_of(annotator)
    assert (attempt.state, attempt.seen, attempt.hits) == ("passed", answered, answered)
    # ln 19 / ln(.85 / .65): the earliest that this rule can pass anybody.
    assert answered == 11
    assert made.state_of(annotator) == "active"
    make_batch(asking, 2)
    lease: Any = annotator.lease()
    assert lease["prompt"][0]["content"].startswith("Question")
    with planes.in_workspace(asking.workspace_id):
        assert {(c.phase, c.batch_id) for c in Clearance.objects.all()} == {
            ("main", None),
            ("calibration", None),
        }


def test_who_is_wrong_fails_and_gets_no_work(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking)
    annotator = people.make_annotator(asking, "Ben")
    for _ in range(made.ITEMS):
        if made.answer(annotator, made.wrong, most=1):
            deliver()
    attempt = made.attempt_of(annotator)
    assert (attempt.state, attempt.hits) == ("failed", 0)
    assert attempt.seen < 5
    assert made.state_of(annotator) == "calibrating"
    assert annotator.lease() is None
    assert "0 of" in attempt.why


def test_answers_after_the_verdict_are_paid_and_marked_and_not_counted(
    asking: Project, deliver: Deliver
) -> None:
    made.open_round(asking)
    annotator = people.make_annotator(asking, "Cleo")
    assert made.answer(annotator, made.right) == made.ITEMS
    deliver()
    attempt = made.attempt_of(annotator)
    assert (attempt.state, attempt.seen) == ("passed", 11)
    with planes.in_workspace(asking.workspace_id):
        marks = Mark.objects.order_by("position")
        assert [mark.counted for mark in marks] == [True] * 11 + [False] * (made.ITEMS - 11)
        assert all(mark.hit for mark in marks)
        answers = Annotation.objects.all()
        assert {(a.purpose, a.price_minor) for a in answers} == {("calibration", 25)}


def test_an_event_that_comes_twice_counts_once(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking)
    annotator = people.make_annotator(asking, "Dora")
    made.answer(annotator, made.right, most=3)
    deliver()
    with planes.as_system(asking.workspace_id):
        ids = list(Annotation.objects.values_list("pk", flat=True))
        assert marking.mark_answers(annotation_ids=ids) == 0
    assert made.attempt_of(annotator).seen == 3


def test_from_where_they_begin_all_meet_the_items_in_the_order_drawn(
    asking: Project, deliver: Deliver
) -> None:
    made.open_round(asking)
    seen: list[list[str]] = []
    for name in ("Ada", "Ben"):
        annotator = people.make_annotator(asking, name)
        prompts: list[str] = []
        with made.unpaused():
            for _ in range(made.ITEMS):
                lease: Any = annotator.lease()
                prompts.append(lease["prompt"][0]["content"])
                annotator.submit(lease, 0)
        seen.append(prompts)
    at = seen[1].index(seen[0][0])
    assert seen[0] == [*seen[1][at:], *seen[1][:at]]


def test_without_a_round_they_wait_and_begin_when_it_opens(
    asking: Project, deliver: Deliver
) -> None:
    annotator = people.make_annotator(asking, "Emil")
    assert made.state_of(annotator) == "calibrating"
    assert annotator.lease() is None
    with planes.in_workspace(asking.workspace_id):
        assert not Attempt.objects.exists()
    made.open_round(asking)
    assert annotator.lease() is not None
    assert made.attempt_of(annotator).cause == "joined"


def test_no_more_than_the_seats_take_part(asking: Project) -> None:
    first, second = made.make_annotators(asking, 2)
    made.open_round(asking, seats=1)
    assert first.lease() is not None
    assert second.lease() is None
    third = people.make_annotator(asking, "Late")
    assert third.lease() is None


def test_an_answer_whose_event_was_lost_is_marked_by_the_sweep(
    asking: Project, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debts, "SETTLED_SECONDS", -1)
    made.open_round(asking)
    annotator = people.make_annotator(asking, "Ada")
    made.answer(annotator, made.right, most=3)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM rlhfhub_events_event WHERE dispatched_at IS NULL")
    deliver()
    assert made.attempt_of(annotator).seen == 0
    debts.sweep()
    deliver()
    assert made.attempt_of(annotator).seen == 3
    debts.sweep()
    deliver()
    assert made.attempt_of(annotator).seen == 3


def test_what_was_closed_is_decided_although_its_event_was_lost(asking: Project) -> None:
    """By the task that runs every minute."""
    opened = made.open_round(asking)
    annotator = people.make_annotator(asking, "Ada")
    with planes.in_workspace(asking.workspace_id):
        rounds.close_round(of=opened, actor_id=None)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM rlhfhub_events_event WHERE dispatched_at IS NULL")
    tasks.sweep()
    assert made.attempt_of(annotator).state == "left"


def test_alpha_cannot_gate_on_one_pass(asking: Project) -> None:
    """Nobody agrees with themselves. It may warn."""
    with pytest.raises(Refused, match="at least 2 must pass"):
        check(PassRule(question="preference", needed=1, alpha_target=0.5, alpha_gates=True))
    check(PassRule(question="preference", needed=1, alpha_target=0.5))
    check(PassRule(question="preference", needed=2, alpha_target=0.5, alpha_gates=True))
    made.make_round(asking, needed=2, alpha_target=0.5, alpha_gates=True)
    with (
        planes.in_workspace(asking.workspace_id),
        pytest.raises(IntegrityError, match="alpha_needed"),
    ):
        one = Round.objects.get()
        one.pk, one.number, one.needed = None, 2, 1
        one.save(force_insert=True)
