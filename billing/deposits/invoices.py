"""Invoices: making the one by which a deposit is paid, and what became of it, as Stripe says it now.

An invoice is made in steps, each under a key of its own: the customer's address, a draft, its line, its opening, its
mail. A worker that takes the deposit up again repeats all of them, and Stripe does none twice.
"""

import logging
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db.models.functions import Now

from billing.deposits import strays
from billing.deposits.claiming import next_look
from billing.deposits.made import Made
from billing.deposits.models import Deposit
from billing.deposits.notices import tell_of_invoice
from billing.deposits.payments import columns_of, see_payment
from billing.stripe.calls import bank_transfers, customers
from billing.stripe.calls import invoices as calls
from billing.stripe.calls.invoices import PAYABLE, Invoice, InvoicePayment
from billing.stripe.calls.payment_intents import PaymentIntent
from billing.stripe.errors import Refused, Unknown
from rlhfhub.tenancy import clock, planes

log = logging.getLogger(__name__)
#: The payments of an invoice, each with its payment intent.
Payments = list[tuple[InvoicePayment, PaymentIntent]]
_ELSEWHERE = "Invoice {number} is paid, but not by one payment through Stripe. Book the money when it has come."


def make(deposit: Deposit) -> Made:
    """Make the invoice of the deposit's attempt, and let Stripe mail it. Raises: CallFailed."""
    customers.mail_to(
        key=_key(deposit, "email"),
        customer=deposit.customer.stripe_id,
        email=deposit.billing_email,
    )
    draft = calls.create(
        key=_key(deposit, "invoice"),
        customer=deposit.customer.stripe_id,
        currency=deposit.currency,
        days_until_due=settings.STRIPE_INVOICE_DAYS,
        reference=deposit.reference,
        metadata={"deposit": str(deposit.pk), "workspace": str(deposit.workspace_id)},
    )
    return _made(deposit, _opened(deposit, draft))


def find(deposit: Deposit) -> Made | None:
    """Look for the invoice that an earlier request made although its answer was lost, and open it if it is a draft.

    Raises: CallFailed.
    """
    since: datetime = deposit.asked_at - timedelta(days=1)
    for invoice in calls.of_customer(deposit.customer.stripe_id):
        if invoice.metadata.get("deposit") == str(deposit.pk):
            return _made(deposit, _opened(deposit, invoice))
        if invoice.created_at < since:
            break
    return None


def _opened(deposit: Deposit, invoice: Invoice) -> Invoice:
    """Do the steps that a draft still needs."""
    if invoice.status != "draft":
        return invoice
    if not invoice.total_minor:
        calls.add_line(
            key=_key(deposit, "line"),
            invoice=invoice.id,
            customer=invoice.customer,
            amount_minor=deposit.amount_minor,
            currency=deposit.currency,
            words="Funds for data projects",
        )
    opened = calls.finalize(key=_key(deposit, "finalize"), invoice=invoice.id)
    try:
        return calls.send(key=_key(deposit, "mail"), invoice=invoice.id)
    except Refused as refused:
        # It can be paid all the same: the deposit's page leads to it.
        log.warning("an invoice was not mailed: %s", refused)
        return opened


def _key(deposit: Deposit, step: str) -> str:
    return f"deposit:{deposit.pk}:{deposit.attempt}:{step}"


def _made(deposit: Deposit, invoice: Invoice) -> Made:
    columns = {
        **columns_of(invoice),
        "bank_details": _bank_details(deposit),
        "page_url": invoice.page_url,
    }
    return Made(columns, partial(see_invoice, invoice.id) if invoice.status != "open" else None)


def _bank_details(deposit: Deposit) -> list[tuple[str, str]]:
    try:
        return bank_transfers.details_of(
            key=_key(deposit, "bank"),
            customer=deposit.customer.stripe_id,
            currency=deposit.currency,
        )
    except Refused as refused:
        log.warning("Stripe does not say where to send a bank transfer: %s", refused)
        return []


def void(deposit: Deposit) -> None:
    """Void the invoice of a deposit that a member wants canceled. It cannot be while a payment of it is under way.

    Raises: Unknown, Busy.
    """
    asked = deposit.cancel_asked_at
    assert asked is not None
    try:
        calls.void(
            key=f"deposit:{deposit.pk}:void:{asked.timestamp():.6f}", invoice=deposit.invoice_id
        )
    except Refused as refused:
        log.warning("an invoice was not voided: %s", refused)
        with planes.as_system():
            Deposit.objects.filter(pk=deposit.pk, state=Deposit.State.OPEN).update(
                cancel_asked_at=None
            )


def see_invoice(invoice_id: str) -> None:
    """Book the payment of an invoice, or note what else became of it. Called outside transactions.

    Raises: CallFailed.
    """
    invoice = calls.retrieve(invoice_id)
    payments = [
        (payment, see_payment(payment.payment_intent, invoice))
        for payment in invoice.payments
        if payment.payment_intent
    ]
    with planes.as_system():
        rows = Deposit.objects.select_for_update(of=("self",)).select_related("workspace")
        deposit = rows.filter(invoice_id=invoice.id, state=Deposit.State.OPEN).first()
        if deposit:
            _note(deposit, invoice, payments)


def _note(deposit: Deposit, invoice: Invoice, payments: Payments) -> None:
    """Note what is not a payment that was booked."""
    if invoice.status in PAYABLE:
        _note_open(deposit, invoice, {intent.status for _, intent in payments})
    elif invoice.status == "void":
        _end(deposit, invoice, Deposit.State.CANCELED)
        tell_of_invoice(deposit, "void")
    elif invoice.status == "paid":
        _note_paid_elsewhere(deposit, invoice, payments)


def _note_open(deposit: Deposit, invoice: Invoice, statuses: set[str]) -> None:
    """Note how far an invoice has come that can still be paid. A part of it that came by a payment is stray."""
    Deposit.objects.filter(pk=deposit.pk).update(
        page_url="" if "processing" in statuses else invoice.page_url,
        part_minor=invoice.paid_minor,
        next_at=Now() + next_look(deposit),
        **columns_of(invoice),
    )
    if invoice.paid_minor and "succeeded" not in statuses:
        strays.keep_invoice(invoice, f"Invoice {invoice.number} is paid in part.")
    if invoice.status == "uncollectible":
        tell_of_invoice(deposit, "uncollectible")
    elif invoice.due_at and invoice.due_at < clock.now():
        tell_of_invoice(deposit, "overdue")


def _note_paid_elsewhere(deposit: Deposit, invoice: Invoice, payments: Payments) -> None:
    """Keep an invoice for staff that says that it is paid, although no payment of it was booked.

    Raises: Unknown if a payment of it is still to succeed, and then it is looked at again.
    """
    if any(each.status == "paid" and by.status != "succeeded" for each, by in payments):
        raise Unknown(f"invoice {invoice.id} is paid, and its payment has not succeeded yet")
    strays.keep_invoice(invoice, _ELSEWHERE.format(number=invoice.number))
    _end(deposit, invoice, Deposit.State.ELSEWHERE)


def _end(deposit: Deposit, invoice: Invoice, state: Deposit.State) -> None:
    Deposit.objects.filter(pk=deposit.pk).update(state=state, page_url="", **columns_of(invoice))
    deposit.refresh_from_db()
