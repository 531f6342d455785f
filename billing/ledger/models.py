"""Accounts, journals and postings: double entry in signed integer minor units.

Liabilities and income are positive, assets and expenses negative; a journal sums to zero per currency
(a trigger), postings are never changed (a trigger), a floored balance never falls below zero
(a constraint), and each kind of journal touches the accounts that `ledger_kinds()` names, in their direction,
from its plane (triggers). `billing.ledger.services.post` is the only writer.
"""

from django.db import models
from django.db.models import Q

from rlhfhub.tenancy.base import Row

FLOORED = (
    "workspace_available",
    "batch_budget",
    "batch_reserve",
    "rejection_hold",
    "annotator_payable",
)
OWNED = (
    Q(
        kind__in=["platform_cash", "platform_revenue"],
        workspace_id=None,
        batch_id=None,
        person_id=None,
    )
    | Q(kind="workspace_available", workspace_id__isnull=False, batch_id=None, person_id=None)
    | Q(
        kind__in=["batch_budget", "batch_reserve", "rejection_hold"],
        workspace_id__isnull=False,
        batch_id__isnull=False,
        person_id=None,
    )
    | Q(kind="annotator_payable", workspace_id=None, batch_id=None, person_id__isnull=False)
)


class Account(Row):
    """One account. Its owner is a workspace, a batch of a workspace, a person, or (all null) the platform."""

    class Kind(models.TextChoices):
        PLATFORM_CASH = "platform_cash"
        PLATFORM_REVENUE = "platform_revenue"
        WORKSPACE_AVAILABLE = "workspace_available"
        BATCH_BUDGET = "batch_budget"
        BATCH_RESERVE = "batch_reserve"
        REJECTION_HOLD = "rejection_hold"
        ANNOTATOR_PAYABLE = "annotator_payable"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    currency = models.CharField(max_length=3)
    workspace_id = models.UUIDField(null=True)
    batch_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    balance_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "currency", "workspace_id", "batch_id", "person_id"],
                name="account_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=FLOORED) | Q(balance_minor__gte=0),
                name="account_not_negative",
            ),
            models.CheckConstraint(condition=OWNED, name="account_owner"),
        ]


class Journal(Row):
    """One money event; `cause` (such as `accrual:<annotation>`) is unique, so that it is booked once."""

    workspace_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=20)
    cause = models.CharField(max_length=120, unique=True)
    note = models.CharField(max_length=200, blank=True)
    actor_id = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["workspace_id", "-at"], name="journal_by_workspace")]


class Posting(Row):
    """A line of a journal. The owner columns repeat the account's, because policies read this row alone."""

    journal = models.ForeignKey(Journal, on_delete=models.PROTECT, related_name="postings")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    workspace_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["person_id", "-at"],
                condition=Q(person_id__isnull=False),
                name="posting_by_person",
            )
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(amount_minor=0), name="posting_not_zero")
        ]
