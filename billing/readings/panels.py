"""Money for reading the guidelines, on the page of a project and before those who read them."""

from billing.readings import selectors
from billing.readings.selectors import Due, ReadingOfProject
from projects.enrollment.boards import READER, Reader
from projects.plan.boards import PROJECT
from projects.plan.models import Project


def on_project(project: Project) -> ReadingOfProject | None:
    """Return it; None for a project whose guidelines pay nothing to read and have paid nothing."""
    found = selectors.of_project(project)
    return found if found.each_minor or found.paid or found.promised or found.free_minor else None


def of_reader(reader: Reader) -> Due | None:
    """Return what somebody gets for reading the guidelines; None if that is nothing."""
    return selectors.due_to(reader.person_id, reader.project_id)


def register() -> None:
    """Register the panel. Called when the apps are ready."""
    PROJECT.register("reading", on_project)
    READER.register("reading", of_reader)
