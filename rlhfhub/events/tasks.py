"""Celery's side of events."""

from collections import deque
from threading import Thread
from typing import Any

from celery.signals import beat_init
from django.db import connection

from rlhfhub.events import dispatch as dispatcher
from rlhfhub.events import watch
from rlhfhub.queues import SHORT, in_a_turn
from rlhfhub.tenancy import planes


@SHORT.task("events.dispatch")
def dispatch() -> None:
    """Deliver what is waiting."""
    for work in (dispatcher.batches(), dispatcher.retries()):
        deque(in_a_turn(work), maxlen=0)


@SHORT.task("events.partitions")
def partitions() -> None:
    """Make the coming days' partitions, drop those of a month ago."""
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute("SELECT rlhfhub_event_partitions()")


@beat_init.connect
def keep_watch(**_: Any) -> None:
    """In the scheduler, for it waits for no queue."""
    Thread(target=watch.keep, name="watch", daemon=True).start()
