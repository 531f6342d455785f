"""Celery's side of exports."""

import uuid
from typing import Any

from celery import shared_task
from celery.signals import worker_process_init

from projects.exports import engine, sweep
from rlhfhub.tenancy import planes


@worker_process_init.connect
def load(**_: Any) -> None:
    """The library of columnar files takes a while to load: when a worker starts, not when somebody waits."""
    from projects.exports import dataset  # noqa: F401


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
