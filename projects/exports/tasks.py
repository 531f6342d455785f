"""Celery's side of exports."""

import uuid

from celery import shared_task

from projects.exports import engine, sweep
from rlhfhub.tenancy import planes


@shared_task(name="exports.run", time_limit=4 * 3600)
def run(workspace_id: str, export_id: str) -> None:
    """Run one export."""
    engine.run(workspace_id=uuid.UUID(workspace_id), export_id=uuid.UUID(export_id))


@shared_task(name="exports.resume", time_limit=4 * 3600)
def resume() -> None:
    """Run what a lost worker or ring left behind."""
    with planes.as_system():
        found = engine.waiting()
    for workspace_id, export_id in found:
        engine.run(workspace_id=workspace_id, export_id=export_id)


@shared_task(name="exports.sweep", time_limit=1800)
def clean_up() -> None:
    """Take away what killed workers left in storage."""
    sweep.leftovers()
