"""Celery's side of events."""

from collections import deque
from threading import Thread
from typing import Any

from celery.signals import beat_init

from rlhfhub.events import debts, doorbell, watch
from rlhfhub.events import dispatch as dispatcher
from rlhfhub.events import partitions as event_partitions
from rlhfhub.queues import LONG, SHORT, in_a_turn


@SHORT.task("events.dispatch")
def dispatch() -> None:
    """Deliver what is waiting."""
    for work in (dispatcher.batches(), dispatcher.retries()):
        deque(in_a_turn(work), maxlen=0)


@SHORT.task("events.partitions")
def partitions() -> None:
    """Make the coming days' partitions, drop those of a month ago that were wholly delivered."""
    event_partitions.make()
    event_partitions.prune()


@LONG.task("events.sweep_debts")
def sweep_debts() -> None:
    """Emit again the facts whose effect is missing; runs on while rows are left to check."""
    if debts.sweep():
        doorbell.ring("events.sweep_debts", expires=3600)


@beat_init.connect
def keep_watch(**_: Any) -> None:
    """In the scheduler, for it waits for no queue."""
    Thread(target=watch.keep, name="watch", daemon=True).start()
