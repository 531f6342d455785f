"""Annotators are told of attempts that began without their asking, and of each verdict with when they may retake."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from projects.calibration import services
from projects.calibration.models import Attempt
from projects.calibration.services import attempts, rounds, sweeping, verdicts
from projects.plan.models import Project
from rlhfhub.notices.models import Notice
from rlhfhub.tenancy import planes
from tests import people
from tests.calibration import made
from tests.calibration.acts import answer_until_decided, days_pass, passed, retake
from tests.notices.told import notices

Deliver = Callable[[], int]


def told(annotator: people.Annotator) -> list[Notice]:
    """Return what the annotator was told about calibration, oldest first."""
    return [one for one in notices(annotator.user) if one.topic == "rounds"]


def test_a_verdict_is_told_once_with_when_one_may_retake(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking, wait_hours=24)
    good, bad = made.make_annotators(asking, 2)
    assert told(good) == [], "who joins and begins is at the desk"
    answer_until_decided(good, made.right, deliver)
    attempt = answer_until_decided(bad, made.wrong, deliver)
    deliver()
    (one,) = told(good)
    assert (one.kind, one.data["state"], one.data["retake_at"]) == (
        "calibration.ended",
        "passed",
        None,
    )
    assert one.data["enrollment_id"] == str(good.enrollment.pk)
    (other,) = told(bad)
    assert attempt.decided_at
    retake_at = (attempt.decided_at + timedelta(hours=24)).isoformat()
    assert (other.data["state"], other.data["retake_at"]) == ("failed", retake_at)


def test_a_recalibration_is_told_with_its_cause(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking)
    annotator = passed(asking, deliver)
    with planes.in_workspace(asking.workspace_id):
        services.recalibrate(enrollment_id=annotator.enrollment.pk, why="It drifts.")
    assert [(one.kind, one.data.get("cause")) for one in told(annotator)] == [
        ("calibration.ended", None),
        ("calibration.begun", "alert"),
    ]


def test_a_refused_recalibration_tells_nothing(asking: Project) -> None:
    annotator = people.make_annotator(asking)
    with planes.in_workspace(asking.workspace_id), pytest.raises(Exception, match="Only an active"):
        services.recalibrate(enrollment_id=annotator.enrollment.pk, why="It drifts.")
    assert told(annotator) == []


def test_who_waited_is_told_that_it_begins(asking: Project) -> None:
    annotator = people.make_annotator(asking)
    assert told(annotator) == []
    made.open_round(asking)
    (one,) = told(annotator)
    assert (one.kind, one.data["cause"]) == ("calibration.begun", "joined")
    with planes.as_system(asking.workspace_id):
        assert attempts.begin_waiting(most=9) == 0
    assert len(told(annotator)) == 1


def test_who_was_idle_is_told(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking, idle_days=7)
    annotator = people.make_annotator(asking)
    days_pass(8)
    with planes.as_system(asking.workspace_id):
        assert sweeping.leave_idle() == 1
    (one,) = told(annotator)
    assert (one.data["state"], one.data["was_idle"]) == (Attempt.State.LEFT, True)


def test_the_verdict_is_told_after_an_idle_end(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking, idle_days=7)
    annotator = people.make_annotator(asking)
    days_pass(8)
    with planes.as_system(asking.workspace_id):
        assert sweeping.leave_idle() == 1
    retake(annotator)
    assert answer_until_decided(annotator, made.right, deliver).state == "passed"
    deliver()
    assert [one.data["state"] for one in told(annotator)] == ["left", "passed"]


def test_a_recalibration_without_a_verdict_is_told(asking: Project, deliver: Deliver) -> None:
    opened = made.open_round(asking)
    annotator = passed(asking, deliver)
    with planes.in_workspace(asking.workspace_id):
        services.recalibrate(enrollment_id=annotator.enrollment.pk, why="It drifts.")
        rounds.close_round(of=opened, actor_id=None)
    deliver()
    last = told(annotator)[-1]
    assert (last.kind, last.data["state"], last.data["was_idle"]) == (
        "calibration.ended",
        "left",
        False,
    )


def test_who_has_just_begun_or_gone_on_is_not_left(asking: Project) -> None:
    """The sweeper read the idle attempt before its annotator went on, and got the lock after that."""
    made.open_round(asking, idle_days=7)
    annotator = people.make_annotator(asking)

    def leave() -> bool:
        with planes.as_system(asking.workspace_id), transaction.atomic():
            return verdicts.leave_idle(attempt=verdicts.locked(annotator.enrollment.pk).get())

    assert not leave()
    days_pass(8)
    assert leave()
    retake(annotator)
    assert not leave()
    assert made.attempt_of(annotator).state == "running"
