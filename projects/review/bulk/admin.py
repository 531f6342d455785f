"""Bulk accepts in the staff's admin, read-only."""

from django.contrib import admin

from projects.review.models import BulkAccept
from rlhfhub.tenancy.staff import ReadOnlyAdmin, site


@admin.register(BulkAccept, site=site)
class BulkAcceptAdmin(ReadOnlyAdmin):
    list_display = (
        *("requested_at", "workspace", "project", "requested_by_id", "state"),
        *("answers", "accepted", "decided", "returned", "linked"),
    )
    list_filter = (
        ("done_at", admin.EmptyFieldListFilter),
        ("cancelled_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("workspace", "project")
    search_fields = ("requested_by_id__exact",)
    ordering = ("-id",)
    show_facets = admin.ShowFacets.NEVER

    @admin.display(description="State")
    def state(self, bulk: BulkAccept) -> str:
        if bulk.done_at:
            return "done"
        if bulk.waits:
            return "waits"
        return "undone" if bulk.cancelled_by_id else "stopped"
