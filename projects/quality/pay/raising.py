"""Raises the pay of accepted answers: finds those that were paid less, and records what each gets more."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection

from projects.plan.models import Project

#: The most answers of one raise; the next raise finds the rest.
MOST_ANSWERS = 10_000

# Members are left out: nobody is paid by a workspace they are a member of.
_LESS = """
    SELECT a.id, a.enrollment_id, %(price)s - a.price_minor - r.raised AS amount
    FROM projects_work_annotation a
    CROSS JOIN LATERAL (SELECT COALESCE(sum(amount_minor), 0) AS raised FROM projects_quality_raise
                        WHERE annotation_id = a.id) r
    WHERE a.project_id = %(project)s AND a.state = 'accepted' AND a.price_minor > 0
      AND a.price_minor + r.raised < %(price)s
      AND NOT EXISTS (SELECT FROM rlhfhub_tenancy_membership m
                      WHERE m.workspace_id = a.workspace_id AND m.user_id = a.annotator_id)
    ORDER BY a.id LIMIT %(most)s
"""
_COUNT = f"SELECT count(*), COALESCE(sum(amount), 0)::bigint FROM ({_LESS}) less"  # noqa: S608  of constants only
_RAISE = f"""
    WITH less AS ({_LESS}), raised AS (
        INSERT INTO projects_quality_raise (id, workspace_id, annotation_id, top_up_id, amount_minor)
        SELECT rlhfhub_uuid7(), %(workspace)s, id, %(top_up)s, amount FROM less
        RETURNING annotation_id, amount_minor)
    SELECT less.enrollment_id, count(*), sum(raised.amount_minor)::bigint
    FROM raised JOIN less ON less.id = raised.annotation_id GROUP BY less.enrollment_id
"""  # noqa: S608  of constants only


@dataclass(frozen=True, slots=True)
class Raised:
    """What an annotator gets more for `answers` of theirs, in minor units."""

    enrollment_id: uuid.UUID
    answers: int
    amount_minor: int


def paid_less(project: Project, price_minor: int) -> tuple[int, int]:
    """Return how many accepted answers were paid less than this, and the sum of what they lack. Workspace plane."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, _values(project, price_minor))
        answers, amount = cursor.fetchone()
    return int(answers), int(amount)


def raise_to(*, project: Project, price_minor: int, top_up_id: uuid.UUID) -> list[Raised]:
    """Record what each accepted answer that was paid less gets more, the oldest first. Workspace plane.

    Returns: an entry for each annotator; nothing if no answer was paid less.
    """
    # One at a time in a project, so that two raises do not add to the same answer.
    Project.objects.select_for_update().get(pk=project.pk)
    values = _values(project, price_minor) | {
        "workspace": project.workspace_id,
        "top_up": top_up_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RAISE, values)
        return [Raised(*row) for row in cursor.fetchall()]


def _values(project: Project, price_minor: int) -> dict[str, Any]:
    return {"project": project.pk, "price": price_minor, "most": MOST_ANSWERS}
