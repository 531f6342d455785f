"""While a payment of a workspace is disputed, it spends nothing; annotators are paid what they earned."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError

from billing.deposits import freezing, payments
from billing.deposits.models import Deposit
from billing.funding import repeats, replacements, reserve
from billing.funding import services as funding
from billing.funding.models import Funding
from projects.items import services as batches
from projects.items.models import Batch
from projects.items.services import Plan
from projects.plan.models import Project
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests import people
from tests.deposits.made import (
    AMOUNT,
    books,
    dispute,
    make_disputed,
    make_lost,
    make_paid,
    make_won,
    paid,
    tell,
)
from tests.factories import MONEY, Tenant, make_batch, make_project, make_workspace
from tests.pages.conftest import browser_of
from tests.stripe_emulator.control import Control


@pytest.fixture
def frozen(stripe: Control, workspace_a: Tenant) -> Tenant:
    """Workspace A with a disputed payment."""
    dispute(stripe, paid(stripe, workspace_a))
    tell()
    return workspace_a


def test_a_frozen_workspace_funds_nothing(
    project: Project, batch: Batch, frozen: Tenant, stripe: Control
) -> None:
    draft = make_batch(project, items=1, first=50, fund=False)
    with planes.in_workspace(frozen.pk):
        for refused in (
            lambda: funding.start(batch=draft, actor_id=None),
            lambda: reserve.top_up(batch=batch, slots=1, actor_id=None),
            lambda: reserve.ask_for_more(
                batch=batch, item_ids=[batch.pk], answers=1, actor_id=None
            ),
        ):
            with pytest.raises(Refused) as error:
                refused()
            assert error.value.code == "frozen"
        assert replacements.make(batch_id=batch.pk) == 0
        assert repeats.draw(batch_id=batch.pk) == 0


def test_the_database_refuses_a_funding_run(
    project: Project, frozen: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = make_batch(project, items=1, first=50, fund=False)
    monkeypatch.setattr(freezing, "check", lambda _: None)
    with pytest.raises(IntegrityError, match="disputed"), planes.in_workspace(frozen.pk):
        funding.start(batch=draft, actor_id=None)
    with planes.in_workspace(frozen.pk):
        assert not Funding.objects.filter(batch=draft).exists()


def test_a_frozen_workspace_opens_no_batch(
    project: Project, workspace_a: Tenant, stripe: Control
) -> None:
    funded = make_batch(project, items=1, first=50, open=False)
    dispute(stripe, paid(stripe, workspace_a))
    tell()
    with planes.in_workspace(workspace_a.pk), pytest.raises(Refused) as refused:
        batches.open_batch(batch=funded, actor_id=None)
    assert refused.value.code == "frozen"


def test_a_frozen_workspace_opens_no_paused_batch_again(
    batch: Batch, frozen: Tenant, stripe: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    with planes.in_workspace(frozen.pk):
        batches.pause_batch(batch=batch, actor_id=None)
        with pytest.raises(Refused) as refused:
            batches.open_batch(batch=batch, actor_id=None)
    assert refused.value.code == "frozen"
    page = browser_of(frozen.owner).get(f"/w/{frozen.workspace.slug}/batches/{batch.pk}/")
    assert "has taken it back" in page.content.decode()
    monkeypatch.setattr(freezing, "check", lambda _: None)
    with pytest.raises(IntegrityError, match="disputed"), planes.in_workspace(frozen.pk):
        batches.open_batch(batch=batch, actor_id=None)


def test_a_paused_batch_opens_again_when_the_dispute_is_over(
    batch: Batch, workspace_a: Tenant
) -> None:
    make_won(make_paid(workspace_a))
    with planes.in_workspace(workspace_a.pk):
        batches.pause_batch(batch=batch, actor_id=None)
        assert batches.open_batch(batch=batch, actor_id=None).status == "open"


def test_annotators_are_paid_what_they_earned(
    annotators: list[people.Annotator],
    batch: Batch,
    frozen: Tenant,
    deliver: Any,
) -> None:
    lease = annotators[0].lease()
    assert lease
    answer = annotators[0].submit(lease)
    assert answer.status_code == 201
    path = f"/api/v1/annotations/{answer.json()['id']}/accept/"
    assert frozen.client.post(path).status_code == 200
    deliver()
    assert books()["annotator_pending"] > 0, "their workspace has just begun to pay by card"


def test_the_pages_say_so(project: Project, batch: Batch, frozen: Tenant) -> None:
    draft = make_batch(project, items=1, first=50, fund=False)
    owner = browser_of(frozen.owner)
    root = f"/w/{frozen.workspace.slug}/"
    money = owner.get(f"{root}money/")
    assert "has taken it back" in money.content.decode()
    assert "Frozen by a dispute" in money.content.decode()
    titles = {balance.title: balance.amount_minor for balance in money.context["balances"]}
    assert titles["Frozen"] == AMOUNT
    assert "has taken it back" in owner.get(f"{root}batches/{draft.pk}/").content.decode()
    assert "has taken it back" not in owner.get(f"{root}batches/{batch.pk}/").content.decode()


@pytest.mark.parametrize(
    ("make", "words"),
    [(make_disputed, "not decided whose"), (make_lost, "keeps it"), (make_won, "gave it back")],
)
def test_the_page_of_a_disputed_deposit(
    workspace_a: Tenant, make: Callable[[Deposit], Any], words: str
) -> None:
    deposit = make_paid(workspace_a)
    make(deposit)
    path = f"/w/{workspace_a.workspace.slug}/money/deposits/{deposit.pk}/"
    owner = browser_of(workspace_a.owner)
    page = owner.get(path).content.decode()
    assert words in page
    assert ("added to the free balance" in page) == (make is make_won)
    assert path in owner.get(f"/w/{workspace_a.workspace.slug}/money/?show=all").content.decode()


def test_what_is_owed_stands_on_the_money_page(stripe: Control, database: None) -> None:
    tenant = make_workspace(money=0)
    deposit = paid(stripe, tenant)
    make_batch(make_project(tenant), items=3, plan=Plan(3, share_percent=0, reserve_percent=0))
    dispute(stripe, deposit)
    tell()
    page = browser_of(tenant.owner).get(f"/w/{tenant.workspace.slug}/money/")
    titles = {balance.title: balance.amount_minor for balance in page.context["balances"]}
    assert titles["Owed"] == -books()["workspace_receivable"]
    assert titles["Paid for work"] == 0


def test_staff_see_open_disputes(frozen: Tenant) -> None:
    staff = browser_of(people.make_user("Staff", is_staff=True))
    page = staff.get("/admin/queue/").content.decode()
    assert "Disputed payment" in page and "fraudulent" in page
    assert staff.get("/admin/billing_deposits/dispute/").status_code == 200


def test_payments_go_on(stripe: Control, frozen: Tenant) -> None:
    deposit = paid(stripe, frozen)
    payments.see_payment(deposit.payment_intent)
    assert books()["workspace_available"] == MONEY + AMOUNT
