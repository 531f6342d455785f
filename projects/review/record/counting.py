"""Counts the records of workspaces, a few in each run, those that were counted longest ago first."""

import uuid

from django.db import connection

from rlhfhub.queues import in_a_turn, tried
from rlhfhub.tenancy import planes

DAYS = 90
#: A record is counted anew after so many hours.
EVERY_HOURS = 20
MOST_AT_ONCE = 500

_DUE = """
    SELECT w.id FROM rlhfhub_tenancy_workspace w LEFT JOIN projects_review_workspacerecord r ON r.workspace_id = w.id
    WHERE r.at IS NULL OR r.at < statement_timestamp() - %s * interval '1 hour'
    ORDER BY r.at NULLS FIRST, w.id LIMIT %s
"""
_COUNT = """
    INSERT INTO projects_review_workspacerecord AS r
        (id, workspace_id, decided, by_clock, median_seconds, rejected, appeals, overturned, at)
    SELECT rlhfhub_uuid7(), %(workspace)s, count(d.id), count(*) FILTER (WHERE d."by" = 'clock'),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY EXTRACT(epoch FROM d.decided_at - a.submitted_at)::float8),
           count(*) FILTER (WHERE d.verdict = 'rejected'),
           count(*) FILTER (WHERE e.verdict IN ('overturned', 'upheld')),
           count(*) FILTER (WHERE e.verdict = 'overturned'), clock_timestamp()
    FROM projects_plan_project p
    JOIN projects_work_annotation a ON a.project_id = p.id AND a.purpose = 'data'
     AND a.submitted_at >= statement_timestamp() - %(days)s * interval '1 day'
    JOIN projects_review_decision d ON d.annotation_id = a.id AND d.stage = 1
    LEFT JOIN projects_review_decision e ON e.annotation_id = a.id AND e.stage = 2
    WHERE p.workspace_id = %(workspace)s
    ON CONFLICT (workspace_id) DO UPDATE SET decided = EXCLUDED.decided, by_clock = EXCLUDED.by_clock,
        median_seconds = EXCLUDED.median_seconds, rejected = EXCLUDED.rejected, appeals = EXCLUDED.appeals,
        overturned = EXCLUDED.overturned, at = EXCLUDED.at
"""


def count_due() -> int:
    """Count the records that are due, up to 500, each in a transaction of its own. Returns how many."""
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_DUE, [EVERY_HOURS, MOST_AT_ONCE])
        due = [row[0] for row in cursor.fetchall()]
    return sum(tried(_count, workspace_id) or 0 for workspace_id in in_a_turn(due))


def _count(workspace_id: uuid.UUID) -> int:
    with planes.as_system(workspace_id), connection.cursor() as cursor:
        cursor.execute(_COUNT, {"workspace": workspace_id, "days": DAYS})
        return cursor.rowcount
