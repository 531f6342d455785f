"""The ledger in the staff's admin: read-only, because only the services post entries."""

from django.contrib import admin

from billing.ledger.models import Account, Posting
from rlhfhub.ground.money import format_minor
from rlhfhub.tenancy.staff import ReadOnlyAdmin, site


@admin.register(Account, site=site)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ("kind", "balance", "workspace_id", "batch_id", "person_id")
    list_filter = ("kind", "currency")
    search_fields = ("workspace_id__exact", "person_id__exact")
    ordering = ("kind", "id")

    @admin.display(description="Balance", ordering="balance_minor")
    def balance(self, account: Account) -> str:
        return format_minor(account.balance_minor, account.currency)


@admin.register(Posting, site=site)
class PostingAdmin(ReadOnlyAdmin):
    list_display = ("at", "amount", "account_kind", "journal_kind", "workspace_id", "person_id")
    list_select_related = ("account", "journal")
    search_fields = ("workspace_id__exact", "person_id__exact", "journal__cause__exact")
    ordering = ("-id",)
    show_facets = admin.ShowFacets.NEVER

    @admin.display(description="Amount", ordering="amount_minor")
    def amount(self, posting: Posting) -> str:
        return format_minor(posting.amount_minor, posting.currency)

    @admin.display(description="Account")
    def account_kind(self, posting: Posting) -> str:
        return posting.account.kind

    @admin.display(description="Journal")
    def journal_kind(self, posting: Posting) -> str:
        return posting.journal.kind
