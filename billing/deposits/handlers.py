"""Handlers of Stripe's events about sessions, invoices, payments, disputes and refunds of the platform."""

from billing.deposits.disputes import see_dispute
from billing.deposits.invoices import see_invoice
from billing.deposits.models import Deposit
from billing.deposits.payments import see_payment
from billing.deposits.refunding import see_refund
from billing.deposits.sessions import see_session
from billing.stripe.events import Event
from billing.stripe.handles import handle
from rlhfhub.tenancy import planes

SESSIONS = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
)
PAYMENTS = ("payment_intent.succeeded",)
INVOICES = (
    "invoice.updated",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice.overdue",
    "invoice.voided",
    "invoice.marked_uncollectible",
)
DISPUTES = (
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
)
REFUNDS = ("refund.created", "refund.updated", "refund.failed")
CHARGES = ("charge.succeeded", "charge.updated")


def on_session(event: Event) -> None:
    """See what became of the session."""
    if not event.account:
        see_session(event.object_id)


def on_invoice(event: Event) -> None:
    """See what became of the invoice."""
    if not event.account:
        see_invoice(event.object_id)


def on_payment(event: Event) -> None:
    """Book the payment."""
    if not event.account:
        see_payment(event.object_id)


def on_charge(event: Event) -> None:
    """Book the fee and the clearing of a deposit's charge. Of another one, its payment tells."""
    if event.account:
        return
    with planes.as_system():
        rows = Deposit.objects.filter(charge=event.object_id)
        payment = rows.values_list("payment_intent", flat=True).first()
    if payment:
        see_payment(payment)


def on_dispute(event: Event) -> None:
    """Book the dispute as far as it has come."""
    if not event.account:
        see_dispute(event.object_id)


def on_refund(event: Event) -> None:
    """Book what became of the refund."""
    if not event.account:
        see_refund(event.object_id)


def register() -> None:
    """Register the handlers. Called from the AppConfig's ready()."""
    known = (
        (SESSIONS, on_session),
        (INVOICES, on_invoice),
        (PAYMENTS, on_payment),
        (CHARGES, on_charge),
        (DISPUTES, on_dispute),
        (REFUNDS, on_refund),
    )
    for types, handler in known:
        for each in types:
            handle(each, handler)
