"""Money and decisions: twins of every verb, at the same moment, have one effect."""

import json
import uuid
from functools import partial
from typing import Any

import pytest

from billing.funding import services as funding
from billing.ledger.models import Account, Journal
from billing.ledger.services import Overdrawn
from projects.enrollment import services as enrollment
from projects.exports import engine
from projects.exports import services as exports
from projects.exports.models import Export
from projects.items import services as batches
from projects.items.models import Batch, Item
from projects.plan.models import Project
from projects.quality.models import Consensus
from projects.review import services as review
from projects.work.models import Annotation, Slot
from rlhfhub.api.errors import Refused
from rlhfhub.events import dispatch
from rlhfhub.events.models import Delivery
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import Membership
from rlhfhub.tenancy.planes import Plane
from tests import factories, people
from tests.concurrency.conftest import Race
from tests.concurrency.races import at_once

pytestmark = pytest.mark.concurrency


def answer_all(race: Race, items: int) -> None:
    """Two annotators answer every item of a new batch."""
    race.batch(items)
    for annotator in race.annotators[:2]:
        for _ in range(items):
            lease = annotator.lease()
            assert lease
            assert annotator.submit(lease).status_code == 201


def waiting(race: Race) -> list[uuid.UUID]:
    with planes.in_workspace(race.tenant.pk):
        return list(Annotation.objects.filter(state="submitted").values_list("pk", flat=True))


def accept(race: Race, ids: list[uuid.UUID]) -> int:
    with planes.in_workspace(race.tenant.pk):
        return review.accept(annotation_ids=ids, reviewer_id=race.tenant.owner.pk)


def by_the_clock() -> int:
    with planes.as_system():
        return review.accept_due()


def accruals() -> int:
    with planes.as_system():
        return Journal.objects.filter(kind="accrual").count()


def test_two_deposits_under_one_reference(race: Race, site: None) -> None:
    def deposit() -> bool:
        with planes.entered(Plane.STAFF):
            return funding.deposit(
                workspace_id=race.tenant.pk,
                currency="USD",
                amount_minor=500,
                reference="twin",
                actor_id=race.tenant.owner.pk,
                note="",
            )

    before = _available(race)
    assert sorted(at_once(*[deposit] * 4)) == [False, False, False, True]
    assert _available(race) == before + 500


def _available(race: Race) -> int:
    with planes.in_workspace(race.tenant.pk):
        return Account.objects.get(kind="workspace_available").balance_minor


def test_first_deposits_of_a_workspace_open_one_account(race: Race, site: None) -> None:
    """Nobody waits for an account that somebody else is opening."""
    tenant = factories.make_workspace("Fresh", money=0)
    done = at_once(*[partial(factories.make_deposit, tenant.workspace, 100 + n) for n in range(4)])
    assert done == [None] * 4
    with planes.in_workspace(tenant.pk):
        assert Account.objects.get(kind="workspace_available").balance_minor == 406


def fund(race: Race, batch: Batch) -> Any:
    with planes.in_workspace(race.tenant.pk):
        return funding.start(batch=batch, actor_id=None)


def test_two_fundings_of_one_batch(race: Race, site: None) -> None:
    batch = race.batch(4, fund=False)
    before = _available(race)
    runs = at_once(*[lambda: fund(race, batch)] * 3)
    assert len({run.pk for run in runs}) == 1
    assert _available(race) == before - 4 * 2 * (25 + 5)


def test_chunks_of_one_run_by_several_workers(
    race: Race, site: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker and beat find the same run: every item gets its slots once."""
    monkeypatch.setattr(funding, "SMALL", 0)
    monkeypatch.setattr(funding, "CHUNK_ITEMS", 3)
    batch = race.batch(20, fund=False)
    run = fund(race, batch)

    def work() -> None:
        for _ in range(40):
            funding.continue_chunk(workspace_id=race.tenant.pk, funding_id=run.pk)

    assert at_once(*[work] * 3) == [None] * 3
    with planes.in_workspace(race.tenant.pk):
        run.refresh_from_db()
        assert (run.state, run.items_done, Slot.objects.count()) == ("done", 20, 40)


def test_half_a_funding_run_violates_nothing(
    race: Race, site: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The money is there, some slots are: the rest is accounted for (the invariants are checked afterwards)."""
    monkeypatch.setattr(funding, "SMALL", 0)
    monkeypatch.setattr(funding, "CHUNK_ITEMS", 3)
    run = fund(race, race.batch(7, fund=False))
    assert funding.continue_chunk(workspace_id=race.tenant.pk, funding_id=run.pk)
    with planes.in_workspace(race.tenant.pk):
        assert Slot.objects.count() == 6


def test_money_for_one_of_two_batches(race: Race, site: None) -> None:
    """The balance never falls below zero: one is funded, the other refused and nothing of it done."""
    tenant = factories.make_workspace("Poor", money=4 * 3 * (25 + 5) + 10)
    project = factories.make_project(tenant)
    first, second = (factories.make_batch(project, 4, fund=False, first=at) for at in (1, 5))

    def start(batch: Batch) -> Any:
        with planes.in_workspace(tenant.pk):
            return funding.start(batch=batch, actor_id=None).state

    outcomes = at_once(partial(start, first), partial(start, second))
    assert sorted(map(str, outcomes)) == sorted(["done", str(Overdrawn())])
    with planes.in_workspace(tenant.pk):
        assert sorted(Batch.objects.values_list("funding", flat=True)) == ["funded", "none"]
        assert Account.objects.get(kind="workspace_available").balance_minor == 10


def test_a_person_and_the_clock_accept(race: Race, site: None, as_owner: Any) -> None:
    answer_all(race, 6)
    as_owner("UPDATE projects_work_annotation SET decide_by = submitted_at")
    ids = waiting(race)
    mine, clocks, clocks_too = at_once(lambda: accept(race, ids), by_the_clock, by_the_clock)
    assert mine + clocks + clocks_too == 12
    assert at_once(dispatch.drain, dispatch.drain, dispatch.drain)
    assert accruals() == 12


def test_two_reviewers_tick_the_same(race: Race, site: None) -> None:
    answer_all(race, 4)
    ids = waiting(race)
    outcomes = at_once(*[lambda: accept(race, ids)] * 3, lambda: accept(race, list(reversed(ids))))
    assert sum(outcomes) == 8
    dispatch.drain()
    assert accruals() == 8


def test_several_dispatchers_book_once(race: Race, site: None) -> None:
    """Many small events, four at once: no accrual twice, none forgotten, no handler failed."""
    answer_all(race, 15)
    for one in waiting(race):
        accept(race, [one])
    at_once(*[lambda: _drain_by(3)] * 4)
    dispatch.drain()
    assert accruals() == 30
    with planes.as_system():
        assert Delivery.objects.count() == 0


def _drain_by(limit: int) -> None:
    while dispatch.dispatch_once(limit):
        pass


def test_one_event_delivered_twice_books_once(race: Race, site: None, as_owner: Any) -> None:
    """At least once means sometimes twice."""
    answer_all(race, 3)
    accept(race, waiting(race))
    dispatch.drain()
    for _ in range(2):
        as_owner("UPDATE rlhfhub_events_event SET dispatched_at = NULL")
        at_once(dispatch.drain, dispatch.drain)
    assert accruals() == 6


def test_consensus_counts_answers_that_came_together(race: Race, site: None) -> None:
    """Two dispatchers have an answer each of the same item: the kept votes have both."""
    race.batch(8)
    for _ in range(8):
        leases = [annotator.lease() for annotator in race.annotators[:2]]
        at_once(
            *[partial(a.submit, lease) for a, lease in zip(race.annotators, leases, strict=False)]
        )
        at_once(*[lambda: dispatch.dispatch_once(1)] * 2)
    dispatch.drain()
    with planes.in_workspace(race.tenant.pk):
        kept = {c.item_id: c.first + c.tie + c.second for c in Consensus.objects.all()}
    assert kept == dict.fromkeys(kept, 2)
    assert len(kept) == 8


def upload(race: Race, batch: Batch, first: int, **headers: str) -> Any:
    path = f"/api/v1/batches/{batch.pk}/items/"
    items = json.dumps(factories.make_items(30, first))
    return race.tenant.client.generic("POST", path, items, "application/json", **headers)


def test_one_upload_sent_twice(race: Race, site: None) -> None:
    """With an Idempotency-Key the twin gets the first one's receipt; without one it finds only duplicates."""
    batch = factories.make_batch(race.project, 0)
    key = {"HTTP_IDEMPOTENCY_KEY": "once"}
    answers = at_once(*[partial(upload, race, batch, 1, **key)] * 3)
    assert [answer.status_code for answer in answers] == [201] * 3
    receipts = [answer.json() for answer in answers]
    assert receipts == [receipts[0]] * 3
    plain = at_once(*[partial(upload, race, batch, 101)] * 2)
    assert sorted(answer.json()["created"] for answer in plain) == [0, 30]
    assert sorted(answer.json()["duplicates"] for answer in plain) == [0, 30]


def test_uploads_into_one_batch_keep_their_order(race: Race, site: None) -> None:
    batch = factories.make_batch(race.project, 0)
    answers = at_once(*[partial(upload, race, batch, 1000 * n) for n in (1, 2, 3)])
    assert [answer.json()["created"] for answer in answers] == [30, 30, 30]
    with planes.in_workspace(race.tenant.pk):
        places = sorted(Item.objects.filter(batch=batch).values_list("seq", flat=True))
    assert places == list(range(1, 91))


def test_importing_while_funding(race: Race, site: None) -> None:
    """What came in before is funded, what came after is refused; nothing stands in a funded batch without slots."""
    batch = race.batch(3, fund=False)
    answer, run = at_once(partial(upload, race, batch, 5000), lambda: fund(race, batch))
    assert answer.status_code in (201, 409)
    with planes.in_workspace(race.tenant.pk):
        items = Item.objects.filter(batch=batch).count()
        assert items == (33 if answer.status_code == 201 else 3)
        assert (run.items, Slot.objects.filter(batch=batch).count()) == (items, items * 2)


def test_enrolling_while_becoming_a_member(race: Race, site: None) -> None:
    """Nobody is paid by a workspace they are a member of, whichever comes first."""
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


def test_two_runs_of_one_export(race: Race, site: None) -> None:
    answer_all(race, 4)
    accept(race, waiting(race))
    with planes.in_workspace(race.tenant.pk):
        export = exports.request(project=race.project, actor_id=race.tenant.owner.pk)
    run = partial(engine.run, workspace_id=race.tenant.pk, export_id=export.pk)
    assert at_once(run, run, run) == [None] * 3
    with planes.in_workspace(race.tenant.pk):
        export = Export.objects.get(pk=export.pk)
    assert (export.state, export.attempts) == ("finished", 1)


def test_one_batch_opened_and_closed_by_several(race: Race, site: None, as_owner: Any) -> None:
    batch = race.batch(2, open=False)

    def act(verb: Any) -> Any:
        with planes.in_workspace(race.tenant.pk):
            return verb(batch=batch, actor_id=None).status

    outcomes = at_once(
        *[partial(act, batches.open_batch)] * 2, *[partial(act, batches.close_batch)] * 2
    )
    assert all(o in ("open", "closed") or isinstance(o, Refused) for o in outcomes), outcomes
    with planes.in_workspace(race.tenant.pk):
        while funding.release_unused(batch_id=batch.pk):
            pass
    closed = as_owner("SELECT count(*) FROM rlhfhub_events_event WHERE kind = 'items.batch_closed'")
    assert closed == [(1,)]


def test_releases_of_one_batch_give_the_money_back_once(race: Race, site: None) -> None:
    before = _available(race)
    batch = race.batch(5)
    with planes.in_workspace(race.tenant.pk):
        batches.close_batch(batch=batch, actor_id=None)

    def release() -> int:
        with planes.in_workspace(race.tenant.pk):
            return funding.release_unused(batch_id=batch.pk, limit=3)

    at_once(*[release] * 3)
    while release():
        pass
    assert _available(race) == before


def test_one_idempotency_key_at_once(race: Race, site: None, as_owner: Any) -> None:
    """The unique index serialises twins: one project, the same answer for all."""
    body = {"name": "Once", "template": "pairwise"}
    post = partial(race.tenant.client.post, "/api/v1/projects/", body, HTTP_IDEMPOTENCY_KEY="k")
    answers = at_once(*[post] * 4)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert as_owner("SELECT count(*) FROM projects_plan_project WHERE name = 'Once'") == [(1,)]
