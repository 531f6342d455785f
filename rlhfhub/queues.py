"""The queues of background work, each with its own workers, and the time limits of their tasks.

With separate queues, short work does not wait for long work, nor one workspace's export for another's funding, nor
anything for Stripe. A task takes no arguments: the work to do is in the database, so the next task also does the work
of one that was ended or lost.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection

from rlhfhub.tenancy import planes

log = logging.getLogger(__name__)
_Arguments = ParamSpec("_Arguments")
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue, and the limits of its tasks in seconds.

    After `soft` a task gets SoftTimeLimitExceeded; after `hard` its process is killed. The database cancels a statement
    after `statement`, which is the shortest, so that a task can still record what went wrong. Locks and idle
    transactions have the limits of the site's login (rlhfhub.tenancy.logins).
    """

    name: str
    soft: int
    hard: int
    statement: int

    def task(self, name: str) -> Callable[[Callable[[], None]], Any]:
        """Register a function as the task `name` of this queue. Direct calls have the statement limit too."""

        def registered(body: Callable[[], None]) -> Any:
            @wraps(body)
            def limited() -> None:
                with planes.statements_within(self.statement):
                    body()

            _queues[name] = self.name
            return shared_task(limited, name=name, soft_time_limit=self.soft, time_limit=self.hard)

        return registered


_queues: dict[str, str] = {}


def queue_of(name: str) -> str:
    """Return the name of the queue of the task `name`. Raises KeyError for a task that is not registered."""
    return _queues[name]


def route(name: str, *_: Any, **__: Any) -> dict[str, str] | None:
    """Return where to send a task. Celery calls this through its setting `task_routes`."""
    return {"queue": _queues[name]} if name in _queues else None


SHORT = Queue("short", soft=60, hard=90, statement=20)
"""For tasks that somebody waits for; they take seconds."""
LONG = Queue("long", soft=540, hard=600, statement=300)
"""For tasks that may take minutes."""
EXPORTS = Queue("exports", soft=4 * 3600, hard=4 * 3600 + 300, statement=540)
"""For exports, which may take hours. The time without progress is limited (projects.exports.progress_limit)."""
STRIPE = Queue("stripe", soft=240, hard=300, statement=60)
"""For tasks that call Stripe. While it does not respond, each call takes up to 71 seconds (billing.stripe.client)."""
QUEUES = (SHORT, LONG, EXPORTS, STRIPE)
TURN = 20.0
"""Seconds after which a task with many steps ends and is enqueued again, so that other tasks can run in between."""


def in_a_turn(of: Iterable[_Value]) -> Iterator[_Value]:
    """Yield values until a turn's time is over; always yield the first one."""
    end = time.monotonic() + TURN
    for each in of:
        yield each
        if time.monotonic() > end:
            return


def tried(
    body: Callable[_Arguments, _Value], *of: _Arguments.args, **by: _Arguments.kwargs
) -> _Value | None:
    """Return `body(*of, **by)`; log an error and return None, so that one workspace's fault stops no other's work.

    Raises: the errors that end the whole task: its time limit, and a database that cannot be reached.
    """
    try:
        return body(*of, **by)
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        if not connection.is_usable():
            raise
        log.exception("a part of a task failed: %s", " ".join(str(value) for value in of))
        return None
