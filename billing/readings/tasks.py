"""The Celery task of readings: release what nobody earns any more, give it back, and tell who must add money."""

import uuid

from django.db import connection

from billing.readings import notices, services
from rlhfhub.queues import LONG, in_a_turn, tried
from rlhfhub.tenancy import planes

_LEFT = """
    SELECT DISTINCT r.workspace_id FROM billing_readings_reading r
    JOIN projects_enrollment_enrollment e ON e.id = r.enrollment_id WHERE r.state = 'promised' AND e.state = 'ended'
"""
_UNUSED = """
    SELECT b.project_id FROM billing_readings_readingbudget b WHERE b.free_minor > 0 AND NOT EXISTS (
        SELECT FROM projects_items_batch l WHERE l.project_id = b.project_id
          AND (l.status IN ('funded', 'open', 'paused') OR l.funding = 'running'))
"""


@LONG.task("readings.sweep")
def sweep() -> None:
    """Let money for reading go on its way: released, given back, or asked for."""
    for (workspace_id,) in in_a_turn(_found(_LEFT)):
        tried(_release, workspace_id)
    for (project_id,) in in_a_turn(_found(_UNUSED)):
        tried(_give_back, project_id)
    with planes.as_system():
        notices.tell_of_empty()


def _release(workspace_id: uuid.UUID) -> None:
    with planes.as_system():
        services.release(workspace_id=workspace_id)


def _give_back(project_id: uuid.UUID) -> None:
    with planes.as_system():
        services.give_back(project_id=project_id)


def _found(query: str) -> list[tuple[uuid.UUID]]:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())
