"""Celery tasks of quality."""

import uuid
from functools import partial

from django.db import connection

from projects.quality import services
from rlhfhub.ground import locks
from rlhfhub.queues import LONG, in_a_turn, tried
from rlhfhub.tenancy import planes
from rlhfhub.web.costly import unless_resting

EVERY = 2.0


@LONG.task("quality.refresh")
def refresh() -> None:
    """Recompute agreement for the projects that have new answers.

    Only one worker at a time recomputes a project. A project whose computation takes long is recomputed less often,
    and stays marked as stale in the meantime.
    """
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT workspace_id, project_id FROM projects_quality_stale ORDER BY since LIMIT 200"
        )
        stale = cursor.fetchall()
    for workspace_id, project_id in in_a_turn(stale):
        refreshed = partial(_refresh, workspace_id, project_id)
        tried(unless_resting, f"agreement:{project_id}", refreshed, every=EVERY)


def _refresh(workspace_id: uuid.UUID, project_id: uuid.UUID) -> None:
    with planes.in_workspace(workspace_id), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s::text, %s))",
            [str(project_id), locks.AGREEMENT_OF_A_PROJECT],
        )
        if cursor.fetchone()[0]:
            services.refresh_agreement(project_id=project_id)
