"""Payments that are not what was asked for: those that fit no deposit are kept for staff, and nothing is booked."""

from dataclasses import replace

import pytest

from billing.deposits import payments
from billing.deposits.models import Deposit, StrayPayment
from billing.stripe.calls import checkout, payment_intents
from billing.stripe.calls.payment_intents import PaymentIntent
from rlhfhub.tenancy import planes
from tests.deposits.made import (
    AMOUNT,
    books,
    causes,
    fresh,
    let_it_be_due,
    opened,
    pay,
    tell,
    work_off,
)
from tests.factories import MONEY, Tenant
from tests.notices.told import notices
from tests.pages.conftest import browser_of
from tests.stripe_emulator.control import Control


def strays() -> list[str]:
    with planes.as_system():
        return list(StrayPayment.objects.order_by("id").values_list("reason", flat=True))


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
