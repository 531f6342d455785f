"""Celery's side of funding."""

import uuid

from celery import shared_task
from django.db import connection

from billing.funding import services
from rlhfhub.tenancy import planes


@shared_task(name="funding.continue_run", time_limit=3600)
def continue_run(workspace_id: str, funding_id: str) -> None:
    """Make the slots of a run, chunk by chunk."""
    while services.continue_chunk(
        workspace_id=uuid.UUID(workspace_id), funding_id=uuid.UUID(funding_id)
    ):
        pass


@shared_task(name="funding.resume", time_limit=3600)
def resume() -> None:
    """Continue runs that a lost worker or ring left behind."""
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT workspace_id, id FROM billing_funding_funding WHERE state = 'running' LIMIT 20"
        )
        runs = cursor.fetchall()
    for workspace_id, funding_id in runs:
        continue_run(str(workspace_id), str(funding_id))


@shared_task(name="funding.release_unused", time_limit=600)
def release_unused() -> None:
    """Give back the money of closed batches' open slots: those open at the close, and leases that ran out since."""
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.workspace_id, b.id FROM projects_items_batch b WHERE b.status = 'closed' AND EXISTS "
            "(SELECT 1 FROM projects_work_slot s WHERE s.batch_id = b.id AND s.state = 'open') LIMIT 50"
        )
        batches = cursor.fetchall()
    for workspace_id, batch_id in batches:
        more = True
        while more:
            with planes.in_workspace(workspace_id):
                more = services.release_unused(batch_id=batch_id) > 0
