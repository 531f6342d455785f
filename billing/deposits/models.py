"""Customer: a workspace as Stripe knows it. Deposit: what it pays in. Dispute: a payment that its bank took back.
Refund: what goes back to it. StrayPayment: a payment that fits no deposit.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from billing.deposits.amounts import MOST_MINOR
from rlhfhub.tenancy.base import Row, TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey

_UNPAID = Q(
    payment_intent="",
    charge="",
    paid_by="",
    received_minor=None,
    paid_at=None,
    receipt_url="",
    transaction="",
    fee_minor=None,
    available_at=None,
    cleared_at=None,
    settled_in="",
)
_PAID = (
    Q(received_minor__gt=0, paid_at__isnull=False)
    & ~Q(payment_intent="")
    & ~Q(charge="")
    & (
        Q(transaction="", fee_minor=None, available_at=None, cleared_at=None)
        | (~Q(transaction="") & Q(fee_minor__gte=0, available_at__isnull=False, settled_in=""))
    )
)


class Customer(TenantRow):
    """The workspace as a customer of Stripe, in test mode or in live mode. `stripe_id` is "" until Stripe has made it.

    `name` is what the request to make it says, so that it says the same when it is sent again.
    """

    is_live = models.BooleanField()
    name = models.CharField(max_length=120)
    stripe_id = models.CharField(max_length=255, db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="customer_key"),
            models.UniqueConstraint(fields=["workspace", "is_live"], name="customer_once"),
            models.UniqueConstraint(
                fields=["stripe_id"], condition=~Q(stripe_id=""), name="customer_of_stripe"
            ),
        ]


class Deposit(TenantRow):
    """Money that a workspace pays in on a page of Stripe's.

    A member asks for it. A worker makes the page, a Checkout session, under the key `deposit:<id>:<attempt>`: `attempt`
    and `sent_at` are committed before the call. It is paid when Stripe's payment intent has succeeded, whatever the
    state was; `received_minor` is then on the workspace's balance. `received_minor` may differ from `amount_minor`.

    `transaction` is Stripe's balance transaction, with its fee and the time when the money is available; `cleared_at`
    is when that was booked. If Stripe converted the money, `settled_in` is the other currency, and neither is booked.

    `batch` is the one that needs the money; its page is linked afterwards. `next_at` is when a worker takes up the row.
    """

    class State(models.TextChoices):
        ASKED = "asked", "Being prepared"
        OPEN = "open", "Waiting for payment"
        PAID = "paid", "Paid"
        EXPIRED = "expired", "Not paid in time"
        FAILED = "failed", "Failed"

    batch = tenant_fk("projects_items.Batch", null=True)
    customer = tenant_fk(Customer, null=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.TextField(choices=State.choices, db_default=State.ASKED)
    created_by_id = models.UUIDField(null=True)
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    attempt = models.PositiveSmallIntegerField(db_default=0)
    sent_at = models.DateTimeField(null=True)
    error = models.TextField(db_default="")
    session_id = models.CharField(max_length=255, db_default="")
    page_url = models.TextField(db_default="")
    payment_intent = models.CharField(max_length=255, db_default="")
    charge = models.CharField(max_length=255, db_default="")
    paid_by = models.CharField(max_length=60, db_default="")
    received_minor = models.BigIntegerField(null=True)
    paid_at = models.DateTimeField(null=True)
    receipt_url = models.TextField(db_default="")
    transaction = models.CharField(max_length=255, db_default="")
    fee_minor = models.BigIntegerField(null=True)
    available_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)
    settled_in = models.CharField(max_length=3, db_default="")
    next_at = models.DateTimeField(db_default=Now())
    looked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-id"], name="deposit_by_workspace"),
            models.Index(
                fields=["next_at"],
                condition=Q(state__in=["asked", "open"])
                | Q(state="paid", cleared_at=None, settled_in=""),
                name="deposit_due",
            ),
            models.Index(fields=["charge"], condition=~Q(charge=""), name="deposit_by_charge"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="deposit_key"),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, amount_minor__lte=MOST_MINOR), name="deposit_amount"
            ),
            models.CheckConstraint(
                condition=Q(attempt=0, sent_at=None, customer=None)
                | Q(attempt__gt=0, sent_at__isnull=False, customer__isnull=False),
                name="deposit_sent",
            ),
            models.CheckConstraint(
                condition=Q(state="asked", session_id="", page_url="", error="")
                | (Q(state__in=["open", "expired"], error="") & ~Q(session_id=""))
                | (Q(state="failed") & ~Q(error=""))
                | Q(state="paid", error=""),
                name="deposit_state",
            ),
            models.CheckConstraint(
                condition=(~Q(state="paid") & _UNPAID) | (Q(state="paid") & _PAID),
                name="deposit_paid",
            ),
            models.UniqueConstraint(
                fields=["session_id"], condition=~Q(session_id=""), name="deposit_session"
            ),
            models.UniqueConstraint(
                fields=["payment_intent"],
                condition=~Q(payment_intent=""),
                name="deposit_payment_intent",
            ),
            TenantKey(name="deposit_batch", to="projects_items_batch", column="batch_id"),
            TenantKey(
                name="deposit_customer", to="billing_deposits_customer", column="customer_id"
            ),
        ]

    @property
    def is_on_its_way(self) -> bool:
        """Whether somebody has paid on Stripe's page, and the bank has yet to send the money."""
        return self.state == self.State.OPEN and not self.page_url


class Dispute(TenantRow):
    """A payment that its bank has taken back, or asks about. While one is open, the workspace is frozen.

    `status` is Stripe's own; `state` says what is booked: nothing of an inquiry, the frozen amount of an open one.
    """

    class State(models.TextChoices):
        INQUIRY = "inquiry", "Inquiry, no money taken"
        OPEN = "open", "Open"
        WON = "won", "Won"
        LOST = "lost", "Lost"

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
                | Q(state__in=["won", "lost"], closed_at__isnull=False),
                name="dispute_state",
            ),
            TenantKey(name="dispute_deposit", to="billing_deposits_deposit", column="deposit_id"),
        ]


class Refund(TenantRow):
    """Money that goes back to a workspace: to the card or account of one deposit, or (without a deposit) by bank.

    A worker first books that it leaves the free balance, and then the row is `sent`. By Stripe, it asks for the refund
    under the key `refund:<id>:<attempt>`, as for a deposit's page; `transaction` is the balance transaction that took
    the money. By bank, one member of staff enters the transfer's reference and another one confirms it.
    """

    class Way(models.TextChoices):
        STRIPE = "stripe", "To the card or account that paid"
        BANK = "bank", "By bank transfer"

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
    error = models.TextField(db_default="")
    refund_id = models.CharField(max_length=255, db_default="")
    transaction = models.CharField(max_length=255, db_default="")
    reference = models.CharField(max_length=100, db_default="")
    entered_by_id = models.UUIDField(null=True)
    confirmed_by_id = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(db_default=Now())
    looked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-id"], name="refund_by_workspace"),
            models.Index(fields=["deposit"], name="refund_by_deposit"),
            models.Index(
                fields=["next_at"],
                condition=Q(state="asked") | Q(state="sent", way="stripe"),
                name="refund_due",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_amount"),
            models.CheckConstraint(
                condition=Q(way="stripe", deposit__isnull=False, reference="", entered_by_id=None)
                | Q(way="bank", deposit=None, attempt=0, refund_id="", transaction=""),
                name="refund_way",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "sent"], error="", ended_at=None)
                | Q(state="done", error="", ended_at__isnull=False)
                | (Q(state="failed", ended_at__isnull=False) & ~Q(error="")),
                name="refund_state",
            ),
            models.CheckConstraint(
                condition=Q(reference="", entered_by_id=None, confirmed_by_id=None)
                | (~Q(reference="") & Q(entered_by_id__isnull=False, confirmed_by_id=None))
                | (
                    Q(confirmed_by_id__isnull=False, state="done")
                    & ~Q(confirmed_by_id=F("entered_by_id"))
                ),
                name="refund_by_two",
            ),
            models.CheckConstraint(
                condition=~Q(state="done", way="bank") | Q(confirmed_by_id__isnull=False),
                name="refund_by_bank_confirmed",
            ),
            models.UniqueConstraint(
                fields=["refund_id"], condition=~Q(refund_id=""), name="refund_of_stripe"
            ),
            TenantKey(name="refund_deposit", to="billing_deposits_deposit", column="deposit_id"),
        ]


class StrayPayment(Row):
    """A payment that succeeded at Stripe and was not booked, because it fits no deposit. Staff settle it."""

    payment_intent = models.CharField(max_length=255, unique=True)
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
