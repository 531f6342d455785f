"""Two workers, two tabs and two requests at once: nothing is counted twice, begun twice or decided twice."""

import threading
from functools import partial
from typing import Any

import pytest

from billing.funding import rounds as funding
from projects.calibration.models import Attempt, Mark, Round
from projects.calibration.services import attempts
from projects.enrollment import services as enrollment
from projects.enrollment.models import Enrollment
from projects.plan import services as plan
from projects.work.models import Annotation, Lease, Slot
from projects.work.services import queue
from rlhfhub.tenancy import audit, planes
from rlhfhub.tenancy.models import User
from tests import people
from tests.calibration import made
from tests.calibration.racing import Asking
from tests.calibration.racing import race as race
from tests.calibration.racing import site as site
from tests.concurrency.races import at_once, holding, slowly
from tests.factories import make_project
from tests.people import Annotator

pytestmark = pytest.mark.concurrency


def test_two_workers_mark_one_attempt(race: Asking, site: None) -> None:
    """Overlapping events, in any order: every answer is marked once, and the attempt counts its marks."""
    made.open_round(race.project)
    annotator = people.make_annotator(race.project, "Ada")
    made.answer(annotator, made.right)
    ids = race.answers()
    spans = (ids[:14], ids[6:], ids[::2], ids[::-1])
    counts = at_once(*(partial(race.mark, span) for span in spans))
    assert sum(counts) == len(ids), counts
    attempt = made.attempt_of(annotator)
    assert (attempt.state, attempt.seen, attempt.hits) == ("passed", 11, 11)
    with planes.in_workspace(race.tenant.pk):
        assert list(Mark.objects.order_by("position").values_list("position", flat=True)) == list(
            range(1, len(ids) + 1)
        )


def test_the_verdict_and_a_lease_meet(race: Asking, site: None) -> None:
    """Whichever is first: no lease outside the clearance, and none is left that cannot be answered."""
    made.open_round(race.project)
    for number in range(4):
        annotator = people.make_annotator(race.project, f"Racer {number}")
        made.answer(annotator, made.right, most=11)
        mine = _answers_of(race, annotator)
        counts = at_once(partial(race.mark, mine), annotator.lease)
        assert counts[0] == 11, counts
        assert not isinstance(counts[1], Exception), counts
        assert made.attempt_of(annotator).state == "passed"
        lease = annotator.lease()
        if lease:  # held at the verdict
            assert annotator.submit(lease, 0).status_code == 201


def _answers_of(race: Asking, annotator: Annotator) -> list[Any]:
    with planes.in_workspace(race.tenant.pk):
        mine = Annotation.objects.filter(enrollment=annotator.enrollment.pk)
        return list(mine.values_list("pk", flat=True))


def test_accepting_and_opening_at_once_begins_once(race: Asking, site: None) -> None:
    waiting = people.make_annotator(race.project, "Ada")
    drawn = made.make_round(race.project)

    def open_it() -> Any:
        with planes.in_workspace(race.tenant.pk):
            return funding.fund_and_open(of=drawn, actor_id=None)

    def accept() -> None:
        row = waiting.enrollment
        with planes.at_desk(waiting.user.pk, row.workspace_id, row.project_id):
            attempts.begin_attempt(row.pk)

    outcomes = at_once(open_it, accept, accept, open_it)
    assert not [one for one in outcomes if isinstance(one, Exception)], outcomes
    with planes.in_workspace(race.tenant.pk):
        assert Attempt.objects.count() == 1
        assert Round.objects.get().state == "open"
        assert Slot.objects.count() == made.ITEMS * (6 + 3)


@pytest.mark.parametrize("first", ["accepting", "switching"])
def test_calibration_is_switched_on_while_somebody_accepts(
    site: None, race: Asking, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """Who is first holds what they have done for a moment, so that the other does not see it yet."""
    project = make_project(race.tenant)
    user, begun = people.make_user("Ada"), threading.Event()
    with planes.at_desk(user.pk, race.tenant.pk, project.pk):
        enrollment.enroll(project=project, annotator_id=user.pk)

    def accept() -> str:
        assert first == "accepting" or begun.wait(30)
        with planes.at_desk(user.pk, race.tenant.pk, project.pk):
            mine = Enrollment.objects.select_related("project").get(annotator_id=user.pk)
            return enrollment.accept_guideline(enrollment=mine, number=1, attested=True).state

    def switch_on() -> str:
        assert first == "switching" or begun.wait(30)
        with planes.in_workspace(race.tenant.pk):
            return plan.change_calibration(
                project=project, calibration="required", recalibrate_days=None, actor_id=None
            ).calibration

    if first == "accepting":
        monkeypatch.setattr(enrollment, "must_attest", holding(enrollment.must_attest, begun))
    else:
        monkeypatch.setattr(audit, "note", holding(audit.note, begun))
    state = "active" if first == "accepting" else "calibrating"
    assert at_once(accept, switch_on) == [state, "required"]


def test_the_last_seat_is_taken_once(
    race: Asking, site: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six accept the guidelines at once, and the round has two seats."""
    made.open_round(race.project, seats=2, needed=1)
    joined = [people.make_user(f"Racer {number}") for number in range(6)]
    for user in joined:
        with planes.at_desk(user.pk, race.tenant.pk, race.project.pk):
            enrollment.enroll(project=race.project, annotator_id=user.pk)
    # They hold what they have done for a moment, so that nobody sees it yet.
    monkeypatch.setattr(attempts, "_call", slowly(attempts._call))

    def accept(user: User) -> str:
        with planes.at_desk(user.pk, race.tenant.pk, race.project.pk):
            mine = Enrollment.objects.select_related("project").get(annotator_id=user.pk)
            return enrollment.accept_guideline(enrollment=mine, number=1).state

    assert at_once(*(partial(accept, user) for user in joined)) == ["calibrating"] * 6
    with planes.in_workspace(race.tenant.pk):
        assert Attempt.objects.count() == 2


def test_retaking_twice_at_once_is_once(race: Asking, site: None) -> None:
    made.open_round(race.project, wait_hours=0)
    annotator = people.make_annotator(race.project, "Ben")
    made.answer(annotator, made.wrong, most=8)
    race.mark(race.answers())
    assert made.attempt_of(annotator).state == "failed"

    def retake() -> None:
        row = annotator.enrollment
        with planes.at_desk(annotator.user.pk, row.workspace_id, row.project_id):
            attempts.retake(enrollment_id=row.pk)

    outcomes = at_once(retake, retake, retake)
    assert outcomes == [None] * 3
    with planes.in_workspace(race.tenant.pk):
        assert Attempt.objects.filter(number=2).count() == 1


def test_closing_meets_marking_and_a_lease(race: Asking, site: None) -> None:
    """The attempt is decided once, by whichever comes last; the answer being given is not lost."""
    opened = made.open_round(race.project)
    annotator = people.make_annotator(race.project, "Ada")
    made.answer(annotator, made.right, most=9)
    ids = race.answers()

    outcomes = at_once(
        partial(race.close, opened), partial(race.mark, ids), annotator.lease, race.sweep
    )
    assert not [one for one in outcomes if isinstance(one, Exception)], outcomes
    with planes.in_workspace(race.tenant.pk):
        held = Lease.objects.filter(ended_at=None).exists()
    if held:
        lease = annotator.lease()
        assert lease and annotator.submit(lease, made.right(lease)).status_code == 201
        race.mark(race.answers())
    race.sweep()
    attempt = made.attempt_of(annotator)
    assert attempt.state == "left"
    assert attempt.seen == len(race.answers())


def test_a_round_is_closed_while_a_lease_is_taken(
    race: Asking, site: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else sees the lease yet when the round closes. Its answer still counts in the attempt."""
    opened = made.open_round(race.project)
    annotator = people.make_annotator(race.project, "Ada")
    made.answer(annotator, made.right, most=9)
    race.mark(race.answers())
    taken = threading.Event()

    def close_and_sweep() -> int:
        assert taken.wait(30)
        race.close(opened)
        return race.sweep()

    monkeypatch.setattr(queue, "take_next", holding(queue.take_next, taken))
    lease, decided = at_once(annotator.lease, close_and_sweep)
    assert (isinstance(lease, dict), decided) == (True, 0)
    assert annotator.submit(lease, made.right(lease)).status_code == 201
    race.mark(race.answers())
    attempt = made.attempt_of(annotator)
    assert (attempt.state, attempt.seen) == ("left", 10)


def test_a_pause_meets_the_verdict(race: Asking, site: None) -> None:
    """Both lock the enrollment before its attempt: neither waits for the other in a circle."""
    made.open_round(race.project)
    for number in range(4):
        annotator = people.make_annotator(race.project, f"Racer {number}")
        made.answer(annotator, made.right, most=11)
        mine = _answers_of(race, annotator)
        outcomes = at_once(partial(race.mark, mine), partial(people.pause, annotator.enrollment))
        assert not [one for one in outcomes if isinstance(one, Exception)], outcomes
        assert made.state_of(annotator) == "paused"
        assert made.attempt_of(annotator).state in ("passed", "left")
