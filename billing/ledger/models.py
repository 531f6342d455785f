"""Accounts, journals and postings: double entry in signed integer minor units.

Liabilities and income are positive, assets and expenses negative; a journal sums to zero per currency
(a trigger), postings are never changed (a trigger), a floored balance never falls below zero
(a constraint), and each kind of journal touches the accounts that `ledger_kinds()` names, in their direction,
from its plane (triggers). `billing.ledger.services.post` is the only writer.

An account without a floor, as all of the platform's are, keeps no balance: nearly every journal touches one, and each
would wait for the one before. Its balance is read from its postings.
"""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from rlhfhub.tenancy.base import Row

#: The platform's own accounts: its bank, its income and losses, and what it has at Stripe or on the way.
PLATFORM = (
    "platform_cash",
    "platform_revenue",
    "platform_losses",
    "stripe_pending",
    "stripe_available",
    "stripe_fees",
    "transfer_clearing",
    "refund_clearing",
    "dispute_clearing",
    "suspense",
)
_OF_WORKSPACE = (
    "workspace_available",
    "workspace_promised",
    "workspace_disputed",
    "workspace_receivable",
)
_OF_BATCH = ("batch_budget", "batch_reserve", "rejection_hold")
_OF_PERSON = ("annotator_payable", "annotator_in_payout")
#: Accounts that may not fall below zero. They alone keep a balance.
FLOORED = (
    "workspace_available",
    "workspace_promised",
    "workspace_disputed",
    *_OF_BATCH,
    "annotator_pending",
    *_OF_PERSON,
)
OWNED = (
    Q(kind__in=PLATFORM, workspace_id=None, batch_id=None, person_id=None)
    | Q(kind__in=_OF_WORKSPACE, workspace_id__isnull=False, batch_id=None, person_id=None)
    | Q(
        kind__in=_OF_BATCH,
        workspace_id__isnull=False,
        batch_id__isnull=False,
        person_id=None,
    )
    | Q(
        kind="annotator_pending",
        workspace_id__isnull=False,
        batch_id=None,
        person_id__isnull=False,
    )
    | Q(kind__in=_OF_PERSON, workspace_id=None, batch_id=None, person_id__isnull=False)
)


class Account(Row):
    """One account. Its owner is a workspace, a batch of a workspace, a person, or (all null) the platform."""

    class Kind(models.TextChoices):
        PLATFORM_CASH = "platform_cash", "The platform's bank"
        PLATFORM_REVENUE = "platform_revenue", "The platform's fees"
        PLATFORM_LOSSES = "platform_losses", "The platform's losses"
        STRIPE_PENDING = "stripe_pending", "Stripe: not yet available"
        STRIPE_AVAILABLE = "stripe_available", "Stripe: available"
        STRIPE_FEES = "stripe_fees", "Stripe's fees"
        TRANSFER_CLEARING = "transfer_clearing", "Transfers not yet seen in Stripe's balance"
        REFUND_CLEARING = "refund_clearing", "Refunds under way"
        DISPUTE_CLEARING = "dispute_clearing", "Disputed payments"
        SUSPENSE = "suspense", "Not matched"
        WORKSPACE_AVAILABLE = "workspace_available", "Free balance of a workspace"
        WORKSPACE_PROMISED = "workspace_promised", "Promised to annotators"
        WORKSPACE_DISPUTED = "workspace_disputed", "Frozen by disputes"
        WORKSPACE_RECEIVABLE = "workspace_receivable", "Owed by a workspace"
        BATCH_BUDGET = "batch_budget", "Budget of a batch"
        BATCH_RESERVE = "batch_reserve", "Reserve of a batch"
        REJECTION_HOLD = "rejection_hold", "On hold for rejected answers"
        ANNOTATOR_PENDING = "annotator_pending", "Earned, from a payment that is not yet clear"
        ANNOTATOR_PAYABLE = "annotator_payable", "Owed to an annotator"
        ANNOTATOR_IN_PAYOUT = "annotator_in_payout", "On its way to an annotator"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    currency = models.CharField(max_length=3)
    workspace_id = models.UUIDField(null=True)
    batch_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    balance_minor = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            # Of unchanging columns alone, so that a changed balance writes no index.
            models.Index(
                fields=["id"], condition=Q(kind="annotator_pending"), name="account_pending"
            ),
            models.Index(
                fields=["person_id"],
                condition=Q(person_id__isnull=False),
                name="account_of_person",
            ),
            # What a payout run goes through.
            models.Index(
                fields=["id"], condition=Q(kind="annotator_payable"), name="account_payable"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "currency", "workspace_id", "batch_id", "person_id"],
                name="account_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=FLOORED)
                | (Q(balance_minor__isnull=False) & Q(balance_minor__gte=0)),
                name="account_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=FLOORED) | Q(balance_minor=None), name="account_keeps_none"
            ),
            models.CheckConstraint(condition=OWNED, name="account_owner"),
        ]


class Journal(Row):
    """One money event; `cause` (such as `accrual:<annotation>`) is unique, so that it is booked once.

    `fingerprint` is the digest of what it moves: the same cause with other money is an error, and a sealed day covers
    it. A journal that `reverses` another has its lines with the opposite signs.
    """

    workspace_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=20)
    cause = models.CharField(max_length=120, unique=True)
    fingerprint = models.CharField(max_length=32)
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    actor_id = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["workspace_id", "-at"], name="journal_by_workspace"),
            BrinIndex(fields=["at"], name="journal_by_day", autosummarize=True),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="reverse", reverses__isnull=False)
                | (~Q(kind="reverse") & Q(reverses=None)),
                name="journal_reverses",
            )
        ]


class Posting(Row):
    """A line of a journal. The owner columns repeat the account's, because policies read this row alone.

    Money leaves a person's account in the order in which it came. `running_minor`, which a trigger sets, is the sum of
    the account's postings of the same sign up to and with this one. So a debit takes the credits, or the parts of them,
    whose running totals it spans: what a payout pays and what became payable is exact, to the cent, once it is posted.
    """

    journal = models.ForeignKey(Journal, on_delete=models.PROTECT, related_name="postings")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    workspace_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    amount_minor = models.BigIntegerField()
    running_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["account", "at"], name="posting_by_account"),
            models.Index(
                fields=["person_id", "-at"],
                condition=Q(person_id__isnull=False),
                name="posting_by_person",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(amount_minor=0), name="posting_not_zero"),
            models.CheckConstraint(
                condition=Q(person_id=None, running_minor=None)
                | (
                    Q(person_id__isnull=False, running_minor__isnull=False)
                    & (
                        Q(amount_minor__gt=0, running_minor__gte=F("amount_minor"))
                        | Q(amount_minor__lt=0, running_minor__lte=F("amount_minor"))
                    )
                ),
                name="posting_running",
            ),
            models.UniqueConstraint(
                fields=["account", "running_minor"],
                condition=Q(running_minor__isnull=False),
                name="posting_running_once",
            ),
        ]


class Seal(Row):
    """A day (UTC) of the journal that is over: the digest of its journals, chained to that of the day before.

    It is closed first: transactions begun before that may still post in that day. When all of them have ended, which
    `after` tells (the id of the transaction that closed it; older ones have smaller ids), it is sealed.
    """

    day = models.DateField(unique=True)
    after = models.BigIntegerField()
    closed_at = models.DateTimeField(db_default=Now())
    journals = models.BigIntegerField(null=True)
    digest = models.CharField(max_length=64, db_default="")
    sealed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(journals=None, digest="", sealed_at=None)
                | (Q(journals__isnull=False, sealed_at__isnull=False) & ~Q(digest="")),
                name="seal_whole",
            )
        ]


class DayTotal(Row):
    """What a sealed day added to an account that keeps no balance."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "seal"], name="day_total_once")]


class Correction(Row):
    """A reversal of a journal that one member of staff asks for and another one approves."""

    journal = models.ForeignKey(Journal, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    asked_by_id = models.UUIDField()
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    decided_by_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    approved = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by_id=None, decided_at=None, approved=None)
                | Q(decided_by_id__isnull=False, decided_at__isnull=False, approved__isnull=False),
                name="correction_decided",
            ),
            models.CheckConstraint(
                condition=~Q(approved=True) | ~Q(decided_by_id=F("asked_by_id")),
                name="correction_by_two",
            ),
            models.UniqueConstraint(
                fields=["journal"],
                condition=Q(approved=None) | Q(approved=True),
                name="correction_once",
            ),
        ]
