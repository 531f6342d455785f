"""What exports show on the project's page."""

from typing import Any

from projects.exports.models import Export
from projects.plan.models import Project
from rlhfhub.web.panels import contribute


def on_project(project: Project) -> dict[str, Any]:
    """The newest few."""
    return {
        "exports": list(
            Export.objects.filter(project=project).defer("manifest").order_by("-created_at")[:5]
        )
    }


def register() -> None:
    """Called when the apps are ready."""
    contribute("project", on_project)
