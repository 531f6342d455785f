"""A workspace pays in: the money is credited once, from Stripe's object, whatever tells of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from billing.deposits import handlers, payments, sessions
from billing.deposits.models import Deposit, StrayPayment
from billing.ledger.entries import Entry, available, owed
from billing.ledger.entries.base import Purse
from billing.ledger.models import Journal
from billing.ledger.services import post
from billing.stripe import processing, sweep
from billing.stripe.calls import checkout, payment_intents
from billing.stripe.calls.payment_intents import PaymentIntent
from billing.stripe.errors import Refused
from rlhfhub.tenancy import planes
from tests.deposits.made import (
    AMOUNT,
    books,
    fresh,
    let_it_be_due,
    opened,
    paid,
    pay,
    tell,
    work_off,
)
from tests.factories import MONEY, Tenant
from tests.notices.told import kinds_told, notices
from tests.pages.conftest import browser_of
from tests.stripe.made import event
from tests.stripe_emulator.control import Control

DAY = 86_400


def causes(kind: str) -> list[str]:
    with planes.as_system():
        return list(Journal.objects.filter(kind=kind).values_list("cause", flat=True))


def strays() -> list[str]:
    with planes.as_system():
        return list(StrayPayment.objects.order_by("id").values_list("reason", flat=True))


def told(tenant: Tenant) -> list[str]:
    """The kinds of notices of the workspace's deposits."""
    return [kind for kind in kinds_told(tenant.owner) if kind.startswith("deposit.")]


def test_a_deposit_by_card(stripe: Control, workspace_a: Tenant) -> None:
    deposit = paid(stripe, workspace_a)
    assert (deposit.received_minor, deposit.paid_by, deposit.page_url) == (AMOUNT, "card", "")
    assert deposit.receipt_url and deposit.paid_at and deposit.fee_minor
    assert books()["workspace_available"] == MONEY + AMOUNT
    assert books()["stripe_pending"] == -AMOUNT + deposit.fee_minor
    assert books()["stripe_fees"] == -deposit.fee_minor
    assert causes("payment") == [f"payment:{deposit.payment_intent}"]
    assert told(workspace_a) == ["deposit.paid"]
    assert work_off(payments.cleared) == 0, "its money is not available yet"


def test_it_clears_when_stripe_says_so(stripe: Control, workspace_a: Tenant) -> None:
    deposit = paid(stripe, workspace_a)
    let_it_be_due(deposit)
    assert work_off(payments.cleared) == 1
    assert fresh(deposit).cleared_at is None
    stripe.advance(7 * DAY)
    let_it_be_due(deposit)
    assert work_off(payments.cleared) == 1
    assert fresh(deposit).cleared_at
    assert books()["stripe_pending"] == 0
    assert books()["stripe_available"] == deposit.fee_minor - AMOUNT
    let_it_be_due(deposit)
    assert work_off(payments.cleared) == 0
    payments.see_payment(deposit.payment_intent)
    assert len(causes("clearing")) == 1


def test_events_in_any_order_and_twice(stripe: Control, workspace_a: Tenant) -> None:
    deposit = opened(workspace_a)
    intent = pay(stripe, deposit)
    sweep.sweep()
    charge = payment_intents.retrieve(intent).charge
    assert charge
    handlers.on_charge(event("charge.updated", object_id=charge.id))
    assert causes("payment") == [], "its payment tells of it first"
    for _ in range(2):
        handlers.on_payment(event(object_id=intent))
        handlers.on_session(event("checkout.session.completed", object_id=deposit.session_id))
        handlers.on_charge(event("charge.updated", object_id=charge.id))
    processing.handle_all()
    assert books()["workspace_available"] == MONEY + AMOUNT
    assert len(causes("payment")) == len(causes("stripefee")) == 1


def test_of_a_connected_account_nothing_is_asked(stripe: Control, workspace_a: Tenant) -> None:
    deposit = opened(workspace_a)
    intent = pay(stripe, deposit)
    for handler in (handlers.on_payment, handlers.on_session, handlers.on_charge):
        handler(event(object_id=intent, account="acct_1"))
    assert fresh(deposit).state == "open"
    tell()


def test_no_webhook_comes(stripe: Control, workspace_a: Tenant) -> None:
    deposit = opened(workspace_a)
    pay(stripe, deposit)
    assert work_off(sessions.looked) == 0, "it is looked at after a while"
    let_it_be_due(deposit)
    assert work_off(sessions.looked) == 1
    assert fresh(deposit).state == "paid"
    tell()
    assert books()["workspace_available"] == MONEY + AMOUNT


def test_looks_become_rare(stripe: Control, workspace_a: Tenant) -> None:
    deposit = opened(workspace_a)
    let_it_be_due(deposit)
    work_off(sessions.looked)
    looked = fresh(deposit)
    assert looked.state == "open" and looked.looked_at
    assert timedelta(seconds=50) < looked.next_at - looked.looked_at < timedelta(seconds=70)


def test_a_page_that_nobody_used(stripe: Control, workspace_a: Tenant) -> None:
    deposit = opened(workspace_a)
    stripe.advance(2 * DAY)
    handlers.on_session(event("checkout.session.expired", object_id=deposit.session_id))
    assert (fresh(deposit).state, fresh(deposit).page_url) == ("expired", "")
    assert books().get("stripe_pending") is None


def test_a_bank_debit_takes_days(stripe: Control, workspace_a: Tenant) -> None:
    deposit = opened(workspace_a)
    pay(stripe, deposit, "pm_usBankAccount_success")
    tell()
    assert fresh(deposit).is_on_its_way
    assert books()["workspace_available"] == MONEY
    stripe.advance(5 * DAY)
    sessions.see_session(deposit.session_id)
    assert (fresh(deposit).state, fresh(deposit).paid_by) == ("paid", "us_bank_account")


def test_a_bank_debit_that_fails(stripe: Control, workspace_a: Tenant) -> None:
    deposit = opened(workspace_a)
    pay(stripe, deposit, "pm_usBankAccount_insufficientFunds")
    stripe.advance(5 * DAY)
    sessions.see_session(deposit.session_id)
    sessions.see_session(deposit.session_id)
    failed = fresh(deposit)
    assert failed.state == "failed" and "insufficient funds" in failed.error
    assert told(workspace_a) == ["deposit.failed"]


def other_session(tenant: Tenant, **changes: object) -> str:
    """Make a session beside the room's, with changes, for a deposit that is open. Returns the session's id."""
    deposit = opened(tenant)
    terms = {
        "key": f"other:{deposit.pk}",
        "customer": deposit.customer.stripe_id,
        "amount_minor": AMOUNT,
        "currency": "USD",
        "words": "Funds",
        "reference": str(deposit.pk),
        "metadata": {"deposit": str(deposit.pk)},
        "success_url": "https://hub.example/",
        "cancel_url": "https://hub.example/",
    }
    return checkout.create(**terms | changes).id  # type: ignore[arg-type]


def pay_other(stripe: Control, session: str) -> None:
    intent = stripe.post("checkout", session=session, method="pm_card_visa")["payment_intent"]
    for _ in range(2):
        payments.see_payment(intent)


@pytest.fixture
def unfit(emulator: Control, database: None) -> Control:
    """The emulator; what it takes here is not booked, so the books do not agree."""
    return emulator


def test_a_payment_that_names_no_deposit(unfit: Control, workspace_a: Tenant) -> None:
    for metadata in ({}, {"deposit": "x"}, {"deposit": "00000000-0000-0000-0000-000000000000"}):
        pay_other(unfit, other_session(workspace_a, metadata=metadata))
    assert strays() == ["It names no deposit of its customer."] * 3
    assert books()["workspace_available"] == MONEY


def test_a_payment_for_another_workspaces_deposit(
    unfit: Control, workspace_a: Tenant, workspace_b: Tenant
) -> None:
    theirs = opened(workspace_b)
    pay_other(unfit, other_session(workspace_a, metadata={"deposit": str(theirs.pk)}))
    assert strays() == ["It names no deposit of its customer."]
    assert fresh(theirs).state == "open"


def test_a_payment_of_a_customer_of_nobody(unfit: Control, workspace_a: Tenant) -> None:
    customer = unfit.client().v1.customers.create({"name": "Nobody"}).id
    pay_other(unfit, other_session(workspace_a, customer=customer))
    assert strays() == ["Its customer is none of ours."]


def test_a_payment_in_another_currency(unfit: Control, workspace_a: Tenant) -> None:
    pay_other(unfit, other_session(workspace_a, currency="EUR"))
    assert strays() == ["Its deposit is in USD."]


def test_a_deposit_that_is_paid_twice(unfit: Control, workspace_a: Tenant) -> None:
    session = other_session(workspace_a)
    with planes.as_system():
        deposit = Deposit.objects.get()
    pay(unfit, deposit)
    tell()
    pay_other(unfit, session)
    assert strays() == ["Its deposit was paid by another payment."]
    assert books()["workspace_available"] == MONEY + AMOUNT


def altered(monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    """Let Stripe say something else of every payment."""
    real = payment_intents.retrieve

    def other(intent: str) -> PaymentIntent:
        found = real(intent)
        charge = replace(found.charge, **changes.get("charge", {}))  # type: ignore[type-var,arg-type]
        return replace(found, **{**changes, "charge": charge})  # type: ignore[arg-type]

    monkeypatch.setattr(payment_intents, "retrieve", other)


def test_a_payment_of_the_other_mode(
    unfit: Control, workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    altered(monkeypatch, is_live=True)
    deposit = opened(workspace_a)
    pay(unfit, deposit)
    tell()
    assert strays() == ["Its customer is none of ours."]
    assert fresh(deposit).state == "open"


def test_a_payment_without_a_charge(
    unfit: Control, workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    altered(monkeypatch, charge={"status": "failed"})
    pay(unfit, opened(workspace_a))
    tell()
    assert strays() == ["It has no charge that succeeded."]


def test_money_that_stripe_converted(
    unfit: Control, workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The customer's money is credited. Its fee is in another currency, so staff see it."""
    deposit = opened(workspace_a)
    intent = pay(unfit, deposit)
    charge = payment_intents.retrieve(intent).charge
    assert charge and charge.transaction
    altered(monkeypatch, charge={"transaction": replace(charge.transaction, currency="EUR")})
    tell()
    row = fresh(deposit)
    assert (row.state, row.settled_in, row.transaction) == ("paid", "EUR", "")
    assert causes("stripefee") == []
    let_it_be_due(deposit)
    assert work_off(payments.cleared) == 0


def test_a_fee_that_stripe_names_later(
    stripe: Control, workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit = opened(workspace_a)
    pay(stripe, deposit)
    with monkeypatch.context() as patch:
        altered(patch, charge={"transaction": None})
        tell()
    assert (fresh(deposit).state, fresh(deposit).transaction) == ("paid", "")
    let_it_be_due(deposit)
    assert work_off(payments.cleared) == 1
    assert fresh(deposit).fee_minor


def test_another_amount_than_asked_for(stripe: Control, workspace_a: Tenant) -> None:
    """What was received is credited, and the page says so."""
    pay_other(stripe, other_session(workspace_a, amount_minor=50_000))
    assert books()["workspace_available"] == MONEY + 50_000
    with planes.as_system():
        deposit = Deposit.objects.get()
    page = browser_of(workspace_a.owner).get(
        f"/w/{workspace_a.workspace.slug}/money/deposits/{deposit.pk}/"
    )
    assert b"Another amount was received" in page.content
    assert notices(workspace_a.owner)[-1].data["is_other"]


@pytest.mark.parametrize(("debt", "repaid"), [(4_000, 4_000), (AMOUNT + 1, AMOUNT)])
def test_a_payment_first_repays_what_is_owed(
    stripe: Control, workspace_a: Tenant, debt: int, repaid: int
) -> None:
    frozen = Purse("workspace_disputed", "USD", workspace_a.pk)
    lines = ((owed(workspace_a.pk, "USD"), -debt), (frozen, debt))
    with planes.as_system():
        post([Entry("dispute", "dispute:dp_1", workspace_a.pk, lines)])
    deposit = paid(stripe, workspace_a)
    assert books()["workspace_available"] == MONEY + AMOUNT - repaid
    assert books()["workspace_receivable"] == repaid - debt
    assert causes("repay") == [f"repay:{deposit.payment_intent}"]
    assert available(workspace_a.pk, "USD").kind == "workspace_available"


def test_a_payment_that_is_not_there(stripe: Control, workspace_a: Tenant) -> None:
    """As a forged event would name it: nothing is booked."""
    with pytest.raises(Refused) as refused:
        handlers.on_payment(event(object_id="pi_forged"))
    assert refused.value.is_missing
    assert books()["workspace_available"] == MONEY


def test_the_return_page_opened_by_hand_credits_nothing(
    stripe: Control, workspace_a: Tenant
) -> None:
    deposit = opened(workspace_a)
    owner: Client = browser_of(workspace_a.owner)
    path = f"/w/{workspace_a.workspace.slug}/money/deposits/{deposit.pk}/"
    for _ in range(2):
        assert b"Stripe has not received the money" in owner.get(path).content
    assert work_off(sessions.looked) == 1
    assert fresh(deposit).state == "open"
    assert books()["workspace_available"] == MONEY
    owner.get(path)
    assert work_off(sessions.looked) == 0, "a worker looked some seconds ago"
