"""Invoices: from draft to paid, by card, by bank debit, by bank transfer, or not at all."""

from typing import Any

import pytest
import stripe

from tests.stripe_emulator.clock import DAY
from tests.stripe_emulator.control import Control


def sent(client: stripe.StripeClient, amount: int = 100_000, **more: Any) -> Any:
    """Return an invoice that was sent to its customer, due in 30 days."""
    customer = client.v1.customers.create({"email": "pay@example.org", "name": "Harbour Lab"})
    fields = {
        "customer": customer.id,
        "collection_method": "send_invoice",
        "days_until_due": 30,
        "currency": "usd",
    }
    invoice = client.v1.invoices.create(fields | more)
    item = {
        "customer": customer.id,
        "invoice": invoice.id,
        "amount": amount,
        "currency": "usd",
        "description": "Funds",
    }
    client.v1.invoice_items.create(item)
    return client.v1.invoices.send_invoice(invoice.id)


def pay(emulator: Control, invoice: Any, by: str) -> int:
    return emulator.http.post(invoice.hosted_invoice_url, data={"pay": by}).status_code


def kinds(client: stripe.StripeClient) -> list[str]:
    return [event.type for event in client.v1.events.list({"limit": 100}).data][::-1]


def test_an_invoice_is_paid_by_card(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    invoice = sent(stripe_client, metadata={"deposit": "d1"})
    assert (
        invoice.status,
        invoice.amount_due,
        invoice.total,
        invoice.due_date - invoice.status_transitions.finalized_at,
    ) == (
        "open",
        100_000,
        100_000,
        30 * DAY,
    )
    assert "1,000.00 USD" in stripe_emulator.http.get(invoice.hosted_invoice_url).text
    assert pay(stripe_emulator, invoice, "card") == 303
    paid = stripe_client.v1.invoices.retrieve(invoice.id, {"expand": ["payments"]})
    assert (paid.status, paid.amount_paid, paid.amount_remaining) == ("paid", 100_000, 0)
    assert (paid.metadata["deposit"], paid.status_transitions.paid_at >= invoice.created) == (
        "d1",
        True,
    )
    intent = paid.payments.data[0].payment.payment_intent
    assert stripe_client.v1.payment_intents.retrieve(intent).status == "succeeded"
    of_intent = {"payment": {"type": "payment_intent", "payment_intent": intent}}
    assert stripe_client.v1.invoice_payments.list(of_intent).data[0].invoice == invoice.id
    assert {
        "invoice.created",
        "invoice.finalized",
        "invoice.sent",
        "invoice.paid",
        "invoice_payment.paid",
    } <= set(kinds(stripe_client))
    assert stripe_client.v1.balance.retrieve().pending[0].amount == 97_070
    assert pay(stripe_emulator, invoice, "card") == 410


def test_a_bank_transfer_costs_nothing_and_is_available_at_once(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    invoice = sent(stripe_client)
    assert invoice.number in stripe_emulator.http.get(invoice.hosted_invoice_url).text
    pay(stripe_emulator, invoice, "transfer")
    assert stripe_client.v1.invoices.retrieve(invoice.id).status == "paid"
    assert stripe_client.v1.balance.retrieve().available[0].amount == 100_000


def test_a_bank_debit_pays_an_invoice_later(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    invoice = sent(stripe_client)
    pay(stripe_emulator, invoice, "debit")
    assert stripe_client.v1.invoices.retrieve(invoice.id).status == "open"
    stripe_emulator.advance(4 * DAY + 1)
    assert stripe_client.v1.invoices.retrieve(invoice.id).status == "paid"


def test_a_declined_card_leaves_an_invoice_open(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    invoice = sent(stripe_client)
    assert pay(stripe_emulator, invoice, "declined") == 402
    with pytest.raises(stripe.CardError):
        stripe_client.v1.invoices.pay(invoice.id, {"payment_method": "pm_card_chargeDeclined"})
    found = stripe_client.v1.invoices.retrieve(invoice.id)
    assert (found.status, found.attempt_count) == ("open", 2)
    assert kinds(stripe_client).count("invoice.payment_failed") == 2


def test_an_invoice_can_be_paid_elsewhere(stripe_client: stripe.StripeClient) -> None:
    paid = stripe_client.v1.invoices.pay(sent(stripe_client).id, {"paid_out_of_band": True})
    assert (paid.status, paid.amount_paid_off_stripe) == ("paid", 100_000)
    assert stripe_client.v1.balance.retrieve().available[0].amount == 0


def test_a_void_invoice_cannot_be_paid(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    invoice = stripe_client.v1.invoices.void_invoice(sent(stripe_client).id)
    assert (invoice.status, pay(stripe_emulator, invoice, "card")) == ("void", 410)
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.invoices.pay(invoice.id, {"payment_method": "pm_card_visa"})


def test_an_uncollectible_invoice_still_can_be_paid(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    invoice = stripe_client.v1.invoices.mark_uncollectible(sent(stripe_client).id)
    assert invoice.status == "uncollectible"
    pay(stripe_emulator, invoice, "card")
    assert stripe_client.v1.invoices.retrieve(invoice.id).status == "paid"


def test_an_invoice_falls_due(stripe_emulator: Control, stripe_client: stripe.StripeClient) -> None:
    sent(stripe_client)
    stripe_emulator.advance(30 * DAY + 1)
    assert kinds(stripe_client)[-1] == "invoice.overdue"


def test_pending_items_are_put_on_an_invoice(stripe_client: stripe.StripeClient) -> None:
    customer = stripe_client.v1.customers.create()
    for _ in range(2):
        stripe_client.v1.invoice_items.create(
            {"customer": customer.id, "quantity": 3, "unit_amount_decimal": "500"}
        )
    fields = {"customer": customer.id, "pending_invoice_items_behavior": "include"}
    invoice = stripe_client.v1.invoices.create(fields)
    assert (invoice.status, invoice.total, len(invoice.lines.data)) == ("draft", 3_000, 2)
    assert stripe_client.v1.invoices.create(fields).total == 0


def test_only_a_draft_is_changed_and_deleted(stripe_client: stripe.StripeClient) -> None:
    invoice = sent(stripe_client)
    stripe_client.v1.invoices.update(invoice.id, {"metadata": {"a": "b"}})
    for change in (
        lambda: stripe_client.v1.invoices.update(invoice.id, {"description": "x"}),
        lambda: stripe_client.v1.invoices.delete(invoice.id),
        lambda: stripe_client.v1.invoices.finalize_invoice(invoice.id),
        lambda: stripe_client.v1.invoice_items.create(
            {"customer": invoice.customer, "invoice": invoice.id, "amount": 1}
        ),
    ):
        with pytest.raises(stripe.InvalidRequestError):
            change()
    draft = stripe_client.v1.invoices.create({"customer": invoice.customer})
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.invoices.finalize_invoice(draft.id)
    assert stripe_client.v1.invoices.delete(draft.id).deleted is True
    assert [
        each.id for each in stripe_client.v1.invoices.list({"customer": invoice.customer}).data
    ] == [invoice.id]


def test_an_invoice_that_is_sent_needs_an_address(stripe_client: stripe.StripeClient) -> None:
    customer = stripe_client.v1.customers.create({"name": "Harbour Lab"})
    fields: Any = {"customer": customer.id, "currency": "usd", "days_until_due": 30}
    with pytest.raises(stripe.InvalidRequestError, match="Missing email"):
        stripe_client.v1.invoices.create(fields | {"collection_method": "send_invoice"})


def test_a_customer_has_one_account_for_bank_transfers(stripe_client: stripe.StripeClient) -> None:
    customer = stripe_client.v1.customers.create({"name": "Harbour Lab"})
    asked: Any = {
        "currency": "usd",
        "funding_type": "bank_transfer",
        "bank_transfer": {"type": "us_bank_transfer"},
    }
    numbers = set()
    for _ in range(2):
        found = stripe_client.v1.customers.funding_instructions.create(customer.id, asked)
        (address,) = found.bank_transfer.financial_addresses
        assert address.aba
        numbers.add(address.aba.account_number)
    assert len(numbers) == 1
