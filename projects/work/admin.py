"""The staff's read-only lists of leases and annotations. They show no answers, which belong to the workspace."""

from django.contrib import admin

from projects.work.models import Annotation, Lease
from rlhfhub.tenancy.staff import ReadOnlyAdmin, site


@admin.register(Lease, site=site)
class LeaseAdmin(ReadOnlyAdmin):
    list_display = ("id", "project", "workspace", "leased_at", "expires_at", "ended_at", "ended_as")
    list_select_related = ("project", "workspace")
    search_fields = ("id__exact",)
    ordering = ("-id",)
    fields = (
        "project",
        "workspace",
        "leased_at",
        "expires_at",
        "ended_at",
        "ended_as",
        "return_reason",
        "return_note",
    )
    show_facets = admin.ShowFacets.NEVER


@admin.register(Annotation, site=site)
class AnnotationAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "project",
        "workspace",
        "state",
        "price_minor",
        "currency",
        "submitted_at",
        "decide_by",
    )
    list_select_related = ("project", "workspace")
    search_fields = ("id__exact",)
    ordering = ("-id",)
    unlisted = ("answer",)
    fields = (
        "project",
        "workspace",
        "state",
        "price_minor",
        "fee_minor",
        "currency",
        "submitted_at",
        "decide_by",
    )
    show_facets = admin.ShowFacets.NEVER
