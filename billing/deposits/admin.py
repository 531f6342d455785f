"""Deposits and stray payments in the staff's admin. Staff settle stray payments there."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from billing.deposits import refund_admin, strays
from billing.deposits.models import Customer, Deposit, Dispute, StrayPayment
from rlhfhub.ground.money import format_minor
from rlhfhub.tenancy.staff import Need, ReadOnlyAdmin, Waiting, person_of, site


@admin.register(Customer, site=site)
class CustomerAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "workspace", "stripe_id", "is_live")
    list_select_related = ("workspace",)
    search_fields = ("stripe_id__exact", "workspace__slug__startswith")
    ordering = ("-id",)


@admin.register(Deposit, site=site)
class DepositAdmin(ReadOnlyAdmin):
    list_display = (
        "asked_at",
        "workspace",
        "method",
        "amount_minor",
        "currency",
        "state",
        "received_minor",
        "fee_minor",
        "paid_at",
        "cleared_at",
        "settled_in",
    )
    list_filter = ("state", "method", "settled_in")
    list_select_related = ("workspace",)
    search_fields = (
        "payment_intent__exact",
        "session_id__exact",
        "invoice_id__exact",
        "invoice_number__exact",
        "charge__exact",
        "workspace__slug__startswith",
    )
    ordering = ("-id",)


@admin.register(Dispute, site=site)
class DisputeAdmin(ReadOnlyAdmin):
    list_display = (
        "opened_at",
        "workspace",
        "dispute_id",
        "amount_minor",
        "currency",
        "reason",
        "status",
        "state",
        "answer_by",
    )
    list_filter = ("state",)
    list_select_related = ("workspace",)
    search_fields = ("dispute_id__exact", "workspace__slug__startswith")
    ordering = ("-id",)


@admin.register(StrayPayment, site=site)
class StrayPaymentAdmin(ReadOnlyAdmin):
    list_display = (
        "seen_at",
        "stripe_id",
        "customer",
        "amount_minor",
        "currency",
        "reason",
        "settled_at",
    )
    search_fields = ("stripe_id__exact", "customer__exact")
    ordering = ("-id",)
    actions = ("settle",)

    @admin.action(description="Note as settled (refunded at Stripe, or booked by hand)")
    def settle(self, request: HttpRequest, chosen: QuerySet[StrayPayment]) -> None:
        ids = list(chosen.values_list("pk", flat=True))
        count = strays.settle(stray_ids=ids, actor_id=person_of(request))
        messages.success(request, f"Noted as settled by you: {count}.")


def _needs(most: int) -> list[Need]:
    """The stray payments, the oldest first: somebody finds out whose they are."""
    return [
        Need(
            kind="Stray payment",
            words=f"{format_minor(stray.amount_minor, stray.currency)}: {stray.reason}",
            workspace="",
            since=stray.seen_at,
            due_at=None,
            path=reverse("admin:billing_deposits_straypayment_change", args=[stray.pk]),
        )
        for stray in strays.unsettled().order_by("seen_at")[:most]
    ]


def _disputes(most: int) -> list[Need]:
    """The open disputes, the oldest first: somebody sends evidence to the bank, at Stripe."""
    rows = Dispute.objects.filter(state__in=[Dispute.State.INQUIRY, Dispute.State.OPEN])
    answered = rows.exclude(status__in=["warning_closed", "prevented"])
    return [
        Need(
            kind="Disputed payment",
            words=f"{format_minor(dispute.amount_minor, dispute.currency)}, {dispute.reason}: {dispute.status}",
            workspace=dispute.workspace.name,
            since=dispute.opened_at,
            due_at=dispute.answer_by,
            path=reverse("admin:billing_deposits_dispute_change", args=[dispute.pk]),
        )
        for dispute in answered.select_related("workspace").order_by("opened_at")[:most]
    ]


def _waiting() -> Waiting:
    path = reverse("admin:billing_deposits_straypayment_changelist")
    return Waiting("Stray payments", strays.unsettled().count(), path)


__all__ = ["refund_admin"]

site.ask(_needs)
site.ask(_disputes)
site.count(_waiting)
