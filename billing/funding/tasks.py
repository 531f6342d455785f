"""Celery tasks of funding."""

import time
import uuid
from collections.abc import Callable
from typing import Any

from django.db import connection

from billing.funding import repeats, replacements, services
from rlhfhub.queues import LONG, TURN, in_a_turn, tried
from rlhfhub.tenancy import planes

# The least advanced run first: a new run does not wait for a large one, and all of them progress.
_RUNNING = """
    SELECT workspace_id, id FROM billing_funding_funding WHERE state = 'running'
    ORDER BY items_done, created_at LIMIT 20
"""
_CLOSED = """
    SELECT b.workspace_id, b.id FROM projects_items_batch b WHERE b.status = 'closed' AND (EXISTS
        (SELECT 1 FROM projects_work_slot s WHERE s.batch_id = b.id AND s.state = 'open' AND s.kept_for_id IS NULL)
        OR EXISTS
        (SELECT 1 FROM projects_work_slot s WHERE s.batch_id = b.id AND s.state = 'open' AND s.kept_for_id IS NOT NULL)
        OR EXISTS
        (SELECT 1 FROM billing_ledger_account a WHERE a.kind = 'batch_reserve' AND a.workspace_id = b.workspace_id
           AND a.batch_id = b.id AND a.balance_minor > 0)) LIMIT 50
"""
_REPEATS_LEFT = """
    SELECT b.workspace_id, b.id FROM projects_items_batch b JOIN billing_funding_funding f ON f.batch_id = b.id
    WHERE b.status = 'open' AND b.repeat_percent > 0 GROUP BY b.workspace_id, b.id
    HAVING sum(CASE f.purpose WHEN 'plan' THEN f.repeat_slots WHEN 'repeat' THEN -f.slots_paid ELSE 0 END) > 0
"""

# Batches with replacements that wait: the reserve may have been filled, or the batch closed.
_REPLACEMENTS = """
    SELECT DISTINCT b.workspace_id, b.id FROM billing_funding_replacement r
    JOIN projects_items_batch b ON b.id = r.batch_id WHERE r.state = 'waiting'
"""


@LONG.task("funding.resume")
def resume() -> None:
    """Make the slots of all unfinished runs, also of those whose worker or task was lost."""
    if _in_rounds(_RUNNING, _continue):
        services.enqueue_resume()


@LONG.task("funding.release_unused")
def release_unused() -> None:
    """Give back the money of closed batches: their reserve, slots open at the close, and leases that ran out since."""
    _in_rounds(_CLOSED, _release)


@LONG.task("funding.draw_repeats")
def draw_repeats() -> None:
    """Make the repeats that are due in all open batches."""
    for each in in_a_turn(_found(_REPEATS_LEFT)):
        tried(_draw_repeats, *each)


@LONG.task("funding.replace")
def replace() -> None:
    """Make the replacements that wait, where a reserve pays for them now."""
    for each in in_a_turn(_found(_REPLACEMENTS)):
        tried(_replace, *each)


def _replace(workspace_id: uuid.UUID, batch_id: uuid.UUID) -> int:
    with planes.in_workspace(workspace_id):
        return replacements.make(batch_id=batch_id)


def _draw_repeats(workspace_id: uuid.UUID, batch_id: uuid.UUID) -> int:
    with planes.in_workspace(workspace_id):
        return repeats.draw(batch_id=batch_id)


def _continue(workspace_id: uuid.UUID, funding_id: uuid.UUID) -> bool:
    return services.continue_chunk(workspace_id=workspace_id, funding_id=funding_id)


def _release(workspace_id: uuid.UUID, batch_id: uuid.UUID) -> bool:
    with planes.in_workspace(workspace_id):
        return services.release_unused(batch_id=batch_id) > 0


def _in_rounds(query: str, step: Callable[[uuid.UUID, uuid.UUID], bool]) -> bool:
    """Take one step for each (workspace, id) that `query` finds, round after round, until the turn's time is over.

    A large one therefore delays another by one step only. Returns whether there is more to do.
    """
    end = time.monotonic() + TURN
    while True:
        more = [tried(step, *each) for each in _found(query)]
        if not any(more):
            return False
        if time.monotonic() > end:
            return True


def _found(query: str) -> list[Any]:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())
