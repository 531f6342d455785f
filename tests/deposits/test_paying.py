"""A workspace pays in: the money is credited once, from Stripe's object, whatever tells of it."""

from datetime import timedelta

import pytest
from django.test import Client

from billing.deposits import handlers, looking, payments, sessions
from billing.ledger.entries import Entry, available, owed
from billing.ledger.entries.base import Purse
from billing.ledger.services import post
from billing.stripe import processing, sweep
from billing.stripe.calls import payment_intents
from billing.stripe.errors import Refused
from rlhfhub.tenancy import planes
from tests.deposits.made import (
    AMOUNT,
    books,
    causes,
    fresh,
    let_it_be_due,
    opened,
    paid,
    pay,
    tell,
    work_off,
)
from tests.factories import MONEY, Tenant
from tests.notices.told import kinds_told
from tests.pages.conftest import browser_of
from tests.stripe.made import event
from tests.stripe_emulator.control import Control

DAY = 86_400


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
    assert work_off(looking.looked) == 0, "it is looked at after a while"
    let_it_be_due(deposit)
    assert work_off(looking.looked) == 1
    assert fresh(deposit).state == "paid"
    tell()
    assert books()["workspace_available"] == MONEY + AMOUNT


def test_looks_become_rare(stripe: Control, workspace_a: Tenant) -> None:
    deposit = opened(workspace_a)
    let_it_be_due(deposit)
    work_off(looking.looked)
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
    assert work_off(looking.looked) == 1
    assert fresh(deposit).state == "open"
    assert books()["workspace_available"] == MONEY
    owner.get(path)
    assert work_off(looking.looked) == 0, "a worker looked some seconds ago"
