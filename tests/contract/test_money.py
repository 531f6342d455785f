"""Payments, refunds and transfers."""

from typing import Any

import pytest
import stripe

from tests.contract.conftest import Side


def test_a_confirmed_card_payment_has_succeeded(side: Side) -> None:
    fields = {"metadata": {"deposit": "d1"}, "transfer_group": side.unique("group")}
    intent = side.paid(payment_method="pm_card_visa", **fields)
    assert (intent.status, intent.amount_received, intent.livemode) == ("succeeded", 2_000, False)
    assert intent.metadata["deposit"] == "d1"
    charge = side.client.v1.charges.retrieve(intent.latest_charge)
    assert (charge.paid, charge.amount, charge.payment_intent) == (True, 2_000, intent.id)
    assert (charge.transfer_group, charge.metadata["deposit"]) == (intent.transfer_group, "d1")


def test_a_charge_enters_the_balance_less_its_fee(side: Side) -> None:
    charge = side.paid().latest_charge
    expanded = {"expand": ["balance_transaction"]}
    transaction = side.eventually(
        lambda: side.client.v1.charges.retrieve(charge, expanded).balance_transaction
    )
    assert (transaction.amount, transaction.source, transaction.reporting_category) == (
        2_000,
        charge,
        "charge",
    )
    assert transaction.fee > 0 and transaction.net == transaction.amount - transaction.fee
    listed = side.client.v1.balance_transactions.list({"source": charge}).data
    assert [each.id for each in listed] == [transaction.id]


def test_a_declined_card_is_a_card_error(side: Side) -> None:
    with pytest.raises(stripe.CardError) as declined:
        side.paid(payment_method="pm_card_chargeDeclined")
    assert (declined.value.http_status, declined.value.code) == (402, "card_declined")
    intent = declined.value.error.payment_intent
    found = side.client.v1.payment_intents.retrieve(intent["id"])
    assert found.status == "requires_payment_method"


def test_a_charge_is_refunded_up_to_its_amount(side: Side) -> None:
    intent = side.paid()
    refund = side.client.v1.refunds.create(
        {"payment_intent": intent.id, "amount": 500, "metadata": {"refund": "r1"}}
    )
    assert (refund.amount, refund.charge, refund.metadata["refund"]) == (
        500,
        intent.latest_charge,
        "r1",
    )
    assert refund.status in ("succeeded", "pending")
    with pytest.raises(stripe.InvalidRequestError):
        side.client.v1.refunds.create({"payment_intent": intent.id, "amount": 1_501})
    side.client.v1.refunds.create({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        side.client.v1.refunds.create({"payment_intent": intent.id})
    assert refused.value.code == "charge_already_refunded"


def test_a_transfer_is_found_by_its_group_and_reversed(side: Side) -> None:
    destination, group = side.recipient(), side.unique("group")
    side.paid()
    fields = {"amount": 300, "currency": "usd", "destination": destination, "transfer_group": group}
    transfer = side.eventually(lambda: _sent(side, fields | {"metadata": {"item": "i1"}}))
    listed = side.client.v1.transfers.list(
        {"transfer_group": group, "destination": destination}
    ).data
    assert [(each.id, each.metadata["item"]) for each in listed] == [(transfer.id, "i1")]
    reversal = side.client.v1.transfers.reversals.create(transfer.id, {"amount": 100})
    assert (reversal.amount, reversal.transfer) == (100, transfer.id)
    with pytest.raises(stripe.InvalidRequestError):
        side.client.v1.transfers.reversals.create(transfer.id, {"amount": 201})
    side.client.v1.transfers.reversals.create(transfer.id)
    assert side.client.v1.transfers.retrieve(transfer.id).reversed is True


def _sent(side: Side, fields: dict[str, object]) -> object:
    """Return the transfer, or None while the money is not there yet."""
    try:
        return side.client.v1.transfers.create(fields)
    except stripe.InvalidRequestError as error:
        assert error.code == "balance_insufficient"
        return None


def test_more_than_the_balance_cannot_be_sent(side: Side) -> None:
    destination = side.recipient()
    with pytest.raises(stripe.InvalidRequestError) as refused:
        side.client.v1.transfers.create(
            {"amount": 99_999_999, "currency": "usd", "destination": destination}
        )
    assert refused.value.code == "balance_insufficient"


def test_the_payment_of_an_invoice_leads_to_it_and_has_none_of_its_metadata(side: Side) -> None:
    customer = side.client.v1.customers.create({"email": "pay@example.org", "name": "Harbour Lab"})
    draft = side.client.v1.invoices.create(
        {
            "customer": customer.id,
            "collection_method": "send_invoice",
            "days_until_due": 30,
            "currency": "usd",
            "metadata": {"deposit": "d1"},
            "pending_invoice_items_behavior": "exclude",
        }
    )
    item: Any = {"customer": customer.id, "invoice": draft.id, "amount": 2_000, "currency": "usd"}
    side.client.v1.invoice_items.create(item)
    side.client.v1.invoices.finalize_invoice(draft.id)
    card = side.client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    paid = side.client.v1.invoices.pay(
        draft.id, {"payment_method": card.id, "expand": ["payments"]}
    )
    assert (paid.status, paid.amount_paid) == ("paid", 2_000)
    assert paid.payments
    intent = side.client.v1.payment_intents.retrieve(
        str(paid.payments.data[0].payment.payment_intent)
    )
    assert (intent.status, intent.metadata.to_dict()) == ("succeeded", {})
    by_payment: Any = {
        "payment": {"type": "payment_intent", "payment_intent": intent.id},
        "expand": ["data.invoice"],
    }
    (found,) = side.client.v1.invoice_payments.list(by_payment).data
    assert (found.invoice.id, found.invoice.metadata["deposit"]) == (draft.id, "d1")
