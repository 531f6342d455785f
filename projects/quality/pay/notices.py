"""The notice by which members learn that the measured pay per hour of a project fell below the floor."""

from typing import Any

from django.db.models.functions import JSONObject
from django.urls import reverse

from projects.plan.hourly import HourlyPay
from projects.plan.models import Project
from rlhfhub.ground.ids import uuid7
from rlhfhub.ground.money import format_minor
from rlhfhub.notices import kinds, services
from rlhfhub.notices.kinds import Kind, Words
from rlhfhub.notices.topics import Topic
from rlhfhub.tenancy.models import Membership
from rlhfhub.tenancy.roles import Capability, Role, may

BELOW = "pay.below_floor"
_LEADERS = [role for role in Role.values if may(role, Capability.EDIT)]


def tell_of_fall(project: Project, pay: HourlyPay, least: int) -> None:
    """Tell the members who make projects and batches. Workspace plane, in the transaction that records the fall."""
    services.tell_all(
        people=Membership.objects.filter(role__in=_LEADERS).values_list("user_id", JSONObject()),
        workspace_id=project.workspace_id,
        kind=BELOW,
        cause=uuid7(),  # each fall is told
        data={
            "project": project.name,
            "project_id": str(project.pk),
            "slug": project.workspace.slug,
            "answers": pay.answers,
            "hourly": format_minor(pay.hourly_minor, project.currency),
            "least": format_minor(least, project.currency),
            "price": format_minor(pay.price_for(least), project.currency),
        },
    )


def _below(data: dict[str, Any]) -> Words:
    text = (
        f"Its newest {data['answers']:,} answers pay {data['hourly']} an hour, and an hour must pay at least "
        f"{data['least']}. An answer would have to pay {data['price']}. No further batch of the project can be opened "
        "at a lower price; work in open batches goes on."
    )
    path = reverse("project", args=[data["slug"], data["project_id"]])
    return Words(f"{data['project']} pays too little per hour", text, path)


def register() -> None:
    """Register the kind. Called from the AppConfig's ready()."""
    kinds.register(Kind(BELOW, Topic.PROJECTS, _below))
