"""Celery tasks of calibration."""

import random
import uuid
from collections.abc import Callable

from django.db import connection

from projects.calibration.services import sweeping
from projects.calibration.services.sweeping import After, Swept
from rlhfhub.queues import LONG, in_a_turn, tried
from rlhfhub.tenancy import planes

_RUNNING = """
    SELECT DISTINCT workspace_id FROM projects_calibration_attempt WHERE state = 'running' LIMIT 1000
"""
_WAITING = """
    SELECT DISTINCT e.workspace_id FROM projects_enrollment_enrollment e
    JOIN projects_calibration_round r ON r.project_id = e.project_id AND r.state = 'open'
    WHERE e.state = 'calibrating' LIMIT 1000
"""
_SCHEDULED = """
    SELECT DISTINCT workspace_id FROM projects_plan_project
    WHERE recalibrate_days IS NOT NULL AND calibration = 'required' AND status = 'active' LIMIT 1000
"""


@LONG.task("calibration.sweep")
def sweep() -> None:
    """Decide attempts whose items are used up or whose round is closed, also after a missed event; begin others.

    Attempts that are idle for too long are left. Who was left without a verdict, or waits, begins in another round that
    is open to them.
    """
    _in_each(_RUNNING, _paged(sweeping.decide_over))
    _in_each(_RUNNING, _once(sweeping.leave_idle))
    _in_each(_WAITING, _once(sweeping.begin_waiting))


@LONG.task("calibration.recalibrate_due")
def recalibrate_due() -> None:
    """Recalibrate annotators who last passed a round longer ago than their project allows."""
    _in_each(_SCHEDULED, _paged(sweeping.recalibrate_due))


def _in_each(query: str, step: Callable[[uuid.UUID], None]) -> None:
    """Take a step in each workspace that the query finds; in random order, for a turn may end before the last."""
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(query)
        workspaces = [row[0] for row in cursor.fetchall()]
    random.shuffle(workspaces)
    for workspace_id in in_a_turn(workspaces):
        tried(step, workspace_id)


def _once(sweep: Callable[[], int]) -> Callable[[uuid.UUID], None]:
    def step(workspace_id: uuid.UUID) -> None:
        with planes.as_system(workspace_id):
            sweep()

    return step


def _paged(sweep: Callable[[After], Swept]) -> Callable[[uuid.UUID], None]:
    """Return a step that sweeps all pages, each in a transaction of its own."""

    def step(workspace_id: uuid.UUID) -> None:
        rest: After | None = sweeping.FIRST
        while rest:
            with planes.as_system(workspace_id):
                rest = sweep(rest).rest

    return step
