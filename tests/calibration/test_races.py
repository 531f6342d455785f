"""Two workers, two tabs and two requests at once: nothing is counted twice, begun twice or decided twice."""

import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.db import connection

from billing.funding import rounds as funding
from projects.calibration.models import Attempt, Mark, Round
from projects.calibration.services import attempts, marking, rounds, sweeping
from projects.enrollment import services as enrollment
from projects.enrollment.models import Enrollment
from projects.plan import services as plan
from projects.work.models import Annotation, Lease, Slot
from projects.work.services import queue
from rlhfhub import invariants
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import audit, planes
from rlhfhub.tenancy.models import User
from tests import databases, people
from tests.calibration import made
from tests.calibration.acts import days_pass, retake
from tests.concurrency.races import at_once, holding, slowly
from tests.factories import make_project, make_workspace
from tests.people import Annotator

pytestmark = pytest.mark.concurrency


class Asking:
    """A committed project with an open round."""

    def __init__(self) -> None:
        self.tenant = make_workspace("Race")
        self.project = made.make_asking_project(self.tenant)
        made.make_pool(self.project, 2 * made.ITEMS)

    def answers(self) -> list[Any]:
        with planes.in_workspace(self.tenant.pk):
            return list(Annotation.objects.order_by("pk").values_list("pk", flat=True))

    def close(self, opened: Round) -> None:
        with planes.in_workspace(self.tenant.pk):
            rounds.close_round(of=opened, actor_id=None)

    def sweep(self) -> int:
        """Decide the attempts in which nothing is left. Returns how many."""
        with planes.as_system(self.tenant.pk):
            return sweeping.decide_over()

    def mark(self, ids: list[Any]) -> int:
        with planes.as_system(self.tenant.pk):
            return marking.mark_answers(annotation_ids=ids)


@pytest.fixture
def race(own_database: str) -> Iterator[Asking]:
    yield Asking()
    connection.close()
    assert invariants.sees_everything()
    assert [finding for finding in invariants.verify() if not finding.holds] == []


@pytest.fixture
def site(race: Asking) -> Iterator[None]:
    with databases.site_login():
        yield


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
        pk, mine = annotator.enrollment.pk, _answers_of(race, annotator)

        def pause(pk: Any = pk) -> None:
            with planes.in_workspace(race.tenant.pk):
                Enrollment.objects.filter(pk=pk).update(state="paused")

        outcomes = at_once(partial(race.mark, mine), pause)
        assert not [one for one in outcomes if isinstance(one, Exception)], outcomes
        assert made.state_of(annotator) == "paused"
        assert made.attempt_of(annotator).state in ("passed", "left")


def test_who_is_taking_an_item_is_not_idle(race: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else sees the lease yet when the sweep finds the attempt idle."""
    made.open_round(race.project)
    annotator = people.make_annotator(race.project, "Ada")
    days_pass(8)
    taken = threading.Event()

    def leave() -> int:
        assert taken.wait(30)
        with planes.as_system(race.tenant.pk):
            return sweeping.leave_idle()

    monkeypatch.setattr(queue, "take_next", holding(queue.take_next, taken))
    with databases.site_login():
        lease, left = at_once(annotator.lease, leave)
    assert (isinstance(lease, dict), left) == (True, 0)
    assert made.attempt_of(annotator).state == "running"


def test_a_freed_seat_is_taken_once(race: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four accept the guidelines, and who had the seat asks for it again, at once."""
    made.open_round(race.project, seats=1, needed=1)
    idle = people.make_annotator(race.project, "Idle")
    days_pass(8)
    with planes.as_system(race.tenant.pk):
        assert sweeping.leave_idle() == 1
    joined = [people.make_user(f"Racer {number}") for number in range(4)]
    for user in joined:
        with planes.at_desk(user.pk, race.tenant.pk, race.project.pk):
            enrollment.enroll(project=race.project, annotator_id=user.pk)
    monkeypatch.setattr(attempts, "_call", slowly(attempts._call))

    def accept(user: User) -> None:
        with planes.at_desk(user.pk, race.tenant.pk, race.project.pk):
            mine = Enrollment.objects.select_related("project").get(annotator_id=user.pk)
            enrollment.accept_guideline(enrollment=mine, number=1)

    with databases.site_login():
        outcomes = at_once(*(partial(accept, user) for user in joined), partial(retake, idle))
    assert outcomes[:4] == [None] * 4 and (outcomes[4] is None or isinstance(outcomes[4], Refused))
    with planes.in_workspace(race.tenant.pk):
        assert Attempt.objects.filter(state="running").count() == 1


def test_going_on_twice_at_once_is_once(race: Asking) -> None:
    made.open_round(race.project)
    idle = people.make_annotator(race.project, "Idle")
    days_pass(8)
    with planes.as_system(race.tenant.pk):
        assert sweeping.leave_idle() == 1
    with databases.site_login():
        assert at_once(*[partial(retake, idle)] * 3) == [None] * 3
    with planes.in_workspace(race.tenant.pk):
        assert [(one.number, one.state) for one in Attempt.objects.all()] == [(1, "running")]
