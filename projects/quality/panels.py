"""What quality shows on the pages of earlier rooms."""

from typing import Any

from projects.items.models import Batch
from projects.plan.models import Project
from projects.quality import selectors
from rlhfhub.web.panels import contribute


def on_project_head(project: Project) -> dict[str, Any]:
    """The number on the tab of reviews."""
    return {"review_waiting": selectors.waiting_at_most(project.pk)}


def on_batch(batch: Batch) -> dict[str, Any]:
    """The batch's progress."""
    return selectors.progress_of(batch, batch.project)


def register() -> None:
    """Called when the apps are ready."""
    contribute("project_head", on_project_head)
    contribute("batch", on_batch)
