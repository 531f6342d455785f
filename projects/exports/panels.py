"""The panel of exports on a project's page."""

from dataclasses import dataclass

from projects.exports.models import Export
from projects.plan.boards import PROJECT
from projects.plan.models import Project

NEWEST = 5


@dataclass(frozen=True, slots=True)
class Exports:
    """The newest exports of a project, newest first."""

    newest: list[Export]


def on_project(project: Project) -> Exports:
    """The project's NEWEST newest exports, without their manifests, which can be large."""
    rows = Export.objects.filter(project=project).defer("manifest").order_by("-created_at")
    return Exports(list(rows[:NEWEST]))


def register() -> None:
    """Add the panel to the project's page. Called when the apps are ready."""
    PROJECT.register("exports", on_project)
