"""Celery's side of events."""

from celery import shared_task
from django.db import connection

from rlhfhub.events import dispatch as dispatcher
from rlhfhub.tenancy import planes


@shared_task(name="events.dispatch", time_limit=300)
def dispatch() -> None:
    """Deliver what is waiting."""
    dispatcher.drain(limit=20_000)
    dispatcher.retry_once()


@shared_task(name="events.partitions", time_limit=60)
def partitions() -> None:
    """Make the coming days' partitions, drop those of a month ago."""
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute("SELECT rlhfhub_event_partitions()")
