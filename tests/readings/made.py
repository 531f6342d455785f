"""A project whose guidelines take five minutes to read, and what the tests read of its money for that."""

from typing import Any

from billing.readings import selectors
from billing.readings.selectors import ReadingOfProject
from projects.plan import services as plan
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests.books import totals
from tests.factories import Tenant, make_project

#: 900 words: five minutes at 180 a minute. The tests' projects pay 25 an answer of a minute, so 1,500 an hour.
LONG = "word " * 900
PAY = 125
#: 90 more words: half a minute.
MORE = f"{LONG}\n\n" + "new " * 180
MORE_PAY = 25


def make_long(tenant: Tenant, text: str = LONG, **fields: Any) -> Project:
    """Create a project of the market whose first version in force is this text."""
    project = make_project(tenant, publish=False, **fields)
    publish(project, text)
    return project


def publish(project: Project, text: str, change: str = "major", pays: int | None = None) -> None:
    """Publish a version, which pays `pays` for reading it, if that is said."""
    with planes.in_workspace(project.workspace_id):
        made = plan.draft_guideline(project=project, text=text, change=change, created_by_id=None)
        plan.publish_guideline(version=made, actor_id=None, reading_minor=pays)
        project.refresh_from_db()


def money_of(project: Project) -> ReadingOfProject:
    """Return what the project has set aside, promised and paid for reading."""
    with planes.in_workspace(project.workspace_id):
        return selectors.of_project(Project.objects.get(pk=project.pk))


def books() -> dict[str, int]:
    """Return the balances that are not zero, by the kind of account."""
    with planes.as_system():
        return {kind: amount for kind, amount in totals().items() if amount}
