"""Money goes from the workspace's balance to annotators' accounts; what nobody earned is refunded."""

import uuid

import pytest

from billing.funding import services as funding
from billing.funding.models import Funding
from billing.funding.tasks import release_unused, resume
from billing.ledger.models import Account, Posting
from billing.ledger.services import Overdrawn
from projects.items import services as batches
from projects.items.models import Batch
from projects.plan.models import Project
from projects.review.models import Decision
from projects.review.services import accepting as review
from projects.review.tasks import accept_due
from projects.work.models import Annotation, Slot
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.planes import Plane
from tests import people
from tests.factories import MONEY, Tenant, make_batch, make_project, make_workspace
from tests.pages.conftest import browser_of
from tests.people import Annotator

COST = 30  # 25 to the annotator, 20 % of it to the platform


def balances(tenant: Tenant) -> dict[str, int]:
    with planes.in_workspace(tenant.pk):
        return dict(Account.objects.values_list("kind", "balance_minor"))


def test_slots_are_born_funded(workspace_a: Tenant, batch: Batch) -> None:
    assert balances(workspace_a) == {
        "workspace_available": MONEY - 15 * COST,
        "batch_budget": 15 * COST,
    }
    with planes.in_workspace(workspace_a.pk):
        assert {(s.price_minor, s.fee_minor, s.currency) for s in Slot.objects.all()} == {
            (25, 5, "USD")
        }


def test_funding_twice_is_funding_once(workspace_a: Tenant, batch: Batch) -> None:
    with planes.in_workspace(workspace_a.pk):
        run = funding.start(batch=batch, actor_id=None)
        assert run.state == "done"
        assert Funding.objects.count() == 1
    assert balances(workspace_a)["batch_budget"] == 15 * COST


def test_a_poor_workspace_is_refused_and_nothing_changes(database: None) -> None:
    tenant = make_workspace("Poor", money=10)
    batch = make_batch(make_project(tenant), 1, fund=False)
    with pytest.raises(Overdrawn), planes.in_workspace(tenant.pk):
        funding.start(batch=batch, actor_id=None)
    assert balances(tenant) == {"workspace_available": 10}
    with planes.in_workspace(tenant.pk):
        assert not Slot.objects.exists()
        assert Batch.objects.get().funding == "none"


def test_a_private_workforce_needs_no_money(database: None) -> None:
    tenant = make_workspace("Home", money=0)
    project = make_project(tenant, access="members")
    batch = make_batch(project, 2)
    member = people.make_annotator(project, "Member")
    while lease := member.lease():
        assert lease["price"]["amount_minor"] == 0
        assert member.submit(lease).status_code == 201
    with planes.in_workspace(tenant.pk):
        ids = list(Annotation.objects.filter(batch=batch).values_list("id", flat=True))
        assert review.accept(annotation_ids=ids, reviewer_id=tenant.owner.pk) == 2
    assert balances(tenant) == {}


def test_large_batches_are_funded_in_chunks_and_a_lost_run_is_resumed(
    workspace_a: Tenant, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(funding, "SMALL", 0)
    monkeypatch.setattr(funding, "CHUNK_ITEMS", 4)
    batch = make_batch(project, 10, fund=False)
    with planes.in_workspace(workspace_a.pk):
        run = funding.start(batch=batch, actor_id=None)
    assert funding.continue_chunk(workspace_id=workspace_a.pk, funding_id=run.pk) is True
    with planes.in_workspace(workspace_a.pk):
        run.refresh_from_db()
        assert (run.state, run.items_done, Slot.objects.count()) == ("running", 4, 12)
        with pytest.raises(Refused, match="Fund the batch"):
            batches.open_batch(batch=batch, actor_id=None)
    resume()
    with planes.in_workspace(workspace_a.pk):
        run.refresh_from_db()
        batch.refresh_from_db()
        assert (run.state, run.items_done, batch.funding, Slot.objects.count()) == (
            "done",
            10,
            "funded",
            30,
        )
    assert balances(workspace_a)["batch_budget"] == 30 * COST
    assert funding.continue_chunk(workspace_id=workspace_a.pk, funding_id=run.pk) is False


def test_a_draft_that_was_closed_is_not_funded(workspace_a: Tenant, project: Project) -> None:
    batch = make_batch(project, 2, fund=False)
    with planes.in_workspace(workspace_a.pk):
        batches.close_batch(batch=batch, actor_id=None)
        with pytest.raises(Refused, match="Only a draft batch can be funded"):
            funding.start(batch=batch, actor_id=None)


def test_an_open_batch_keeps_what_nobody_has_filled_yet(workspace_a: Tenant, batch: Batch) -> None:
    with planes.in_workspace(workspace_a.pk):
        assert funding.release_unused(batch_id=batch.pk) == 0
    assert balances(workspace_a)["batch_budget"] == 15 * COST


@pytest.mark.parametrize("amount", [0, -5])
def test_a_deposit_of_nothing_is_refused(workspace_a: Tenant, amount: int) -> None:
    person = uuid.uuid4()
    with (
        pytest.raises(Refused, match="amount_minor: must be more than 0"),
        planes.entered(Plane.STAFF, person=person),
    ):
        funding.deposit(
            workspace_id=workspace_a.pk,
            currency="USD",
            amount_minor=amount,
            reference="x",
            actor_id=person,
            note="",
        )
    assert balances(workspace_a) == {"workspace_available": MONEY}


def test_accepted_work_is_earned_once(
    workspace_a: Tenant, batch: Batch, annotators: list[Annotator], deliver
) -> None:  # type: ignore[no-untyped-def]
    ada = annotators[0]
    while lease := ada.lease():
        ada.submit(lease)
    with planes.in_workspace(workspace_a.pk):
        ids = list(Annotation.objects.values_list("id", flat=True))
        assert review.accept(annotation_ids=ids[:3], reviewer_id=workspace_a.owner.pk) == 3
        assert review.accept(annotation_ids=ids, reviewer_id=workspace_a.owner.pk) == 2
        assert review.accept(annotation_ids=ids, reviewer_id=workspace_a.owner.pk) == 0
    deliver()
    deliver()
    with planes.at_desk(ada.user.pk):
        assert Account.objects.get().balance_minor == 5 * 25
        assert Posting.objects.count() == 5
    assert balances(workspace_a)["batch_budget"] == 10 * COST


def test_the_clock_accepts_what_nobody_decided(
    workspace_a: Tenant, batch: Batch, annotators: list[Annotator]
) -> None:
    from django.db import connection

    lease = annotators[0].lease()
    annotators[0].submit(lease)
    accept_due()
    with planes.in_workspace(workspace_a.pk):
        assert not Decision.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_work_annotation DISABLE TRIGGER edge")
        cursor.execute(
            "UPDATE projects_work_annotation SET decide_by = now() - interval '1 second'"
        )
        cursor.execute("ALTER TABLE projects_work_annotation ENABLE TRIGGER edge")
    accept_due()
    with planes.in_workspace(workspace_a.pk):
        decision = Decision.objects.get()
        assert (decision.by, decision.reviewer_id) == ("clock", None)
        assert Annotation.objects.get().state == "accepted"


def test_nobody_accepts_their_own_work(database: None) -> None:
    tenant = make_workspace("Home", money=0)
    project = make_project(tenant, access="members")
    make_batch(project, 1)
    owner = people.make_annotator(project, user=tenant.owner)
    owner.submit(owner.lease())
    with planes.in_workspace(tenant.pk), pytest.raises(Refused, match="own work"):
        review.accept(
            annotation_ids=list(Annotation.objects.values_list("id", flat=True)),
            reviewer_id=tenant.owner.pk,
        )


def test_closing_gives_back_what_nobody_will_fill_and_pays_what_was_leased(
    workspace_a: Tenant,
    batch: Batch,
    annotators: list[Annotator],
    deliver,  # type: ignore[no-untyped-def]
) -> None:
    ada, ben, _ = annotators
    ada.submit(ada.lease())
    held = ben.lease()
    with planes.in_workspace(workspace_a.pk):
        batches.close_batch(batch=batch, actor_id=None)
    deliver()
    assert balances(workspace_a) == {
        "workspace_available": MONEY - 2 * COST,
        "batch_budget": 2 * COST,
    }
    assert ben.submit(held).status_code == 201
    release_unused()
    assert balances(workspace_a)["batch_budget"] == 2 * COST


def test_a_lease_that_runs_out_after_the_close_is_given_back_too(
    workspace_a: Tenant,
    batch: Batch,
    annotators: list[Annotator],
    deliver,  # type: ignore[no-untyped-def]
) -> None:
    from tests.work.test_queue import sweep

    held = annotators[0].lease()
    with planes.in_workspace(workspace_a.pk):
        batches.close_batch(batch=batch, actor_id=None)
    deliver()
    people.age(held, 120)
    sweep()
    release_unused()
    assert balances(workspace_a) == {"workspace_available": MONEY, "batch_budget": 0}


def test_a_large_run_delays_another_by_a_chunk_and_a_broken_one_by_nothing(
    workspace_a: Tenant,
    workspace_b: Tenant,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(funding, "SMALL", 0)
    monkeypatch.setattr(funding, "CHUNK_ITEMS", 2)
    asked = (
        (workspace_a, project, 6),
        (workspace_a, make_project(workspace_a), 2),
        (workspace_b, make_project(workspace_b), 4),
    )
    runs = []
    for tenant, of, items in asked:
        batch = make_batch(of, items, fund=False)
        with planes.in_workspace(tenant.pk):
            runs.append(funding.start(batch=batch, actor_id=None).pk)
    large, broken, small = runs
    order, real = [], funding.continue_chunk

    def step(*, workspace_id: uuid.UUID, funding_id: uuid.UUID) -> bool:
        if funding_id == broken:
            raise RuntimeError("this one cannot")
        order.append(funding_id)
        return real(workspace_id=workspace_id, funding_id=funding_id)

    monkeypatch.setattr(funding, "continue_chunk", step)
    resume()
    assert order == [large, small, large, small, large]


def test_the_page_funds_at_the_cost_it_showed_or_not_at_all(
    workspace_a: Tenant, project: Project
) -> None:
    batch = make_batch(project, 2, fund=False)
    before = balances(workspace_a)
    browser = browser_of(workspace_a.owner)
    address = f"/w/{workspace_a.workspace.slug}/batches/{batch.pk}/fund/"
    for agreed in ("", "nonsense", str(2 * 3 * COST - 1)):
        answer = browser.post(address, {"agreed_minor": agreed}, follow=True)
        assert answer.status_code == 200
        assert balances(workspace_a) == before
    assert "now costs 1.80 USD. Nothing was moved" in answer.content.decode()
    browser.post(address, {"agreed_minor": str(2 * 3 * COST)})
    assert balances(workspace_a)["batch_budget"] == 2 * 3 * COST
