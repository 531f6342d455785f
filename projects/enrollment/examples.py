"""Examples: the items that a project shows to everybody who may join it, before they do."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction

from projects.enrollment.models import Example
from projects.items.models import Item
from projects.plan.models import Project
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import audit
from rlhfhub.tenancy.raw import constraint_of, unjson

MOST = 3


@dataclass(frozen=True, slots=True)
class ShownExample:
    """An example as somebody who may join sees it. Of each response they see the messages, and not its model."""

    number: int
    prompt: list[dict[str, Any]]
    responses: list[dict[str, Any]]
    context: dict[str, Any]


def examples_for(person_id: uuid.UUID, project_id: uuid.UUID) -> list[ShownExample]:
    """Return a project's examples; none to whom it is not open. Door plane."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_examples(%s, %s)", [person_id, project_id])
        return [_shown(*row) for row in cursor.fetchall()]


def _shown(number: int, prompt: str, responses: str, context: str) -> ShownExample:
    stored = [{"messages": response["messages"]} for response in unjson(responses)]
    return ShownExample(number, unjson(prompt), stored, unjson(context))


def of_project(project: Project) -> list[Example]:
    """Return a project's examples with their items; three at most. Workspace plane."""
    rows = Example.objects.filter(project=project).select_related("item")
    return list(rows.order_by("number"))


def add(*, project: Project, external_id: str, actor_id: uuid.UUID | None) -> Example:
    """Show an item of the project to everybody who may join it. Adding it again changes nothing. Workspace plane.

    Raises: Refused, naming `external_id`, for an item that the project has not and for one with a known right answer;
    Refused (409) for a fourth one, and in a review, whose items show answers.
    """
    project = Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    if project.purpose != Project.Purpose.WORK:
        words = "A review has no examples: its items show the answers of others."
        raise Refused("not_for_reviews", words, status=409)
    item = Item.objects.filter(project=project, external_id=external_id).first()
    if item is None:
        raise invalid("external_id", "The project has no item with this id.")
    shown = list(Example.objects.filter(project=project).order_by("number"))
    if known := next((one for one in shown if one.item_id == item.pk), None):
        return known
    free = sorted({*range(1, MOST + 1)} - {one.number for one in shown})
    if not free:
        raise Refused("too_many_examples", f"A project shows at most {MOST} examples.", status=409)
    try:
        with transaction.atomic():
            made = Example.objects.create(
                workspace_id=project.workspace_id,
                project=project,
                number=free[0],
                item=item,
                created_by_id=actor_id,
            )
    except IntegrityError as error:
        if constraint_of(error) != "example_open":
            raise
        words = "The right answer to this item is known, so who saw it here would recognize it. Choose another."
        raise invalid("external_id", words) from error
    audit.note("project.add_example", project.pk, actor_id=actor_id, data={"item": str(item.pk)})
    return made


def remove(*, example: Example, actor_id: uuid.UUID | None) -> None:
    """Show an item no longer. Workspace plane."""
    audit.note("project.remove_example", example.project_id, actor_id=actor_id)
    Example.objects.filter(pk=example.pk).delete()
