"""PayoutRun: payouts made together. Payout: an amount sent to one person once. BankPayout: from Stripe to a bank.
Reversal: a payout's transfer taken back.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from annotators.profiles.rails import STRIPE_CONNECT
from billing.recipients.models import BY_HAND, BankDetails, Recipient
from billing.stripe.calls.bank_payouts import STATUSES
from billing.stripe.outbox import Outgoing
from rlhfhub.tenancy.base import Row
from rlhfhub.tenancy.models import User

OPEN = ("ready", "sending")
MOST_REASON_CHARS = 500


class PayoutRun(Row):
    """A wish that people are paid: all of them once a week or by a command, or one person who asked.

    A worker makes the payouts, some at a time; `after` is the account up to which that is done. Transfers at Stripe
    name the run in their metadata.
    """

    class Kind(models.TextChoices):
        SCHEDULED = "scheduled", "Weekly"
        ASKED = "asked", "Asked for by the person"
        COMMAND = "command", "By staff"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    day = models.DateField(null=True)
    person = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    currency = models.CharField(max_length=3, blank=True, db_default="")
    after = models.UUIDField(null=True)
    made_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["created_at"], condition=Q(made_at=None), name="payout_run_to_make"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["day"], name="payout_run_once_a_day"),
            models.UniqueConstraint(
                fields=["person"], condition=Q(made_at=None), name="payout_run_asked_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="scheduled", day__isnull=False, person=None)
                | Q(kind="asked", day=None, person__isnull=False)
                | Q(kind="command", day=None, person=None),
                name="payout_run_kind",
            ),
        ]


class Payout(Outgoing, Row):
    """An amount for one person, which left what is owed to them in the transaction that made this row.

    A worker sends it under the key `payout:<id>:<attempt>` (see billing.stripe.outbox), in a transfer group of this id,
    by which a transfer whose response was lost is found. From `bank_look_at` on, Stripe is asked what went on to the
    bank. A trigger sets `rail` and `destination` from the recipient, who must be somebody who can be paid.

    What it pays are the postings that its journal's debit spans (see billing.ledger.models.Posting).

    By hand, a member of staff sends it to the person's bank (`details` are those they had given when it was made) and
    enters the bank's reference; another one confirms that it has left our bank.
    """

    class State(models.TextChoices):
        READY = "ready", "Waits to be sent"
        SENDING = "sending", "Is being sent"
        PAID = "paid", "Sent"
        FAILED = "failed", "Failed"

    run = models.ForeignKey(PayoutRun, on_delete=models.PROTECT, related_name="payouts")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    rail = models.CharField(max_length=20, choices=Recipient.Rail.choices)
    destination = models.CharField(max_length=255)
    state = models.TextField(choices=State.choices, db_default=State.READY)
    transfer = models.CharField(max_length=255, blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True)
    bank_look_at = models.DateTimeField(null=True)
    details = models.ForeignKey(
        BankDetails, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    reference = models.CharField(max_length=120, blank=True, db_default="")
    entered_by_id = models.UUIDField(null=True)
    confirmed_by_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["bank_look_at"],
                condition=Q(bank_look_at__isnull=False),
                name="payout_to_look_at_bank",
            ),
            models.Index(fields=["next_at"], condition=Q(state__in=OPEN), name="payout_to_send"),
            models.Index(fields=["person", "-id"], name="payout_by_person"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "currency"],
                condition=Q(state__in=OPEN),
                name="payout_open_once",
            ),
            models.UniqueConstraint(
                fields=["transfer"], condition=~Q(transfer=""), name="payout_transfer_once"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payout_of_something"),
            models.CheckConstraint(
                condition=Q(state="ready", transfer="", ended_at=None, sent_at=None)
                | Q(state="sending", transfer="", ended_at=None, sent_at__isnull=False)
                | (Q(state="paid", ended_at__isnull=False, rail=STRIPE_CONNECT) & ~Q(transfer=""))
                | Q(state="paid", ended_at__isnull=False, rail=BY_HAND, transfer="")
                | Q(state="failed", transfer="", ended_at__isnull=False),
                name="payout_state",
            ),
            models.CheckConstraint(
                condition=Q(
                    rail=STRIPE_CONNECT, reference="", entered_by_id=None, confirmed_by_id=None
                )
                | Q(
                    rail=BY_HAND,
                    state="ready",
                    reference="",
                    entered_by_id=None,
                    confirmed_by_id=None,
                )
                | (
                    Q(
                        rail=BY_HAND,
                        state="sending",
                        entered_by_id__isnull=False,
                        confirmed_by_id=None,
                    )
                    & ~Q(reference="")
                )
                | (
                    Q(
                        rail=BY_HAND,
                        state="paid",
                        entered_by_id__isnull=False,
                        confirmed_by_id__isnull=False,
                    )
                    & ~Q(reference="")
                    & ~Q(confirmed_by_id=F("entered_by_id"))
                ),
                name="payout_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.currency} {self.state}"


class BankPayout(Row):
    """What Stripe paid from a person's account there to their bank, as Stripe last said. It is of no single payout:
    Stripe pays out what the account holds, in the bank's currency.
    """

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    stripe_id = models.CharField(max_length=255, unique=True)
    status = models.TextField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    arrives_at = models.DateTimeField()
    failure_code = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()
    looked_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "-created_at"], name="bank_payout_by_person")]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=STATUSES), name="bank_payout_status")
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.currency} {self.status}"


class Reversal(Outgoing, Row):
    """Money of a payout that is taken back from the person's account at Stripe. It is then owed to them as before.

    One member of staff asks for it and says why, which the person reads; another one approves it, and then a worker
    sends it under the key `reversal:<id>:<attempt>`. Stripe takes only what the account still holds. `reversal` and
    `transaction` are Stripe's ids of it and of the balance transaction that brought the money.
    """

    class State(models.TextChoices):
        ASKED = "asked", "Waits for a second member of staff"
        DECLINED = "declined", "Declined"
        READY = "ready", "Waits to be sent"
        SENDING = "sending", "Is being sent"
        DONE = "done", "Taken back"
        FAILED = "failed", "Refused by Stripe"

    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="reversals")
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=MOST_REASON_CHARS)
    state = models.TextField(choices=State.choices, db_default=State.ASKED)
    asked_by_id = models.UUIDField()
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    decided_by_id = models.UUIDField(null=True)
    reversal = models.CharField(max_length=255, blank=True, db_default="")
    transaction = models.CharField(max_length=255, blank=True, db_default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(state__in=OPEN), name="payout_reversal_to_send"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["payout"],
                condition=Q(state__in=["asked", *OPEN]),
                name="payout_reversal_open_once",
            ),
            models.UniqueConstraint(
                fields=["reversal"], condition=~Q(reversal=""), name="payout_reversal_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0) & ~Q(reason=""), name="payout_reversal_says_why"
            ),
            models.CheckConstraint(
                condition=Q(state="asked", decided_by_id=None)
                | Q(state="declined", decided_by_id__isnull=False)
                | (
                    Q(state__in=["ready", "sending", "done", "failed"], decided_by_id__isnull=False)
                    & ~Q(decided_by_id=F("asked_by_id"))
                ),
                name="payout_reversal_by_two",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["asked", "ready"],
                    reversal="",
                    transaction="",
                    sent_at=None,
                    ended_at=None,
                )
                | Q(
                    state="declined",
                    reversal="",
                    transaction="",
                    sent_at=None,
                    ended_at__isnull=False,
                )
                | Q(
                    state="sending",
                    reversal="",
                    transaction="",
                    sent_at__isnull=False,
                    ended_at=None,
                )
                | Q(state="failed", reversal="", transaction="", ended_at__isnull=False)
                | (Q(state="done", ended_at__isnull=False) & ~Q(reversal="") & ~Q(transaction="")),
                name="payout_reversal_state",
            ),
        ]
