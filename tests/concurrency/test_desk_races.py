"""At the desk: two tabs, double submits, sweeps and closes at the same moment."""

import threading
import time
from functools import partial
from typing import Any

import pytest
from django.db import connection

from billing.funding import services as funding
from projects.items import services as batches
from projects.work.services import leasing, queue, slots
from rlhfhub.tenancy import planes
from tests import people
from tests.concurrency.conftest import Race
from tests.concurrency.races import at_once, meeting, slowly
from tests.linked import link
from tests.people import Annotator

pytestmark = pytest.mark.concurrency
ROUNDS = 12


def request_lease(annotator: Annotator) -> Any:
    return annotator.client.post(
        "/api/v1/desk/lease/", {"project": str(annotator.enrollment.project_id)}
    )


def test_two_tabs_lease_the_same(race: Race, site: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second request comes before the first's lease is committed: one lease is created, and both get it."""
    race.batch(5)
    monkeypatch.setattr(leasing, "show", slowly(leasing.show))
    first, second = at_once(*[lambda: request_lease(race.annotators[0])] * 2)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["id"] == second.json()["id"]
    assert first.json()["responses"] == second.json()["responses"]


def test_two_tabs_take_one_slot(race: Race, site: None, as_owner: Any) -> None:
    """Repeated many times without synchronization."""
    race.batch(ROUNDS)
    for _ in range(ROUNDS):
        answers = at_once(*[lambda: request_lease(race.annotators[0])] * 3)
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["id"] for answer in answers}) == 1
        race.annotators[0].submit(answers[0].json())
    assert as_owner("SELECT count(*) FROM projects_work_lease") == [(ROUNDS,)]


def test_the_last_slot_goes_to_one(race: Race, site: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four annotators, two slots of one item: two get a slot each, two get nothing, and none waits."""
    race.batch(1)
    monkeypatch.setattr(queue, "take_next", meeting(queue.take_next, 4))
    answers = at_once(*[partial(request_lease, annotator) for annotator in race.annotators])
    assert sorted(answer.status_code for answer in answers) == [200, 200, 204, 204]


def test_a_double_submit_is_stored_once(race: Race, site: None, as_owner: Any) -> None:
    race.batch(ROUNDS)
    one = race.annotators[0]
    for _ in range(ROUNDS):
        lease = one.lease()
        assert lease
        answers = at_once(*[partial(one.submit, lease)] * 3)
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
        refused = [answer.json()["code"] for answer in answers if answer.status_code == 409]
        assert refused == ["lease_ended"] * 2
    assert as_owner("SELECT count(*) FROM projects_work_annotation") == [(ROUNDS,)]


def test_submit_and_return_at_once(race: Race, site: None) -> None:
    """One request ends the lease; the other is refused because it has ended."""
    race.batch(ROUNDS)
    one = race.annotators[0]
    seen = set()
    for _ in range(ROUNDS):
        lease = one.lease()
        if lease is None:
            break
        path = f"/api/v1/desk/leases/{lease['id']}/return/"
        submitted, returned = at_once(
            partial(one.submit, lease), partial(one.client.post, path, {"reason": "unclear"})
        )
        outcome = (submitted.status_code, returned.status_code)
        assert outcome in {(201, 409), (409, 204)}
        seen.add(outcome)
    assert seen


def sweep() -> int:
    """Expire leases as the scheduler does, but without a grace."""
    with planes.as_system():
        return slots.expire_leases(grace_seconds=0)


def test_the_sweep_and_a_submit(race: Race, site: None, as_owner: Any) -> None:
    """In its grace a lease is either answered or swept, never both and never neither."""
    race.batch(ROUNDS)
    one, outcomes = race.annotators[0], set()
    for _ in range(ROUNDS):
        lease = one.lease()
        assert lease
        as_owner(
            "UPDATE projects_work_lease SET expires_at = now() - interval '1 second' WHERE id = %s",
            lease["id"],
        )
        answer, swept = at_once(partial(one.submit, lease), sweep)
        outcomes.add(answer.status_code)
        ended = as_owner("SELECT ended_as FROM projects_work_lease WHERE id = %s", lease["id"])
        assert (answer.status_code, swept, ended) in [
            (201, 0, [("submitted",)]),
            (409, 1, [("expired",)]),
        ]
    assert outcomes <= {201, 409}


def test_a_submit_that_waited_is_judged_by_the_clock_after_the_lock(
    race: Race, site: None, as_owner: Any, settings: Any
) -> None:
    """It came in time, waited for the lease's row, and got it when the time was over: too late."""
    race.batch(1)
    one = race.annotators[0]
    lease = one.lease()
    assert lease
    settings.LEASE_GRACE_SECONDS = 0
    as_owner(
        "UPDATE projects_work_lease SET expires_at = clock_timestamp() + interval '0.6 s' WHERE id = %s",
        lease["id"],
    )
    locked = threading.Event()

    def hold() -> None:
        with planes.as_system(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM projects_work_lease WHERE id = %s FOR UPDATE", [lease["id"]]
            )
            locked.set()
            time.sleep(1.0)

    def submit() -> Any:
        locked.wait(5)
        return one.submit(lease)

    _, answer = at_once(hold, submit)
    assert (answer.status_code, answer.json()["code"]) == (409, "lease_ended")
    assert as_owner("SELECT count(*) FROM projects_work_annotation") == [(0,)]


def test_closing_while_leasing(race: Race, site: None, as_owner: Any) -> None:
    """Live leases can be finished; no slot stays open, and the money of unfilled slots is refunded."""
    got = []
    for _ in range(6):
        batch = race.batch(2)

        def close(batch: Any = batch) -> None:
            with planes.in_workspace(race.tenant.pk):
                batches.close_batch(batch=batch, actor_id=None)

        *answers, closed = at_once(*[partial(request_lease, a) for a in race.annotators[:3]], close)
        assert closed is None
        with planes.in_workspace(race.tenant.pk):
            funding.release_unused(batch_id=batch.pk)
        for annotator, answer in zip(race.annotators, answers, strict=False):
            got.append(answer.status_code)
            if answer.status_code == 200:
                assert annotator.submit(answer.json()).status_code == 201
        left = as_owner(
            "SELECT DISTINCT state FROM projects_work_slot WHERE batch_id = %s", batch.pk
        )
        assert {state for (state,) in left} <= {"filled", "cancelled"}
    assert set(got) <= {200, 204}


def test_a_slot_behind_the_mark_is_found(race: Race, site: None, as_owner: Any) -> None:
    """A return takes its place in the queue; a later return commits first and raises the mark past the earlier one."""
    race.batch(2)
    first, second, third, newcomer = race.annotators
    leases = [one.lease() for one in (first, second, third, newcomer)]
    assert all(leases)
    assert newcomer.submit(leases[3]).status_code == 201
    assert third.submit(leases[2]).status_code == 201
    placed, raised = threading.Event(), threading.Event()

    def return_slowly() -> None:
        with (
            planes.at_desk(first.user.pk, race.tenant.pk, race.project.pk),
            connection.cursor() as cursor,
        ):
            cursor.execute(
                "UPDATE projects_work_lease SET ended_at = clock_timestamp(), ended_as = 'returned' WHERE id = %s",
                [leases[0]["id"]],
            )
            placed.set()
            assert raised.wait(10)

    def return_and_raise() -> None:
        assert placed.wait(10)
        path = f"/api/v1/desk/leases/{leases[1]['id']}/return/"
        assert second.client.post(path, {"reason": "technical"}).status_code == 204
        with planes.as_system():
            assert slots.raise_low_seqs() == 1
        raised.set()

    assert at_once(return_slowly, return_and_raise) == [None, None]
    behind = as_owner(
        "SELECT count(*) FROM projects_work_slot s JOIN projects_items_batch b ON b.id = s.batch_id"
        " WHERE s.state = 'open' AND s.seq < b.low_seq"
    )
    assert behind == [(1,)]
    assert _work_off(race) == 2
    assert as_owner("SELECT count(*) FROM projects_work_slot WHERE state = 'open'") == [(0,)]


def _work_off(race: Race) -> int:
    """Newcomers, who have no cursor yet, take what is left."""
    done = 0
    for number in range(2):
        fresh = people.make_annotator(race.project, f"Newcomer {number}")
        while lease := fresh.lease():
            assert fresh.submit(lease).status_code == 201
            done += 1
    return done


def test_linked_accounts_lease_at_once(
    race: Race, request: pytest.FixtureRequest, as_owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each sees what the other is just leasing: one of the two gets the item, though it has a slot for both."""
    race.batch(1)
    one, two = race.annotators[:2]
    link(one.user, two.user)  # staff are made by the owner's login
    request.getfixturevalue("site")
    monkeypatch.setattr(leasing, "show", slowly(leasing.show))
    answers = at_once(*[partial(request_lease, who) for who in (one, two)])
    assert sorted(answer.status_code for answer in answers) == [200, 204]
    leased = as_owner("SELECT count(DISTINCT annotator_id), count(*) FROM projects_work_lease")
    assert leased == [(1, 1)]
