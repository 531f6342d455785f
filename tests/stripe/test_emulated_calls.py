"""Calls about workspaces' money against the emulator, which checks requests and answers by the SDK's schemas."""

from typing import Any

import pytest

from billing.stripe.calls import (
    accounts,
    balance,
    balance_transactions,
    checkout,
    customers,
    disputes,
    invoices,
    payment_intents,
    refunds,
    transfers,
)
from billing.stripe.calls.payment_intents import PaymentIntent
from billing.stripe.errors import NO_CODE, Refused
from tests.stripe_emulator.control import Control

DAY = 86_400


def pay(emulator: Control, method: str = "pm_card_visa", key: str = "deposit:1:1") -> PaymentIntent:
    """Let a workspace pay 100 dollars on the page of a checkout session."""
    customer = customers.create(key="customer:1", name="Harbour", email="h@x.example", metadata={})
    session = checkout.create(
        key=key,
        customer=customer.id,
        amount_minor=10_000,
        currency="USD",
        words="Project funds",
        reference="d-1",
        metadata={"deposit": "d-1"},
        success_url="https://hub.example/back",
        cancel_url="https://hub.example/no",
    )
    assert session.url.startswith(emulator.address)
    paid = emulator.post("checkout", session=session.id, method=method)
    return payment_intents.retrieve(paid["payment_intent"])


def test_a_deposit_by_card(emulator: Control) -> None:
    paid = pay(emulator)
    assert (paid.status, paid.received_minor, paid.currency) == ("succeeded", 10_000, "USD")
    assert paid.metadata == {"deposit": "d-1"}
    charge = paid.charge
    assert charge and charge.transaction
    assert (charge.method, charge.status) == ("card", "succeeded")
    assert charge.transaction.net_minor == 10_000 - charge.transaction.fee_minor
    assert charge.transaction.status == "pending"
    assert balance.retrieve().pending == {"USD": charge.transaction.net_minor}
    (session,) = checkout.of_customer(paid.customer)
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", "")
    assert session.payment_intent == paid.id
    assert checkout.retrieve(session.id) == session
    emulator.advance(3 * DAY)
    cleared = balance_transactions.retrieve(charge.transaction.id)
    assert cleared.status == "available"
    assert balance.retrieve().available["USD"] == cleared.net_minor


def test_a_card_that_is_declined(emulator: Control) -> None:
    with pytest.raises(ValueError, match="declined"):
        pay(emulator, "pm_card_chargeDeclined")


def make_invoice(customer: str) -> invoices.Invoice:
    """Make a draft of 500 dollars."""
    draft = invoices.create(
        key="invoice:1:1", customer=customer, currency="USD", days_until_due=30, metadata={"i": "1"}
    )
    assert (draft.status, draft.page_url, draft.payments) == ("draft", "", ())
    invoices.add_line(
        key="invoice_line:1:1",
        invoice=draft.id,
        customer=customer,
        amount_minor=50_000,
        currency="USD",
        words="Project funds",
    )
    return draft


def test_an_invoice(emulator: Control) -> None:
    customer = customers.create(key="c:1", name="Harbour", email="h@x.example", metadata={}).id
    draft = make_invoice(customer)
    opened = invoices.finalize(key="finalize:1:1", invoice=draft.id)
    assert (opened.status, opened.total_minor, opened.remaining_minor) == ("open", 50_000, 50_000)
    assert opened.page_url.startswith(emulator.address) and opened.number and opened.due_at
    assert invoices.send(key="send:1:1", invoice=draft.id).status == "open"
    emulator.client().v1.invoices.pay(draft.id, {"payment_method": "pm_card_visa"})
    paid = invoices.retrieve(draft.id)
    assert (paid.status, paid.paid_minor, paid.remaining_minor) == ("paid", 50_000, 0)
    assert paid.paid_at and paid.metadata == {"i": "1"}
    (payment,) = [each for each in paid.payments if each.status == "paid"]
    assert payment.paid_minor == 50_000
    assert payment_intents.retrieve(payment.payment_intent).received_minor == 50_000
    assert list(invoices.of_customer(customer)) == [paid]


def test_an_invoice_that_nobody_is_to_pay(emulator: Control) -> None:
    customer = customers.create(key="c:1", name="Harbour", email="h@x.example", metadata={}).id
    draft = make_invoice(customer)
    invoices.finalize(key="finalize:1:1", invoice=draft.id)
    assert invoices.void(key="void:1:1", invoice=draft.id).status == "void"
    with pytest.raises(Refused):
        invoices.send(key="send:1:1", invoice="in_none")


def test_refunds(emulator: Control) -> None:
    emulator.fund(20_000)
    paid = pay(emulator)
    made = refunds.create(
        key="refund:1:1", payment_intent=paid.id, amount_minor=400, metadata={"refund": "r-1"}
    )
    assert (made.status, made.amount_minor, made.charge) == (
        "succeeded",
        400,
        paid.charge and paid.charge.id,
    )
    assert balance_transactions.retrieve(made.transaction).amount_minor == -400
    assert [each.id for each in refunds.of_payment(paid.id)] == [made.id]
    emulator.post("refunds/fail", refund=made.id)
    failed = refunds.retrieve(made.id)
    assert failed.status == "failed"
    assert failed.failure_transaction and failed.failure_reason
    with pytest.raises(Refused) as refused:
        refunds.create(key="refund:2:1", payment_intent=paid.id, amount_minor=20_000, metadata={})
    assert refused.value.code == NO_CODE
    assert "greater than unrefunded amount" in refused.value.message


def test_a_dispute(emulator: Control) -> None:
    paid = pay(emulator)
    assert paid.charge
    opened = emulator.post("disputes", charge=paid.charge.id)["id"]
    found = disputes.retrieve(opened)
    assert (found.status, found.payment_intent, found.amount_minor) == (
        "needs_response",
        paid.id,
        10_000,
    )
    assert [each.amount_minor for each in found.transactions] == [-10_000]
    assert found.answer_by
    emulator.post("disputes", dispute=opened, status="won")
    won = disputes.retrieve(opened)
    assert (won.status, len(won.transactions)) == ("won", 2)


@pytest.mark.parametrize(
    "call",
    [
        lambda: payment_intents.retrieve("pi_none"),
        lambda: refunds.retrieve("re_none"),
        lambda: transfers.retrieve("tr_none"),
        lambda: disputes.retrieve("dp_none"),
        lambda: checkout.retrieve("cs_none"),
        lambda: accounts.retrieve("acct_none"),
    ],
)
def test_what_is_not_there(emulator: Control, call: Any) -> None:
    with pytest.raises(Refused) as refused:
        call()
    assert refused.value.is_missing


def test_an_account_that_is_not_ours(emulator: Control) -> None:
    with pytest.raises(Refused) as refused:
        balance.retrieve(account="acct_none")
    assert refused.value.code == "account_invalid"
