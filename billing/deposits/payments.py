"""Books payments that succeeded, from Stripe's own object and never from a page that somebody opens."""

import uuid
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.db.models.functions import Now

from billing.deposits import debts, strays
from billing.deposits.claiming import UNCLEARED, each, take_up_in
from billing.deposits.models import Customer, Deposit
from billing.deposits.notices import tell_of_payment
from billing.ledger import entries
from billing.ledger.services import post
from billing.stripe.calls import invoices, payment_intents
from billing.stripe.calls.balance_transactions import BalanceTransaction
from billing.stripe.calls.invoices import Invoice
from billing.stripe.calls.payment_intents import Charge, PaymentIntent
from rlhfhub.tenancy import planes

#: When a paid deposit is looked at again, if its money is not available when Stripe said it would be.
CLEAR_AGAIN = timedelta(hours=1)


def see_payment(payment_intent: str, invoice: Invoice | None = None) -> PaymentIntent:
    """Fetch a payment, and book it if it succeeded, with its fee and its clearing as far as Stripe knows them.

    Any number of calls, at once or in any order, book it once. One that fits no deposit is kept for staff. The payment
    of an invoice does not name the deposit; its `invoice` does, which is fetched if it is not given. Called outside
    transactions.

    Returns: the payment. Raises: CallFailed.
    """
    found = payment_intents.retrieve(payment_intent)
    if found.status == "succeeded":
        if "deposit" not in found.metadata:
            invoice = invoice or invoices.of_payment(found.id)
        with planes.as_system():
            _book(found, invoice)
    return found


def _book(found: PaymentIntent, invoice: Invoice | None) -> None:
    # The customer's row is locked first: payments of one workspace are booked one after the other.
    customer = _customer_of(found)
    deposit = _deposit_of(customer, (invoice or found).metadata) if customer else None
    if not (charge := found.charge) or charge.status != "succeeded" or found.received_minor <= 0:
        strays.keep(found, "It has no charge that succeeded.")
    elif not customer:
        strays.keep(found, "Its customer is none of ours.")
    elif not deposit:
        strays.keep(found, "It names no deposit of its customer.")
    elif found.currency != deposit.currency:
        strays.keep(found, f"Its deposit is in {deposit.currency}.")
    elif invoice and found.received_minor < invoice.total_minor:
        strays.keep(found, f"It pays invoice {invoice.number} only in part.")
    elif deposit.payment_intent not in ("", found.id):
        strays.keep(found, "Its deposit was paid by another payment.")
    else:
        if deposit.state != Deposit.State.PAID:
            _credit(deposit, found, charge, invoice)
        if charge.transaction:
            _settle(deposit, charge.transaction)


def _customer_of(found: PaymentIntent) -> Customer | None:
    rows = Customer.objects.select_for_update()
    customer: Customer | None = rows.filter(
        stripe_id=found.customer or None, is_live=found.is_live
    ).first()
    return customer


def _deposit_of(customer: Customer, metadata: Mapping[str, str]) -> Deposit | None:
    try:
        named = uuid.UUID(metadata.get("deposit", ""))
    except ValueError:
        return None
    rows = Deposit.objects.select_for_update(of=("self",)).select_related("workspace")
    deposit: Deposit | None = rows.filter(pk=named, customer=customer).first()
    return deposit


def columns_of(invoice: Invoice) -> dict[str, Any]:
    """Return the columns of a deposit that say what its invoice is."""
    return {
        "invoice_id": invoice.id,
        "invoice_status": invoice.status,
        "invoice_number": invoice.number[:100],
        "invoice_url": invoice.page_url,
        "pdf_url": invoice.pdf_url,
        "due_at": invoice.due_at,
    }


def _credit(
    deposit: Deposit, found: PaymentIntent, charge: Charge, invoice: Invoice | None
) -> None:
    """Put what was received on the workspace's balance, and repay what it owes."""
    received = found.received_minor
    money: dict[str, Any] = {"workspace_id": deposit.workspace_id, "currency": deposit.currency}
    payment = entries.payment(amount_minor=received, payment_intent=found.id, **money)
    post([payment, *debts.repayment(amount_minor=received, source=found.id, **money)])
    Deposit.objects.filter(pk=deposit.pk).update(
        state=Deposit.State.PAID,
        error="",
        page_url="",
        part_minor=0,
        payment_intent=found.id,
        charge=charge.id,
        paid_by=charge.method[:60],
        received_minor=received,
        paid_at=charge.created_at,
        receipt_url=charge.receipt_url,
        next_at=Now() + CLEAR_AGAIN,
        **(columns_of(invoice) if invoice else {}),
    )
    deposit.refresh_from_db()
    tell_of_payment(deposit)


def _settle(deposit: Deposit, transaction: BalanceTransaction) -> None:
    """Book Stripe's fee, and that the money is available once it is."""
    row = Deposit.objects.filter(pk=deposit.pk)
    money: dict[str, Any] = {
        "workspace_id": deposit.workspace_id,
        "currency": deposit.currency,
        "transaction": transaction.id,
    }
    if transaction.currency != deposit.currency:
        row.update(settled_in=transaction.currency)
        return
    if not deposit.transaction:
        if transaction.fee_minor:
            post([entries.stripe_fee(amount_minor=transaction.fee_minor, **money)])
        row.update(
            transaction=transaction.id,
            fee_minor=transaction.fee_minor,
            available_at=transaction.available_at,
            next_at=transaction.available_at,
        )
    if transaction.status == "available" and not deposit.cleared_at:
        post([entries.clearing(net_minor=transaction.net_minor, **money)])
        row.update(cleared_at=Now())


def cleared() -> Iterator[None]:
    """Look whether the money of paid deposits is available by now, of those that are due. Yields after each."""
    return each(UNCLEARED, _look)


def _look(deposit_id: uuid.UUID) -> None:
    with planes.as_system():
        payment = Deposit.objects.values_list("payment_intent", flat=True).get(pk=deposit_id)
    take_up_in(UNCLEARED, deposit_id, CLEAR_AGAIN)
    see_payment(payment)
