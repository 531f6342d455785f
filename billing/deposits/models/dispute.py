"""Dispute: a payment that its bank took back."""

from django.db import models
from django.db.models import Q

from billing.deposits.models.deposit import Deposit
from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey


class Dispute(TenantRow):
    """A payment that its bank has taken back, or asks about. While one is open, the workspace is frozen.

    `status` is Stripe's own; `state` says what is booked: nothing of an inquiry, the frozen amount of an open one.
    """

    class State(models.TextChoices):
        INQUIRY = "inquiry", "Inquiry, no money taken"
        OPEN = "open", "Open"
        WON = "won", "Won"
        LOST = "lost", "Lost"
        APPEAL_WON = "appeal_won", "Lost, and won on appeal"

    deposit = tenant_fk(Deposit)
    dispute_id = models.CharField(max_length=255, unique=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=60)
    status = models.CharField(max_length=40)
    state = models.TextField(choices=State.choices, db_default=State.INQUIRY)
    opened_at = models.DateTimeField()
    answer_by = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["workspace"], condition=Q(state="open"), name="dispute_open_of_workspace"
            )
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="dispute_amount"),
            models.CheckConstraint(
                condition=Q(state__in=["inquiry", "open"], closed_at=None)
                | Q(state__in=["won", "lost", "appeal_won"], closed_at__isnull=False),
                name="dispute_state",
            ),
            TenantKey(name="dispute_deposit", to="billing_deposits_deposit", column="deposit_id"),
        ]
