"""The panel of exports on a project's page, and how many of an alert's affected answers they hold."""

from dataclasses import dataclass

from django.db.models import F, Func, UUIDField

from projects.exports.models import Export, ExportRow
from projects.plan.boards import PROJECT
from projects.plan.models import Project
from projects.quality.alerts import affected
from projects.quality.alerts.boards import AFFECTED, Exported
from projects.quality.alerts.models import Alert
from rlhfhub.web.costly import remembered

NEWEST = 5


@dataclass(frozen=True, slots=True)
class Exports:
    """The newest exports of a project, newest first."""

    newest: list[Export]


def on_project(project: Project) -> Exports:
    """The project's NEWEST newest exports, without their manifests, which can be large."""
    rows = Export.objects.filter(project=project).defer("manifest").order_by("-created_at")
    return Exports(list(rows[:NEWEST]))


def on_affected(alert: Alert) -> Exported:
    """Return how many of the alert's affected answers are in exports of the project."""
    return remembered(f"exported:{alert.pk}", lambda: _exported(alert))


def _exported(alert: Alert) -> Exported:
    exports = Export.objects.filter(project=alert.project_id)
    each = Func(F("annotations"), function="unnest", output_field=UUIDField())
    rows = ExportRow.objects.filter(export__in=exports).values(annotation=each)
    return Exported(affected.for_data(alert).filter(pk__in=rows).count())


def register() -> None:
    """Register the panels. Called when the apps are ready."""
    PROJECT.register("exports", on_project)
    AFFECTED.register("exports", on_affected)
