"""Celery's side of exports."""

from typing import Any

from celery import current_app
from celery.signals import worker_process_init

from projects.exports import engine, services, silence, sweep
from rlhfhub.queues import EXPORTS, LONG
from rlhfhub.tenancy import planes


@worker_process_init.connect
def load(**_: Any) -> None:
    """The library of columnar files takes a while to load: when a worker starts, not when somebody waits."""
    if EXPORTS.name in current_app.amqp.queues.consume_from:
        from projects.exports import dataset  # noqa: F401


@EXPORTS.task("exports.run_next")
def run_next() -> None:
    """Run the next waiting export, also one whose worker was lost; then enqueue this task again for the next one."""
    with planes.as_system():
        waiting = engine.waiting()
    with silence.limited():
        ran = any(engine.run(workspace_id=w, export_id=e) for w, e in waiting)
    if ran:
        services.enqueue_next()


@LONG.task("exports.sweep")
def clean_up() -> None:
    """Take away what killed workers left in storage."""
    sweep.leftovers()
