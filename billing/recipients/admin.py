"""Recipients and bank details in the staff's admin, read-only. Links are shown to nobody but their person."""

from django.contrib import admin

from billing.recipients.models import BankDetails, Recipient
from rlhfhub.tenancy.staff import ReadOnlyAdmin, site


@admin.register(Recipient, site=site)
class RecipientAdmin(ReadOnlyAdmin):
    list_display = ("person", "rail", "country", "state", "account", "can_be_paid", "looked_at")
    list_filter = ("rail", "state", "can_be_paid", "is_closed")
    list_select_related = ("person",)
    search_fields = ("account__exact", "person__email__istartswith")
    ordering = ("-id",)


@admin.register(BankDetails, site=site)
class BankDetailsAdmin(ReadOnlyAdmin):
    list_display = ("person", "created_at")
    list_select_related = ("person",)
    search_fields = ("person__email__istartswith",)
    ordering = ("-id",)
