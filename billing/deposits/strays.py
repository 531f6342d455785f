"""Payments and refunds at Stripe that are not booked, for they fit no deposit. They are kept for staff.

Staff refund such a payment at Stripe, find out whose it is, or agree with the workspace on a refund.
"""

import uuid
from collections.abc import Sequence

from django.db.models import QuerySet
from django.db.models.functions import Now

from billing.deposits.models import Deposit, StrayPayment
from billing.stripe.calls.invoices import Invoice
from billing.stripe.calls.payment_intents import PaymentIntent
from billing.stripe.calls.refunds import Refund
from rlhfhub.tenancy import audit


def keep(found: PaymentIntent, reason: str) -> None:
    """Keep a payment for staff, once. System plane."""
    _keep(found, found.customer, found.received_minor, reason)


def keep_invoice(found: Invoice, reason: str) -> None:
    """Keep an invoice for staff, once, of which Stripe says that something is paid and no payment of it was booked.

    System plane.
    """
    _keep(found, found.customer, found.paid_minor, reason)


def keep_refund(found: Refund, deposit: Deposit, reason: str) -> None:
    """Keep a refund of this deposit for staff, once, that cannot be booked. System plane."""
    customer = deposit.customer.stripe_id if deposit.customer else ""
    _keep(found, customer, found.amount_minor, reason)


def _keep(
    found: PaymentIntent | Invoice | Refund, customer: str, amount_minor: int, reason: str
) -> None:
    StrayPayment.objects.bulk_create(
        [
            StrayPayment(
                stripe_id=found.id,
                customer=customer,
                amount_minor=amount_minor,
                currency=found.currency,
                reason=reason,
            )
        ],
        ignore_conflicts=True,
    )


def unsettled() -> QuerySet[StrayPayment]:
    """Return the payments and refunds that staff have not settled."""
    return StrayPayment.objects.filter(settled_at=None)


def settle(*, stray_ids: Sequence[uuid.UUID], actor_id: uuid.UUID) -> int:
    """Note that a member of staff has settled these. Staff plane. Returns: how many were not settled before."""
    count = unsettled().filter(pk__in=stray_ids).update(settled_at=Now(), settled_by_id=actor_id)
    audit.note(
        "stray_payment.settle", count, actor_id=actor_id, data={"ids": [*map(str, stray_ids)]}
    )
    return count
