"""BalanceEntry: a change of the platform's balance, as Stripe lists it. Match: a journal that booked one. Run: a
reconciliation. Difference: what does not agree.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from rlhfhub.tenancy.base import Row


class BalanceEntry(Row):
    """One of Stripe's balance transactions: `net_minor` = `amount_minor` − `fee_minor`, signed as the platform sees it.

    It is matched when journals moved just `net_minor` on what the platform has at Stripe.
    """

    transaction = models.CharField(max_length=255, unique=True)
    type = models.CharField(max_length=60)
    category = models.CharField(max_length=60)
    source = models.CharField(max_length=255, blank=True)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    happened_at = models.DateTimeField()
    available_at = models.DateTimeField()
    read_at = models.DateTimeField(db_default=Now(), editable=False)
    matched_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "balance entries"
        indexes = [
            models.Index(
                fields=["id"], condition=Q(matched_at=None), name="balance_entry_unmatched"
            ),
            models.Index(fields=["happened_at"], name="balance_entry_by_time"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(net_minor=models.F("amount_minor") - models.F("fee_minor")),
                name="balance_entry_net",
            )
        ]


class Match(Row):
    """A journal that booked a balance entry, or a part of it: it moved `amount_minor` on what is at Stripe."""

    entry = models.ForeignKey(BalanceEntry, on_delete=models.PROTECT, related_name="matches")
    cause = models.CharField(max_length=120, unique=True)
    amount_minor = models.BigIntegerField()


class Run(Row):
    """A reconciliation: light ones read what is new, full ones also look for journals that Stripe knows nothing of.

    `balances` says, by currency, what Stripe and the ledger say is pending and available, in minor units.
    """

    is_full = models.BooleanField()
    started_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True)
    entries = models.PositiveIntegerField(db_default=0)
    matched = models.PositiveIntegerField(db_default=0)
    differences = models.PositiveIntegerField(null=True)
    balances = models.JSONField(db_default={})
    error = models.TextField(blank=True, db_default="")

    class Meta:
        indexes = [models.Index(fields=["-started_at"], name="reconciliation_by_time")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, differences=None, error="")
                | (Q(ended_at__isnull=False, differences__isnull=False, error=""))
                | (Q(ended_at__isnull=False, differences=None) & ~Q(error="")),
                name="reconciliation_ended",
            )
        ]


class Difference(Row):
    """Something that does not agree, as long as it does not. `subject` is a balance transaction or a journal's cause.

    It ends by itself when a later run finds it no more. Nothing is ever booked because of it.
    """

    class Kind(models.TextChoices):
        NOT_BOOKED = "not_booked", "At Stripe, and not booked"
        OTHER_AMOUNT = "other_amount", "Booked with another amount"
        NOT_AT_STRIPE = "not_at_stripe", "Booked, and not at Stripe"
        BALANCE = "balance", "The balances differ"
        SUSPENSE = "suspense", "Money that is not matched"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    subject = models.CharField(max_length=255)
    currency = models.CharField(max_length=3)
    stripe_minor = models.BigIntegerField()
    ledger_minor = models.BigIntegerField()
    first_seen_at = models.DateTimeField(db_default=Now(), editable=False)
    last_seen_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject", "currency"],
                condition=Q(ended_at=None),
                name="difference_open_once",
            ),
            models.CheckConstraint(
                condition=~Q(stripe_minor=models.F("ledger_minor")), name="difference_differs"
            ),
        ]
