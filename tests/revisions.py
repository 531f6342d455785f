"""Returning an annotation for revision and revising it, by plain SQL as the owner: no service does this yet."""

import json
import uuid
from typing import Any

from django.db import connection, transaction

_RETURN = """
    WITH r AS (INSERT INTO projects_review_return (id, workspace_id, annotation_id, annotator_id, reviewer_id, note,
                                                   returned_at, revise_by)
        SELECT gen_random_uuid(), workspace_id, id, annotator_id, gen_random_uuid(), %s, clock_timestamp(),
               clock_timestamp() + interval '3 days'
        FROM projects_work_annotation WHERE id = %s RETURNING annotation_id)
    UPDATE projects_work_annotation a SET state = 'returned' FROM r WHERE a.id = r.annotation_id
"""
_REVISE = """
    WITH r AS (UPDATE projects_review_return SET answered_at = clock_timestamp() WHERE annotation_id = %s
        AND answered_at IS NULL RETURNING annotation_id)
    UPDATE projects_work_annotation a SET state = 'submitted', answer = %s, units = COALESCE(%s::text[], a.units),
        judged = %s, revised_at = clock_timestamp()
    FROM r WHERE a.id = r.annotation_id
"""


def as_owner(statement: str, *values: Any) -> None:
    """Run one statement in a transaction. Triggers that check changes of state apply to the owner too."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def send_back(annotation: uuid.UUID, note: str = "R2: say why") -> None:
    """Return the annotation for revision, with a note that says why."""
    as_owner(_RETURN, note, annotation)


def revise(
    annotation: uuid.UUID,
    answer: dict[str, Any],
    judged: list[int],
    units: list[str] | None = None,
) -> None:
    """Submit a returned annotation again with another answer; `units` replaces the judged units unless None."""
    as_owner(_REVISE, annotation, json.dumps(answer), units, judged)
