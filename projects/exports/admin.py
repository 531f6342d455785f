"""Exports in the staff's admin."""

from django.contrib import admin

from projects.exports.models import Export
from rlhfhub.tenancy.staff import ReadOnlyAdmin, site


@admin.register(Export, site=site)
class ExportAdmin(ReadOnlyAdmin):
    list_display = (
        "project",
        "number",
        "workspace",
        "dataset",
        "state",
        "rows",
        "created_at",
        "finished_at",
        "error",
    )
    list_filter = ("state", "dataset")
    list_select_related = ("project", "workspace")
    search_fields = ("project__name__istartswith", "workspace__slug__startswith")
    ordering = ("-created_at",)
    unlisted = ("manifest", "counts")
