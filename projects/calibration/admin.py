"""Calibration rounds and attempts of all workspaces in the staff's admin, read-only."""

from django.contrib import admin

from projects.calibration.models import Attempt, Round
from rlhfhub.tenancy.staff import ReadOnlyAdmin, site


@admin.register(Round, site=site)
class RoundAdmin(ReadOnlyAdmin):
    list_display = (
        *("project", "number", "workspace", "state", "items", "seats", "needed", "created_at"),
        *("opened_at", "closed_at", "override_at"),
    )
    list_filter = ("state",)
    list_select_related = ("project", "workspace")
    search_fields = ("project__name__istartswith", "workspace__slug__startswith")
    ordering = ("-created_at",)


@admin.register(Attempt, site=site)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = (
        *("began_at", "annotator", "project", "workspace", "round", "number", "cause", "state"),
        *("was_idle", "hits", "seen", "decided_at"),
    )
    list_filter = ("state", "cause")
    list_select_related = ("enrollment", "project", "workspace", "round")
    search_fields = ("enrollment__pseudonym__startswith", "workspace__slug__startswith")
    ordering = ("-began_at",)

    @admin.display(description="Annotator")
    def annotator(self, attempt: Attempt) -> str:
        return str(attempt.enrollment.pseudonym)
