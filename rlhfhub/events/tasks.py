"""Celery's side of events."""

from celery import shared_task

from rlhfhub.events import debts, doorbell
from rlhfhub.events import dispatch as dispatcher
from rlhfhub.events import partitions as event_partitions


@shared_task(name="events.dispatch", time_limit=300)
def dispatch() -> None:
    """Deliver what is waiting."""
    dispatcher.drain(limit=20_000)
    dispatcher.retry_once()


@shared_task(name="events.partitions", time_limit=60)
def partitions() -> None:
    """Make the coming days' partitions, drop those of a month ago that were wholly delivered."""
    event_partitions.make()
    event_partitions.prune()


@shared_task(name="events.sweep_debts", time_limit=600)
def sweep_debts() -> None:
    """Emit again the facts whose effect is missing; runs on while rows are left to check."""
    if debts.sweep():
        doorbell.ring(sweep_debts)
