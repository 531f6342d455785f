"""Reconciliations, differences and balance entries in the staff's admin, read-only."""

from django.contrib import admin

from billing.reconciliation.models import BalanceEntry, Difference, Run
from rlhfhub.ground.money import format_minor
from rlhfhub.tenancy.staff import ReadOnlyAdmin, site


@admin.register(Difference, site=site)
class DifferenceAdmin(ReadOnlyAdmin):
    list_display = (
        "kind",
        "subject",
        "at_stripe",
        "in_the_ledger",
        "first_seen_at",
        "last_seen_at",
        "ended_at",
    )
    list_filter = (("ended_at", admin.EmptyFieldListFilter), "kind", "currency")
    search_fields = ("subject__exact",)
    ordering = ("-id",)

    @admin.display(description="At Stripe")
    def at_stripe(self, difference: Difference) -> str:
        return format_minor(difference.stripe_minor, difference.currency)

    @admin.display(description="In the ledger")
    def in_the_ledger(self, difference: Difference) -> str:
        return format_minor(difference.ledger_minor, difference.currency)


@admin.register(Run, site=site)
class RunAdmin(ReadOnlyAdmin):
    list_display = (
        "started_at",
        "ended_at",
        "is_full",
        "entries",
        "matched",
        "differences",
        "error_start",
    )
    list_filter = ("is_full",)
    ordering = ("-started_at",)

    @admin.display(description="Error")
    def error_start(self, run: Run) -> str:
        return run.error[:120]


@admin.register(BalanceEntry, site=site)
class BalanceEntryAdmin(ReadOnlyAdmin):
    list_display = (
        "happened_at",
        "category",
        "transaction",
        "source",
        "net",
        "available_at",
        "matched_at",
    )
    list_filter = (("matched_at", admin.EmptyFieldListFilter), "category", "currency")
    search_fields = ("transaction__exact", "source__exact")
    ordering = ("-id",)

    @admin.display(description="Net")
    def net(self, entry: BalanceEntry) -> str:
        return format_minor(entry.net_minor, entry.currency)
