"""Contested items: their undecided answers come first for reviewers who ask for it."""

import uuid
from collections.abc import Mapping

from django.db import connection

_MARK = """
    WITH given AS (
        SELECT * FROM unnest(%(items)s::uuid[], %(contests)s::smallint[]) AS g(item_id, contest)
    ), marked AS (
        SELECT a.id, a.workspace_id, a.project_id, g.contest
        FROM projects_work_annotation a JOIN given g ON g.item_id = a.item_id
        WHERE a.state = 'submitted' AND a.purpose = 'data'
          AND (g.contest > 0 OR EXISTS (SELECT 1 FROM projects_review_priority WHERE annotation_id = a.id))
        ORDER BY a.id FOR SHARE OF a
    )
    INSERT INTO projects_review_priority AS p (id, workspace_id, project_id, annotation_id, contest, waits)
    SELECT rlhfhub_uuid7(), m.workspace_id, m.project_id, m.id, m.contest, true FROM marked m
    ON CONFLICT (annotation_id) DO UPDATE SET contest = EXCLUDED.contest WHERE p.contest <> EXCLUDED.contest
"""


def mark_contested(*, contests: Mapping[uuid.UUID, int]) -> None:
    """Say how much the answers to items differ, in percent: 0 if all are alike. Workspace plane.

    It is kept for their undecided answers; an item without differing answers costs no row.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MARK, {"items": list(contests), "contests": list(contests.values())})
