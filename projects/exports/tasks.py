"""The Celery tasks that run exports and clean up after them."""

from typing import Any

from celery import current_app
from celery.signals import worker_process_init

from projects.exports import engine, progress_limit, services, sweep
from rlhfhub.queues import EXPORTS, LONG
from rlhfhub.tenancy import planes


@worker_process_init.connect
def load_pyarrow(**_: Any) -> None:
    """Load pyarrow when a worker of exports starts, because it takes a while and nobody is waiting then."""
    if EXPORTS.name in current_app.amqp.queues.consume_from:
        from projects.exports import dataset  # noqa: F401


@EXPORTS.task("exports.run_next")
def run_next() -> None:
    """Run the export whose turn it is, then trigger the next run. An export whose worker was lost is run again."""
    with planes.as_system():
        waiting = engine.waiting()
    with progress_limit.limited():
        ran = any(engine.run(workspace_id=w, export_id=e) for w, e in waiting)
    if ran:
        services.trigger_next_run()


@LONG.task("exports.sweep")
def clean_up() -> None:
    """Remove the folders that killed workers left in storage."""
    sweep.leftovers()
