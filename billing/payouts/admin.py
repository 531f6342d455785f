"""Payout runs and payouts in the staff's admin, read-only."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from billing.payouts.models import BankPayout, Payout, PayoutRun
from rlhfhub.ground.money import format_minor
from rlhfhub.tenancy.staff import ReadOnlyAdmin, site


@admin.register(PayoutRun, site=site)
class PayoutRunAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "kind", "day", "person", "currency", "made_at", "count")
    list_filter = ("kind",)
    list_select_related = ("person",)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayoutRun]:
        return super().get_queryset(request).annotate(payouts_count=Count("payouts"))

    @admin.display(description="Payouts")
    def count(self, run: PayoutRun) -> int:
        return run.payouts_count  # type: ignore[attr-defined]


@admin.register(Payout, site=site)
class PayoutAdmin(ReadOnlyAdmin):
    list_display = (
        *(
            "created_at",
            "person",
            "amount",
            "state",
            "transfer",
            "attempt",
            "sent_at",
            "error_code",
        ),
    )
    list_filter = ("state", "currency", "rail", "error_code")
    list_select_related = ("person",)
    search_fields = ("transfer__exact", "person__email__istartswith", "destination__exact")
    ordering = ("-id",)

    @admin.display(description="Amount", ordering="amount_minor")
    def amount(self, payout: Payout) -> str:
        return format_minor(payout.amount_minor, payout.currency)


@admin.register(BankPayout, site=site)
class BankPayoutAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "person", "status", "amount_minor", "currency", "failure_code")
    list_filter = ("status", "currency")
    list_select_related = ("person",)
    search_fields = ("stripe_id__exact", "person__email__istartswith")
    ordering = ("-created_at",)
