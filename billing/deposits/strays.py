"""Payments that fit no deposit: they are kept for staff, who refund them at Stripe or find out whose they are."""

import uuid
from collections.abc import Sequence

from django.db.models import QuerySet
from django.db.models.functions import Now

from billing.deposits.models import StrayPayment
from billing.stripe.calls.invoices import Invoice
from billing.stripe.calls.payment_intents import PaymentIntent
from rlhfhub.tenancy import audit


def keep(found: PaymentIntent, reason: str) -> None:
    """Keep a payment for staff, once. System plane."""
    _keep(found, found.received_minor, reason)


def keep_invoice(found: Invoice, reason: str) -> None:
    """Keep an invoice for staff, once, of which Stripe says that something is paid and no payment of it was booked.

    System plane.
    """
    _keep(found, found.paid_minor, reason)


def _keep(found: PaymentIntent | Invoice, amount_minor: int, reason: str) -> None:
    StrayPayment.objects.bulk_create(
        [
            StrayPayment(
                stripe_id=found.id,
                customer=found.customer,
                amount_minor=amount_minor,
                currency=found.currency,
                reason=reason,
            )
        ],
        ignore_conflicts=True,
    )


def unsettled() -> QuerySet[StrayPayment]:
    """Return the payments that staff have not settled."""
    return StrayPayment.objects.filter(settled_at=None)


def settle(*, stray_ids: Sequence[uuid.UUID], actor_id: uuid.UUID) -> int:
    """Note that a member of staff has settled these. Staff plane. Returns: how many were not settled before."""
    count = unsettled().filter(pk__in=stray_ids).update(settled_at=Now(), settled_by_id=actor_id)
    audit.note(
        "stray_payment.settle", count, actor_id=actor_id, data={"ids": [*map(str, stray_ids)]}
    )
    return count
