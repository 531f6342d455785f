"""Batches and import receipts in the staff's admin, read-only. Staff do not see the content of items."""

from django.contrib import admin

from projects.items.models import Batch, Import
from rlhfhub.tenancy.staff import ReadOnlyAdmin, site


@admin.register(Batch, site=site)
class BatchAdmin(ReadOnlyAdmin):
    list_display = (
        "project",
        "number",
        "name",
        "workspace",
        "status",
        "funding",
        "items_count",
        "created_at",
    )
    list_filter = ("status", "funding")
    list_select_related = ("workspace", "project")
    search_fields = ("project__name__istartswith", "workspace__slug__startswith")
    ordering = ("-created_at",)


@admin.register(Import, site=site)
class ImportAdmin(ReadOnlyAdmin):
    list_display = (
        "created_at",
        "batch",
        "workspace",
        "received",
        "created",
        "duplicates",
        "rejected",
    )
    list_select_related = ("workspace", "batch")
    search_fields = ("workspace__slug__startswith",)
    ordering = ("-created_at",)
    unlisted = ("rejections",)
