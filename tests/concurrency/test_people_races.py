"""People come and go in the very moment they are at work: one of the two, never both."""

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from projects.enrollment import selectors
from projects.enrollment import services as enrollment
from projects.enrollment.models import Enrollment
from projects.enrollment.states import services as states
from projects.plan.models import Project
from projects.work.services import leasing
from rlhfhub.tenancy import planes, services
from rlhfhub.tenancy.models import Membership
from tests import people
from tests.concurrency.conftest import Race
from tests.concurrency.races import at_once, slowly
from tests.concurrency.test_desk_races import request_lease
from tests.factories import make_batch, make_project
from tests.people import Annotator

pytestmark = pytest.mark.concurrency
ROUNDS = 8


def come_back(annotator: Annotator) -> None:
    row = annotator.enrollment
    with planes.at_desk(row.annotator_id, row.workspace_id, row.project_id):
        mine = Enrollment.objects.select_related("project").get(pk=row.pk)
        states.rejoin(enrollment=mine)
        enrollment.accept_guideline(enrollment=mine, number=1)


def test_leaving_and_a_submit(race: Race, site: None, as_owner: Any) -> None:
    """An acknowledged answer stays; what was not acknowledged leaves the slot to others."""
    race.batch(ROUNDS)
    one, outcomes = race.annotators[0], set()
    for _ in range(ROUNDS):
        lease = one.lease()
        assert lease
        answer, left = at_once(partial(one.submit, lease), partial(people.leave, one.enrollment))
        assert left.reason == "left", left
        row = as_owner(
            "SELECT l.ended_as, s.state FROM projects_work_lease l"
            " JOIN projects_work_slot s ON s.id = l.slot_id WHERE l.id = %s",
            lease["id"],
        )
        assert (answer.status_code, row) in [
            (201, [("submitted", "filled")]),
            (409, [("returned", "open")]),
        ]
        outcomes.add(answer.status_code)
        come_back(one)
    (stored,) = as_owner("SELECT count(*) FROM projects_work_annotation")
    assert stored[0] <= ROUNDS
    assert outcomes


def send_away(race: Race, annotator: Annotator) -> None:
    with planes.in_workspace(race.tenant.pk):
        membership = Membership.objects.get(user=annotator.user)
        services.remove_member(membership=membership, by=race.tenant.owner)


def test_a_removal_and_a_submit(race: Race, as_owner: Any) -> None:
    """The request may be authenticated before the key ends: then the answer counts, or the lease has ended."""
    project = make_project(race.tenant, access="members", overlap=1)
    make_batch(project, ROUNDS, first=1000)
    for _ in range(ROUNDS):
        one = people.make_annotator(project)
        lease = one.lease()
        assert lease
        answer, _ = at_once(partial(one.submit, lease), partial(send_away, race, one))
        row = as_owner(
            "SELECT l.ended_as, count(a.id) FROM projects_work_lease l"
            " LEFT JOIN projects_work_annotation a ON a.lease_id = l.id WHERE l.id = %s GROUP BY 1",
            lease["id"],
        )
        expected = ("submitted", 1) if answer.status_code == 201 else ("revoked", 0)
        assert row == [expected], answer.content
        assert answer.status_code in {201, 401, 409}


@pytest.fixture
def leasing_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leasing, "show", slowly(leasing.show))


@pytest.mark.parametrize(
    ("stop", "ended_as"), [(people.leave, "returned"), (people.pause, None), (people.end, None)]
)
def test_whoever_stops_waits_for_a_lease_in_the_making(
    race: Race,
    site: None,
    as_owner: Any,
    leasing_takes_long: None,
    stop: Callable[[Enrollment], Any],
    ended_as: str | None,
) -> None:
    """Leaving returns the lease that it could not see yet. After a pause and an end it goes on, and is the last."""
    race.batch(2)
    one = race.annotators[0]

    def stop_a_little_later() -> None:
        time.sleep(0.15)
        stop(one.enrollment)

    answer, stopped = at_once(partial(request_lease, one), stop_a_little_later)
    assert (answer.status_code, stopped) == (200, None)
    assert as_owner("SELECT ended_as FROM projects_work_lease") == [(ended_as,)]
    if ended_as is None:
        assert one.submit(answer.json()).status_code == 201
    assert request_lease(one).status_code in {404, 409}


def _paused(one: Annotator) -> None:
    people.pause(one.enrollment)


def _sent_away(one: Annotator) -> None:
    Membership.objects.filter(user=one.user).delete()


@pytest.mark.parametrize("stop", [_paused, _sent_away])
def test_who_waited_while_they_were_stopped_gets_no_lease(
    race: Race, as_owner: Any, stop: Callable[[Annotator], None]
) -> None:
    """What the request read when it began was so no longer when it had waited."""
    project = make_project(race.tenant, access="members", overlap=1)
    make_batch(project, 2, first=1000)
    one = people.make_annotator(project)
    stopped = threading.Event()
    # A lease that a removal has to revoke makes it hold the lock for which the other waits.
    held = one.lease()
    assert held
    if stop is _paused:  # which revokes none: the lease would be given again
        assert one.submit(held).status_code == 201

    def stop_slowly() -> None:
        with planes.in_workspace(race.tenant.pk):
            stop(one)
            stopped.set()
            time.sleep(0.5)

    def ask_meanwhile() -> Any:
        assert stopped.wait(10)
        return request_lease(one)

    _, answer = at_once(stop_slowly, ask_meanwhile)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_active")
    assert as_owner("SELECT count(*) FROM projects_work_lease WHERE ended_at IS NULL") == [(0,)]
    assert (request_lease(one).status_code, request_lease(one).json()["code"]) == (
        409,
        "not_active",
    )


def test_enrolling_while_becoming_a_member(race: Race, site: None) -> None:
    """Joining a paid project and becoming a member exclude each other, whichever comes first."""
    for number in range(4):
        user = people.make_user(f"Both {number}")

        def enroll(user: Any = user) -> Any:
            with planes.at_desk(user.pk, race.tenant.pk, race.project.pk):
                project = Project.objects.get(pk=race.project.pk)
                return enrollment.enroll(project=project, annotator_id=user.pk)

        def join(user: Any = user) -> Any:
            with planes.in_workspace(race.tenant.pk):
                return Membership.objects.create(
                    workspace=race.tenant.workspace, user=user, role="viewer"
                )

        failed = [outcome for outcome in at_once(enroll, join) if isinstance(outcome, Exception)]
        assert len(failed) == 1


@pytest.fixture
def _one_tab_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """All requests start before the first has joined, and each looks up the project a little later."""
    joinable_project, pauses = selectors.joinable_project, iter([0.0, 0.2, 0.4, 0.6])

    def later(*of: Any) -> Any:
        time.sleep(next(pauses))
        return joinable_project(*of)

    monkeypatch.setattr(selectors, "joinable_project", later)


@pytest.mark.usefixtures("_one_tab_after_another")
def test_joining_in_several_tabs(race: Race, request: pytest.FixtureRequest) -> None:
    """All requests succeed and the user is enrolled once."""
    client = people.client_for(people.make_desk_key(race.tenant.workspace, people.make_user()))
    request.getfixturevalue("site")
    join = partial(client.post, "/api/v1/desk/enrollments/", {"project": str(race.project.pk)})
    answers = at_once(*[join] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1


@pytest.mark.usefixtures("_one_tab_after_another")
def test_joining_in_several_tabs_of_a_browser(race: Race, site: None) -> None:
    """The first is redirected to the guidelines, the others to the same desk."""
    user = people.make_user()
    tabs = []
    for _ in range(4):
        tabs.append(Client())
        with planes.at_door():
            tabs[-1].force_login(user)
    path = reverse("join", args=[race.project.pk])
    answers = at_once(*[partial(tab.post, path) for tab in tabs])
    assert [answer.status_code for answer in answers] == [303] * 4
    with planes.at_desk(user.pk, race.tenant.pk, race.project.pk):
        one = Enrollment.objects.get(annotator=user)
    desk, guideline = (reverse(name, args=[one.pk]) for name in ("desk", "guideline"))
    assert sorted(answer["Location"] for answer in answers) == sorted([guideline, *[desk] * 3])
