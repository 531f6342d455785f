"""Refund: what goes back to a workspace."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from billing.deposits.models.deposit import Deposit
from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey

# By two: one enters a transfer and another one confirms it; or one asks to book what was refunded, another confirms.
_BY_BANK = (
    Q(reference="", entered_by_id=None, confirmed_by_id=None)
    | (~Q(reference="") & Q(entered_by_id__isnull=False, confirmed_by_id=None))
    | (Q(confirmed_by_id__isnull=False, state="done") & ~Q(confirmed_by_id=F("entered_by_id")))
)
_BY_DASHBOARD = Q(state__in=["asked", "failed"], confirmed_by_id=None) | (
    Q(entered_by_id__isnull=False, confirmed_by_id__isnull=False)
    & ~Q(confirmed_by_id=F("entered_by_id"))
)
# A transfer is taken back when another one than who asked for it agrees. The last time stays on the row.
_TAKEN_BACK = (
    Q(take_back_reason="", take_back_by_id=None, take_back_agreed_by_id=None)
    | (
        Q(way="bank", state="sent", take_back_by_id__isnull=False, take_back_agreed_by_id=None)
        & ~Q(take_back_reason="")
        & ~Q(reference="")
    )
    | (
        Q(way="bank", take_back_by_id__isnull=False, take_back_agreed_by_id__isnull=False)
        & ~Q(take_back_reason="")
        & ~Q(take_back_agreed_by_id=F("take_back_by_id"))
    )
)


class Refund(TenantRow):
    """Money that goes back to a workspace: to the card or account of one deposit, or (without a deposit) by bank.

    A worker first books that it leaves the free balance, and then the row is `sent`. By Stripe, it asks for the refund
    under the key `refund:<id>:<attempt>`, as for a deposit's page; `transaction` is the balance transaction that took
    the money. By bank, one member of staff enters the transfer's reference and another one confirms it; or one refuses
    it, with the reason `refusal`, and a worker books that the money is on the free balance again. A reference that was
    entered in error is taken back before it is confirmed: one asks for it, another one agrees, and the refund waits for
    a transfer again.

    One that somebody made in Stripe's dashboard is known when Stripe tells of it. It takes nothing from the workspace
    until one member of staff has asked to book it and another one has confirmed that.
    """

    class Way(models.TextChoices):
        STRIPE = "stripe", "To the card or account that paid"
        BANK = "bank", "By bank transfer"
        DASHBOARD = "dashboard", "To the card or account that paid, by the platform"

    class State(models.TextChoices):
        ASKED = "asked", "Asked for"
        SENT = "sent", "Under way"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    deposit = tenant_fk(Deposit, null=True)
    way = models.TextField(choices=Way.choices)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.TextField(choices=State.choices, db_default=State.ASKED)
    created_by_id = models.UUIDField(null=True)
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    attempt = models.PositiveSmallIntegerField(db_default=0)
    sent_at = models.DateTimeField(null=True)
    missed_at = models.DateTimeField(null=True)
    error = models.TextField(db_default="")
    refund_id = models.CharField(max_length=255, db_default="")
    transaction = models.CharField(max_length=255, db_default="")
    reference = models.CharField(max_length=100, db_default="")
    entered_by_id = models.UUIDField(null=True)
    confirmed_by_id = models.UUIDField(null=True)
    refusal = models.CharField(max_length=300, db_default="")
    refused_by_id = models.UUIDField(null=True)
    take_back_reason = models.CharField(max_length=200, db_default="")
    take_back_by_id = models.UUIDField(null=True)
    take_back_agreed_by_id = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(db_default=Now())
    looked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-id"], name="refund_by_workspace"),
            models.Index(fields=["deposit"], name="refund_by_deposit"),
            models.Index(
                fields=["next_at"],
                condition=Q(state="asked")
                | (Q(state="sent") & ~Q(way="bank"))
                | Q(state="sent", refused_by_id__isnull=False),
                name="refund_due",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_amount"),
            models.CheckConstraint(
                condition=Q(way="stripe", deposit__isnull=False, reference="", entered_by_id=None)
                | Q(way="bank", deposit=None, attempt=0, refund_id="", transaction="")
                | (
                    Q(way="dashboard", deposit__isnull=False, attempt=0, reference="")
                    & ~Q(refund_id="")
                ),
                name="refund_way",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "sent"], error="", ended_at=None)
                | Q(state="done", error="", ended_at__isnull=False)
                | (Q(state="failed", ended_at__isnull=False) & ~Q(error="")),
                name="refund_state",
            ),
            models.CheckConstraint(
                condition=(~Q(way="dashboard") & _BY_BANK) | (Q(way="dashboard") & _BY_DASHBOARD),
                name="refund_by_two",
            ),
            models.CheckConstraint(
                condition=~Q(state="done", way="bank") | Q(confirmed_by_id__isnull=False),
                name="refund_by_bank_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(refusal="", refused_by_id=None)
                | (
                    Q(way="bank", state__in=["sent", "failed"], reference="")
                    & Q(refused_by_id__isnull=False)
                    & ~Q(refusal="")
                ),
                name="refund_refused",
            ),
            models.CheckConstraint(condition=_TAKEN_BACK, name="refund_taken_back"),
            models.UniqueConstraint(
                fields=["refund_id"], condition=~Q(refund_id=""), name="refund_of_stripe"
            ),
            TenantKey(name="refund_deposit", to="billing_deposits_deposit", column="deposit_id"),
        ]

    @property
    def is_to_be_taken_back(self) -> bool:
        """Whether somebody has asked to take the transfer back, and nobody has decided it."""
        return self.take_back_by_id is not None and self.take_back_agreed_by_id is None
