"""Decisions in the staff's admin, read-only."""

from django.contrib import admin

from projects.review.models import Decision
from rlhfhub.tenancy.staff import ReadOnlyAdmin, site


@admin.register(Decision, site=site)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ("decided_at", "workspace", "verdict", "by", "reviewer_id", "annotation_id")
    list_select_related = ("workspace",)
    search_fields = ("annotation_id__exact",)
    ordering = ("-id",)
    show_facets = admin.ShowFacets.NEVER
