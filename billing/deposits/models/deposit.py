"""Deposit: what a workspace pays in, on a page of Stripe's or by an invoice."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from billing.deposits.amounts import MOST_MINOR
from billing.deposits.models.customer import Customer
from rlhfhub.tenancy.base import TenantRow, tenant_fk
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


class Deposit(TenantRow):
    """Money that a workspace pays in, at once on a page of Stripe's or by an invoice.

    A member asks for it. A worker makes the page, a Checkout session, under the key `deposit:<id>:<attempt>`, or the
    invoice, each step under a key of its own that begins in this way: `attempt` and `sent_at` are committed before the
    first call; `missed_at` is when a look at Stripe first found nothing of an old attempt. It is paid when Stripe's
    payment intent has succeeded, whatever the state was; `received_minor` is then on the workspace's balance.
    `received_minor` may differ from `amount_minor`.

    `page_url` is where it is paid, "" while that is not possible. `invoice_status` is Stripe's own; an invoice that is
    uncollectible or late can still be paid. `part_minor` is what Stripe notes as paid of an invoice that is not paid
    wholly: nothing of it is on the balance. `bank_details` says where to send a bank transfer, as pairs of words. A
    member who wants an invoice canceled sets `cancel_asked_at`; a worker then voids it.

    `transaction` is Stripe's balance transaction, with its fee and the time when the money is available; `cleared_at`
    is when that was booked. If Stripe converted the money, `settled_in` is the other currency, and neither is booked.

    `batch` is the one that needs the money; its page is linked afterwards. `next_at` is when a worker takes up the row.
    """

    class Method(models.TextChoices):
        CARD = "card", "At once, on a page of Stripe’s: by card or what else it offers"
        INVOICE = "invoice", "By an invoice, paid by bank transfer or card"

    class State(models.TextChoices):
        ASKED = "asked", "Being prepared"
        OPEN = "open", "Waiting for payment"
        PAID = "paid", "Paid"
        EXPIRED = "expired", "Not paid in time"
        FAILED = "failed", "Failed"
        CANCELED = "canceled", "Canceled"
        ELSEWHERE = "elsewhere", "Paid outside of Stripe, as it was noted there"

    method = models.TextField(choices=Method.choices, db_default=Method.CARD)
    batch = tenant_fk("projects_items.Batch", null=True)
    customer = tenant_fk(Customer, null=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    billing_email = models.EmailField(db_default="")
    reference = models.CharField(max_length=100, db_default="")
    state = models.TextField(choices=State.choices, db_default=State.ASKED)
    created_by_id = models.UUIDField(null=True)
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    attempt = models.PositiveSmallIntegerField(db_default=0)
    sent_at = models.DateTimeField(null=True)
    missed_at = models.DateTimeField(null=True)
    error = models.TextField(db_default="")
    session_id = models.CharField(max_length=255, db_default="")
    page_url = models.TextField(db_default="")
    invoice_id = models.CharField(max_length=255, db_default="")
    invoice_status = models.CharField(max_length=40, db_default="")
    invoice_number = models.CharField(max_length=100, db_default="")
    invoice_url = models.TextField(db_default="")
    pdf_url = models.TextField(db_default="")
    due_at = models.DateTimeField(null=True)
    part_minor = models.BigIntegerField(db_default=0)
    bank_details = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    cancel_asked_at = models.DateTimeField(null=True)
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
                condition=Q(
                    method="card",
                    billing_email="",
                    reference="",
                    invoice_id="",
                    cancel_asked_at=None,
                )
                | (Q(method="invoice", session_id="") & ~Q(billing_email="")),
                name="deposit_method",
            ),
            models.CheckConstraint(
                condition=Q(state="asked", session_id="", invoice_id="", page_url="", error="")
                | (Q(state="open", error="") & ~Q(session_id="", invoice_id=""))
                | (Q(state="expired", error="") & ~Q(session_id=""))
                | (
                    Q(state__in=["canceled", "elsewhere"], error="", page_url="")
                    & ~Q(invoice_id="")
                )
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
                fields=["invoice_id"], condition=~Q(invoice_id=""), name="deposit_invoice"
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
        """Whether somebody has paid, and the bank has yet to send the money."""
        return self.state == self.State.OPEN and not self.page_url
