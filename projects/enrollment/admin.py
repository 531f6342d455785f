"""Enrollments in the staff's admin, read-only."""

from django.contrib import admin

from projects.enrollment.models import Enrollment
from rlhfhub.tenancy.staff import ReadOnlyAdmin, site


@admin.register(Enrollment, site=site)
class EnrollmentAdmin(ReadOnlyAdmin):
    list_display = ("pseudonym", "annotator", "project", "workspace", "state", "created_at")
    list_filter = ("state",)
    list_select_related = ("annotator", "project", "workspace")
    search_fields = (
        "pseudonym__startswith",
        "annotator__email__istartswith",
        "workspace__slug__startswith",
    )
    ordering = ("-created_at",)
