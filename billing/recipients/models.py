"""Recipient: how a person is paid. Link: an address at Stripe that they asked for. BankDetails: where staff pay to."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotators.profiles.rails import STRIPE_CONNECT
from billing.stripe.calls.accounts import TRANSFER_STATUSES
from rlhfhub.tenancy.base import Row
from rlhfhub.tenancy.models import User

BY_HAND = "by_hand"
MOST_DETAILS_CHARS = 2000


class Recipient(Row):
    """How one person is paid. A trigger reads their country from the profile, and from that the rail.

    With the rail `stripe_connect` a worker makes an account at Stripe for them, under the key
    `recipient:<person>:<attempt>`: `name` and `email` are what it is made with, and stay the same for one attempt.
    The columns from `transfers` on repeat what Stripe said of the account when it was last asked.
    """

    class Rail(models.TextChoices):
        STRIPE_CONNECT = STRIPE_CONNECT, "Stripe"
        BY_HAND = BY_HAND, "By hand"

    class State(models.TextChoices):
        ASKED = "asked", "Asked for"
        MADE = "made", "Made"
        REFUSED = "refused", "Refused by Stripe"

    person = models.OneToOneField(User, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=254)
    email = models.CharField(max_length=254)
    rail = models.CharField(max_length=20, choices=Rail.choices, db_default=STRIPE_CONNECT)
    country = models.CharField(max_length=2, db_default="")
    state = models.TextField(choices=State.choices, db_default=State.ASKED)
    attempt = models.PositiveSmallIntegerField(db_default=1)
    tries = models.PositiveSmallIntegerField(db_default=0)
    sent_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(db_default=Now())
    account = models.CharField(max_length=255, blank=True, db_default="")
    error_code = models.CharField(max_length=120, blank=True, db_default="")
    error_words = models.TextField(blank=True, db_default="")
    transfers = models.CharField(max_length=12, blank=True, db_default="")
    reasons = ArrayField(models.TextField(), db_default=[])
    requirements = models.JSONField(db_default=[])
    is_closed = models.BooleanField(db_default=False)
    can_be_paid = models.BooleanField(db_default=False)
    bank_name = models.CharField(max_length=255, blank=True, db_default="")
    bank_last4 = models.CharField(max_length=8, blank=True, db_default="")
    bank_status = models.CharField(max_length=40, blank=True, db_default="")
    looked_at = models.DateTimeField(null=True)
    look_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(state="asked"),
                name="recipient_to_make",
            ),
            models.Index(
                fields=["look_at"],
                condition=Q(look_at__isnull=False),
                name="recipient_to_look_at",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=~Q(account=""), name="recipient_account_once"
            ),
            models.CheckConstraint(
                condition=Q(rail=STRIPE_CONNECT, state__in=["asked", "refused"], account="")
                | (Q(rail=STRIPE_CONNECT, state="made") & ~Q(account=""))
                | Q(rail=BY_HAND, state="made", account=""),
                name="recipient_state",
            ),
            models.CheckConstraint(
                condition=Q(transfers__in=["", *TRANSFER_STATUSES]), name="recipient_transfers"
            ),
            models.CheckConstraint(
                condition=Q(can_be_paid=False)
                | Q(rail=BY_HAND)
                | Q(state="made", transfers="active", is_closed=False),
                name="recipient_can_be_paid",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_rail_display()} {self.account}"

    @property
    def due(self) -> list[dict[str, Any]]:
        """What Stripe asks the person for, now or already too late."""
        return [
            one
            for one in self.requirements
            if one["by_person"] and one["deadline"] != "eventually_due"
        ]


class Link(Row):
    """A person's wish for an address at Stripe: for the onboarding, or of their dashboard.

    A worker asks Stripe for it under the key `link:<id>`. The address works once and is as good as a password, so it is
    kept only until the person follows it or it expires, and nobody else reads it.
    """

    class Kind(models.TextChoices):
        ONBOARDING = "onboarding", "Onboarding"
        DASHBOARD = "dashboard", "Dashboard"

    class State(models.TextChoices):
        ASKED = "asked", "Asked for"
        READY = "ready", "Ready"
        USED = "used", "Used"
        ENDED = "ended", "Ended"

    recipient = models.ForeignKey(
        Recipient,
        on_delete=models.PROTECT,
        to_field="person_id",
        db_column="person_id",
        related_name="+",
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.TextField(choices=State.choices, db_default=State.ASKED)
    url = models.TextField(blank=True, db_default="")
    expires_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(db_default=0)
    next_at = models.DateTimeField(db_default=Now())
    error = models.TextField(blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(state__in=["asked", "ready"]), name="link_open"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["onboarding", "dashboard"]), name="link_kind"
            ),
            models.CheckConstraint(
                condition=(Q(state="ready", expires_at__isnull=False) & ~Q(url=""))
                | Q(state__in=["asked", "used", "ended"], url=""),
                name="link_kept_while_ready",
            ),
        ]


class BankDetails(Row):
    """Where a person wants to be paid by hand, in their own words. A change is a new row; the newest one holds."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    words = models.CharField(max_length=MOST_DETAILS_CHARS)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "bank detail"
        indexes = [models.Index(fields=["person", "-id"], name="bank_details_by_person")]
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="bank_details_not_empty")
        ]
