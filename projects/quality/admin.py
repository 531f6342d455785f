"""Alerts of all workspaces in the staff's admin, read-only: those that wait come first, by their deadline."""

from typing import Any

from django.contrib import admin
from django.db.models import Case, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from projects.quality.alerts import affected, drawings, selectors, words
from projects.quality.alerts.evidence import Evidence
from projects.quality.alerts.models import Alert
from rlhfhub.tenancy.staff import Need, ReadOnlyAdmin, Waiting, site
from rlhfhub.web.charts import LineChart


@admin.register(Alert, site=site)
class AlertAdmin(ReadOnlyAdmin):
    """The list says what was found; an alert's page has its evidence in words and in a table."""

    list_display = ("says", "workspace", "project", "state", "opened_at", "lifts_at", "decided")
    list_filter = ("state", "kind")
    list_select_related = ("workspace", "project", "enrollment")
    search_fields = ("workspace__slug__startswith",)
    show_facets = admin.ShowFacets.NEVER
    unlisted = ("annotations",)
    readonly_fields = fields = (
        *("says", "chance", "in_doubt", "evidence_table", "workspace", "project", "enrollment"),
        *("state", "opened_at", "told_at", "lifts_at", "swapped_at", "reply", "replied_at"),
        *("decided", "decided_at", "note"),
    )

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Order alerts that wait for a decision first, by the time at which they are lifted without one."""
        undecided = Case(When(state=Alert.State.OPEN, then=Value(0)), default=Value(1))
        return [undecided.asc(), "lifts_at", "pk"]

    @admin.display(description="What was found")
    def says(self, alert: Alert) -> str:
        return selectors.shown(alert).title

    @admin.display(description="By chance")
    def chance(self, alert: Alert) -> str:
        return selectors.shown(alert).chance

    @admin.display(description="Affected answers")
    def in_doubt(self, alert: Alert) -> str:
        return words.affected(Evidence.restore(alert.evidence), affected.counts(alert))

    @admin.display(description="Evidence")
    def evidence_table(self, alert: Alert) -> str:
        """What entered, in portions, and on what it rests; a dash for what a search found."""
        chart = _chart(alert)
        if chart is None or chart.empty:
            return "–"
        rows = ((row.label, row.value, row.interval) for row in chart.rows)
        table = format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td></tr>", rows)
        rests_on = words.rests_on(alert.kind, Evidence.restore(alert.evidence))
        return format_html("<p>{}. {}</p><table>{}</table>", chart.title, rests_on, table)

    @admin.display(description="Decided")
    def decided(self, alert: Alert) -> str:
        if alert.state == Alert.State.OPEN:
            return "not yet"
        return "by a member" if alert.by == Alert.By.PERSON else "by the clock: nobody decided"


def _chart(alert: Alert) -> LineChart | None:
    evidence, of = Evidence.restore(alert.evidence), drawings.counted(alert.kind)
    if alert.kind == Alert.Kind.SPEED:
        return drawings.times(evidence)
    if alert.kind in drawings.SHARES:
        return drawings.shares(evidence, of=of)
    return drawings.nearness(evidence, of=of) if evidence.points else None


def _open_alerts() -> Waiting:
    path = reverse("admin:projects_quality_alert_changelist")
    count = Alert.objects.filter(state=Alert.State.OPEN).count()
    return Waiting("Alerts without a decision", count, f"{path}?state__exact=open")


site.count(_open_alerts)


def _needs(most: int) -> list[Need]:
    """The open alerts about people: members decide on them, or they lift themselves."""
    rows = Alert.objects.filter(state=Alert.State.OPEN, enrollment__isnull=False)
    rows = rows.select_related("workspace", "enrollment").defer("annotations", "evidence")
    return [
        Need(
            kind="Alert about a person",
            words=f"{row.enrollment.pseudonym}: {row.get_kind_display()}",
            workspace=row.workspace.name,
            since=row.opened_at,
            due_at=row.lifts_at,
            path=reverse("admin:projects_quality_alert_change", args=[row.pk]),
        )
        for row in rows.order_by("opened_at")[:most]
    ]


site.ask(_needs)
