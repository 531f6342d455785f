"""Celery tasks of events."""

from collections import deque
from threading import Thread
from typing import Any

from celery.signals import beat_init

from rlhfhub.events import broker, debts, watch
from rlhfhub.events import dispatch as dispatcher
from rlhfhub.events import partitions as event_partitions
from rlhfhub.queues import LONG, SHORT, in_a_turn


@SHORT.task("events.dispatch")
def dispatch() -> None:
    """Deliver waiting events and retry failed deliveries that are due."""
    for work in (dispatcher.batches(), dispatcher.retries()):
        deque(in_a_turn(work), maxlen=0)


@SHORT.task("events.partitions")
def partitions() -> None:
    """Make the coming days' partitions, and drop fully delivered ones after a month."""
    event_partitions.make()
    event_partitions.prune()


@LONG.task("events.sweep_debts")
def sweep_debts() -> None:
    """Emit facts again if their effect is missing; repeat while rows are left to check."""
    if debts.sweep():
        broker.enqueue("events.sweep_debts", expires=3600)


@beat_init.connect
def keep_watch(**_: Any) -> None:
    """Start the watch in the scheduler's process, which depends on no queue."""
    Thread(target=watch.keep, name="watch", daemon=True).start()
