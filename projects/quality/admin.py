"""Alerts of all workspaces in the staff's admin, read-only: those that wait come first, by their deadline."""

from typing import Any

from django.contrib import admin
from django.db.models import Case, Value, When
from django.http import HttpRequest

from projects.quality.alerts import selectors
from projects.quality.alerts.models import Alert
from rlhfhub.tenancy.staff import ReadOnlyAdmin, site


@admin.register(Alert, site=site)
class AlertAdmin(ReadOnlyAdmin):
    list_display = (
        *("opened_at", "workspace", "project", "kind", "state", "says", "reply", "lifts_at"),
        *("by", "note"),
    )
    list_filter = ("state", "kind")
    list_select_related = ("workspace", "project", "enrollment")
    search_fields = ("workspace__slug__startswith",)
    show_facets = admin.ShowFacets.NEVER

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Order alerts that wait for a decision first, by the time at which they are lifted without one."""
        decided = Case(When(state=Alert.State.OPEN, then=Value(0)), default=Value(1))
        return [decided.asc(), "lifts_at", "pk"]

    @admin.display(description="What was found")
    def says(self, alert: Alert) -> str:
        return selectors.shown(alert).title
