"""Flags: reasons for reviewers to look at an annotation before others."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection

from projects.review.models import Flag
from rlhfhub.ground.refusals import invalid

_FLAG = """
    INSERT INTO projects_review_flag (id, workspace_id, project_id, annotation_id, reason, weight, flagged_at)
    SELECT rlhfhub_uuid7(), workspace_id, project_id, id, %(reason)s, %(weight)s, clock_timestamp()
    FROM projects_work_annotation WHERE id = ANY(%(ids)s)
    ON CONFLICT (annotation_id, reason) DO UPDATE SET weight = EXCLUDED.weight
        WHERE projects_review_flag.weight < EXCLUDED.weight
"""

_WEIGH = """
    WITH flagged AS (
        SELECT id, workspace_id, project_id, state FROM projects_work_annotation
        WHERE id = ANY(%(ids)s) AND purpose = 'data' ORDER BY id FOR SHARE
    )
    INSERT INTO projects_review_priority AS p (id, workspace_id, project_id, annotation_id, weight, waits)
    SELECT rlhfhub_uuid7(), f.workspace_id, f.project_id, f.id,
           (SELECT sum(weight) FROM projects_review_flag WHERE annotation_id = f.id), f.state = 'submitted'
    FROM flagged f
    ON CONFLICT (annotation_id) DO UPDATE SET weight = EXCLUDED.weight WHERE p.weight <> EXCLUDED.weight
"""


def flag(*, annotation_ids: Sequence[uuid.UUID], reason: str, weight: int) -> int:
    """Ask reviewers to look at these annotations first. Workspace plane.

    An annotation has one flag a reason; flagging it again only raises the weight, which is 1 to 10.

    Returns: how many annotations are newly flagged, or with more weight.
    Raises: Refused for an unknown reason or another weight.
    """
    if reason not in Flag.Reason.values:
        raise invalid("reason", f"This must be one of: {', '.join(Flag.Reason.values)}.")
    if not 1 <= weight <= 10:
        raise invalid("weight", "This must be a whole number from 1 to 10.")
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"ids": list(annotation_ids), "reason": reason, "weight": weight}
        cursor.execute(_FLAG, values)
        flagged = int(cursor.rowcount)
        if flagged:
            cursor.execute(_WEIGH, values)
        return flagged
