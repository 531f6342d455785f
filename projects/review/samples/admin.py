"""Sample checks in the staff's admin, read-only."""

from django.contrib import admin

from projects.review.models import SampleCheck
from rlhfhub.tenancy.staff import ReadOnlyAdmin, site


@admin.register(SampleCheck, site=site)
class SampleCheckAdmin(ReadOnlyAdmin):
    list_display = (
        *("made_at", "workspace", "project", "batch", "made_by_id"),
        *("answers", "bound_percent", "confidence_percent"),
    )
    list_select_related = ("workspace", "project", "batch")
    search_fields = ("made_by_id__exact",)
    ordering = ("-id",)
    show_facets = admin.ShowFacets.NEVER
