"""Idle attempts at the same moment as leases, and as others who want their seats."""

import threading
from functools import partial

import pytest

from projects.calibration.models import Attempt
from projects.calibration.services import attempts, sweeping
from projects.enrollment import services as enrollment
from projects.enrollment.models import Enrollment
from projects.work.services import queue
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from tests import databases, people
from tests.calibration import made
from tests.calibration.acts import days_pass, retake
from tests.calibration.racing import Asking
from tests.calibration.racing import race as race
from tests.concurrency.races import at_once, holding, slowly

pytestmark = pytest.mark.concurrency


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
