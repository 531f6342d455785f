"""StrayPayment: a payment or refund that fits no deposit, or an invoice that was not paid through Stripe."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from rlhfhub.tenancy.base import Row


class StrayPayment(Row):
    """A payment that succeeded at Stripe and was not booked, because it fits no deposit. Staff settle it.

    Or a refund, made in Stripe's dashboard, of a deposit whose money Stripe converted: what it took is in another
    currency than the workspace's. `stripe_id` is the payment intent's id, the refund's, or the id of an invoice
    that was paid without a payment intent.
    """

    stripe_id = models.CharField(max_length=255, unique=True)
    customer = models.CharField(max_length=255)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=200)
    seen_at = models.DateTimeField(db_default=Now(), editable=False)
    settled_at = models.DateTimeField(null=True)
    settled_by_id = models.UUIDField(null=True)

    class Meta:
        verbose_name = "stray payment"
        indexes = [
            models.Index(fields=["seen_at"], condition=Q(settled_at=None), name="stray_unsettled")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by_id=None)
                | Q(settled_at__isnull=False, settled_by_id__isnull=False),
                name="stray_settled",
            )
        ]
