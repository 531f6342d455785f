"""The notice by which members learn that a project has no money left for readers of its guidelines."""

from typing import Any

from django.db import connection
from django.db.models.functions import JSONObject
from django.urls import reverse

from rlhfhub.ground.money import format_minor
from rlhfhub.notices import kinds, services
from rlhfhub.notices.kinds import Kind, Words
from rlhfhub.notices.topics import Topic
from rlhfhub.tenancy.models import Membership
from rlhfhub.tenancy.roles import Capability, Role, may

EMPTY = "reading.empty"
_SPENDERS = [role for role in Role.values if may(role, Capability.SPEND)]

# Projects at work whose budget does not pay for a newcomer. Each is told once for each version and each time that money
# was added: the cause names both.
_EMPTY = """
    SELECT p.workspace_id, p.id, p.name, w.slug, p.currency, v.reading_minor, v.id || ':' || COALESCE((
        SELECT max(f.id::text) FROM billing_readings_readingfunding f WHERE f.project_id = p.id), '') AS cause
    FROM projects_plan_project p JOIN projects_plan_guidelineversion v ON v.id = p.guideline_version_id
    JOIN rlhfhub_tenancy_workspace w ON w.id = p.workspace_id
    LEFT JOIN billing_readings_readingbudget b ON b.project_id = p.id
    WHERE p.access = 'market' AND p.status = 'active' AND v.reading_minor > COALESCE(b.free_minor, 0)
      AND EXISTS (SELECT FROM projects_items_batch l WHERE l.project_id = p.id AND l.status = 'open')
"""


def tell_of_empty() -> None:
    """Tell the members who may spend of each project at work that takes nobody new for lack of money. System plane."""
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY)
        rows = cursor.fetchall()
    for workspace_id, project_id, name, slug, currency, each, cause in rows:
        members = Membership.objects.filter(workspace=workspace_id, role__in=_SPENDERS)
        services.tell_all(
            people=members.values_list("user_id", JSONObject()),
            workspace_id=workspace_id,
            kind=EMPTY,
            cause=cause,
            data={
                "project": name,
                "project_id": str(project_id),
                "slug": slug,
                "each": format_minor(each, currency),
            },
        )


def _empty(data: dict[str, Any]) -> Words:
    text = (
        f"Reading its guidelines pays {data['each']}, and nothing is set aside for that any more. Who works there goes "
        "on; newcomers, and whoever must read a new version, wait until you set money aside."
    )
    path = reverse("paid_reading", args=[data["slug"], data["project_id"]])
    return Words(f"{data['project']} takes nobody new", text, path)


def register() -> None:
    """Register the kind. Called from the AppConfig's ready()."""
    kinds.register(Kind(EMPTY, Topic.PROJECTS, _empty))
