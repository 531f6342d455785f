"""What exports show on the project's page."""

from dataclasses import dataclass

from projects.exports.models import Export
from projects.plan.boards import PROJECT
from projects.plan.models import Project

NEWEST = 5


@dataclass(frozen=True, slots=True)
class Exports:
    """The newest few."""

    newest: list[Export]


def on_project(project: Project) -> Exports:
    """The newest few, without their manifests."""
    rows = Export.objects.filter(project=project).defer("manifest").order_by("-created_at")
    return Exports(list(rows[:NEWEST]))


def register() -> None:
    """Called when the apps are ready."""
    PROJECT.register("exports", on_project)
