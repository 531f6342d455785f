"""A disputed payment is frozen until it is decided whose the money is, and meanwhile the workspace spends nothing."""

from dataclasses import replace
from typing import Any

import pytest

from billing.deposits import disputes, freezing, handlers
from billing.deposits.models import Dispute
from billing.ledger.models import Journal
from billing.stripe.calls import disputes as calls
from billing.stripe.errors import Unknown
from rlhfhub.tenancy import planes
from tests.deposits.made import AMOUNT, books, dispute, fresh, opened, paid, pay, tell
from tests.factories import MONEY, Tenant, make_batch, make_project, make_workspace
from tests.notices.told import kinds_told
from tests.pages.conftest import browser_of
from tests.stripe.made import event
from tests.stripe_emulator.control import Control


def decide(stripe: Control, dispute_id: str, status: str) -> None:
    stripe.post("disputes", dispute=dispute_id, status=status)
    disputes.see_dispute(dispute_id)


def row() -> Dispute:
    with planes.as_system():
        return Dispute.objects.get()


def kinds() -> list[str]:
    with planes.as_system():
        rows = Journal.objects.filter(kind__startswith="dispute")
        return sorted(rows.values_list("kind", flat=True))


def test_a_dispute_freezes_its_amount(stripe: Control, workspace_a: Tenant) -> None:
    deposit = paid(stripe, workspace_a)
    dispute(stripe, deposit)
    tell()
    assert (row().state, row().status, row().amount_minor) == ("open", "needs_response", AMOUNT)
    assert row().answer_by and row().deposit_id == deposit.pk
    assert books()["workspace_disputed"] == AMOUNT
    assert books()["workspace_available"] == MONEY
    assert books()["dispute_clearing"] == -AMOUNT
    assert "workspace_receivable" not in books()
    assert "deposit.disputed" in kinds_told(workspace_a.owner)
    with planes.in_workspace(workspace_a.pk):
        assert freezing.is_frozen(workspace_a.pk)


def test_a_dispute_that_is_won(stripe: Control, workspace_a: Tenant) -> None:
    deposit = paid(stripe, workspace_a)
    found = dispute(stripe, deposit)
    disputes.see_dispute(found)
    decide(stripe, found, "won")
    assert row().state == "won" and row().closed_at
    assert books()["workspace_available"] == MONEY + AMOUNT
    assert books()["workspace_disputed"] == books()["dispute_clearing"] == 0
    with planes.in_workspace(workspace_a.pk):
        assert not freezing.is_frozen(workspace_a.pk)


def test_a_dispute_that_is_lost(stripe: Control, workspace_a: Tenant) -> None:
    deposit = paid(stripe, workspace_a)
    found = dispute(stripe, deposit)
    disputes.see_dispute(found)
    decide(stripe, found, "lost")
    assert row().state == "lost"
    assert books()["workspace_available"] == MONEY
    assert books()["workspace_disputed"] == books()["dispute_clearing"] == 0
    tell()
    assert kinds() == ["dispute", "disputelost", "disputemoney"]


@pytest.mark.parametrize("status", ["won", "lost"])
def test_that_it_is_over_is_known_first(stripe: Control, workspace_a: Tenant, status: str) -> None:
    """No webhook came before it was decided, and then all of them, twice."""
    deposit = paid(stripe, workspace_a)
    found = dispute(stripe, deposit)
    decide(stripe, found, status)
    before = books()
    for _ in range(2):
        for kind in handlers.DISPUTES:
            handlers.on_dispute(event(kind, object_id=found))
    handlers.on_dispute(event(object_id=found, account="acct_1"))
    assert (row().state, books()) == (status, before)


def test_what_was_spent_is_owed(stripe: Control, database: None) -> None:
    """And the next payment repays it."""
    tenant = make_workspace(money=0)
    deposit = paid(stripe, tenant)
    make_batch(make_project(tenant), items=3)
    budget = books()["batch_budget"]
    found = dispute(stripe, deposit)
    disputes.see_dispute(found)
    assert books()["workspace_available"] == 0
    assert books()["workspace_receivable"] == -budget
    assert books()["workspace_disputed"] == AMOUNT
    decide(stripe, found, "lost")
    assert books()["workspace_receivable"] == -budget
    again = opened(tenant)
    pay(stripe, again)
    tell()
    assert books()["workspace_receivable"] == 0
    assert books()["workspace_available"] == AMOUNT - budget


def test_what_was_owed_is_owed_no_more_when_it_is_won(stripe: Control, database: None) -> None:
    tenant = make_workspace(money=0)
    deposit = paid(stripe, tenant)
    make_batch(make_project(tenant), items=3)
    found = dispute(stripe, deposit)
    disputes.see_dispute(found)
    decide(stripe, found, "won")
    assert books()["workspace_receivable"] == 0
    assert books()["workspace_available"] + books()["batch_budget"] == AMOUNT


def lost(stripe: Control, tenant: Tenant) -> str:
    """Let a payment be disputed and lost. Returns the dispute's id."""
    found = dispute(stripe, paid(stripe, tenant))
    disputes.see_dispute(found)
    decide(stripe, found, "lost")
    assert row().state == "lost"
    return found


def test_an_appeal_that_is_won(stripe: Control, workspace_a: Tenant) -> None:
    found = lost(stripe, workspace_a)
    stripe.post("disputes", dispute=found, status="won")
    tell()
    for _ in range(2):
        handlers.on_dispute(event("charge.dispute.funds_reinstated", object_id=found))
    assert (row().state, row().status) == ("appeal_won", "won")
    assert books()["workspace_available"] == MONEY + AMOUNT
    assert books()["workspace_disputed"] == books()["dispute_clearing"] == 0
    assert kinds() == ["dispute", "disputeappeal", "disputeback", "disputelost", "disputemoney"]
    told = kinds_told(workspace_a.owner)
    assert told.count("deposit.disputed") == 3, "opened, lost, and won on appeal"
    path = f"/w/{workspace_a.workspace.slug}/money/deposits/{row().deposit_id}/"
    assert b"gave it back to you after an appeal" in browser_of(workspace_a.owner).get(path).content


def test_an_appeal_that_is_won_first_repays_what_is_owed(stripe: Control, database: None) -> None:
    tenant = make_workspace(money=0)
    deposit = paid(stripe, tenant)
    make_batch(make_project(tenant), items=3)
    budget = books()["batch_budget"]
    found = dispute(stripe, deposit)
    disputes.see_dispute(found)
    decide(stripe, found, "lost")
    assert books()["workspace_receivable"] == -budget
    decide(stripe, found, "won")
    assert books()["workspace_receivable"] == 0
    assert books()["workspace_available"] == AMOUNT - budget


@pytest.mark.parametrize(
    ("back", "state"), [((), "lost"), ((AMOUNT, -AMOUNT), "lost"), ((AMOUNT - 1,), None)]
)
def test_money_that_is_not_given_back_after_all(
    emulator: Control,
    workspace_a: Tenant,
    monkeypatch: pytest.MonkeyPatch,
    back: tuple[int, ...],
    state: str | None,
) -> None:
    found = lost(emulator, workspace_a)
    taken = calls.retrieve(found).transactions
    more = tuple(
        replace(taken[0], id=f"txn_{number}", amount_minor=amount, fee_minor=0)
        for number, amount in enumerate(back)
    )
    altered(monkeypatch, status="won", transactions=(*taken, *more))
    if state is None:
        with pytest.raises(Unknown, match="another amount"):
            disputes.see_dispute(found)
    else:
        disputes.see_dispute(found)
    assert row().state == "lost"
    assert "disputeappeal" not in kinds()


def altered(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Let Stripe say something else of every dispute."""
    real = calls.retrieve
    monkeypatch.setattr(calls, "retrieve", lambda found: replace(real(found), **changes))


def test_an_inquiry_takes_no_money(
    emulator: Control, workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit = paid(emulator, workspace_a)
    found = dispute(emulator, deposit)
    with monkeypatch.context() as patch:
        altered(patch, status="warning_needs_response", transactions=())
        tell()
    assert (row().state, kinds()) == ("inquiry", [])
    path = f"/w/{workspace_a.workspace.slug}/money/deposits/{deposit.pk}/"
    assert b"It has taken no money back" in browser_of(workspace_a.owner).get(path).content
    with planes.in_workspace(workspace_a.pk):
        assert not freezing.is_frozen(workspace_a.pk)
    disputes.see_dispute(found)
    assert row().state == "open"


def test_a_dispute_in_another_currency_waits_for_staff(
    emulator: Control, workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit = paid(emulator, workspace_a)
    found = dispute(emulator, deposit)
    with monkeypatch.context() as patch, pytest.raises(Unknown):
        altered(patch, currency="EUR")
        disputes.see_dispute(found)
    taken = calls.retrieve(found).transactions
    other = tuple(replace(each, currency="EUR") for each in taken)
    with monkeypatch.context() as patch, pytest.raises(Unknown):
        altered(patch, transactions=other)
        disputes.see_dispute(found)
    assert kinds() == []


def test_a_transaction_of_a_fee_alone(
    emulator: Control, workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit = paid(emulator, workspace_a)
    found = dispute(emulator, deposit)
    (taken,) = calls.retrieve(found).transactions
    altered(monkeypatch, transactions=(replace(taken, amount_minor=0),))
    disputes.see_dispute(found)
    assert kinds() == ["dispute"]


def test_a_dispute_of_a_payment_that_is_not_booked(emulator: Control, workspace_a: Tenant) -> None:
    client = emulator.client()
    customer = client.v1.customers.create({"name": "Nobody"}).id
    intent = client.v1.payment_intents.create(
        {
            "amount": 500,
            "currency": "usd",
            "customer": customer,
            "payment_method": "pm_card_visa",
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )
    found = emulator.post("disputes", charge=intent.latest_charge)["id"]
    disputes.see_dispute(found)
    assert kinds() == []
    with planes.as_system():
        assert Dispute.objects.count() == 0


def test_a_dispute_without_a_payment(
    emulator: Control, workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = dispute(emulator, paid(emulator, workspace_a))
    altered(monkeypatch, payment_intent="")
    disputes.see_dispute(found)
    assert kinds() == []


def test_a_dispute_comes_before_its_payment(stripe: Control, workspace_a: Tenant) -> None:
    deposit = opened(workspace_a)
    intent = pay(stripe, deposit)
    charge = stripe.client().v1.payment_intents.retrieve(intent).latest_charge
    found = stripe.post("disputes", charge=charge)["id"]
    disputes.see_dispute(found)
    assert fresh(deposit).state == "paid"
    assert row().state == "open"
