"""The queues of background work, each with workers of its own, and the limits of the tasks in them.

Short work waits for no long work, and nobody's export for anybody's funding. A task takes no arguments: what there is
to do stands in the database, so a task that was ended or never came is made good by the next.
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
    """A queue, and for how many seconds a task of it may run.

    After `soft` a task is asked to end (SoftTimeLimitExceeded), after `hard` its process is ended. The database ends a
    statement after `statement`, which comes first, for after it a task can still note what went wrong. Locks and idle
    transactions have the site's own limits (rlhfhub.tenancy.logins).
    """

    name: str
    soft: int
    hard: int
    statement: int

    def task(self, name: str) -> Callable[[Callable[[], None]], Any]:
        """Register a function as the task `name` of this queue; called, it runs within the statement limit too."""

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
    """The name of the queue of the task `name`. Raises KeyError for a task that is not registered."""
    return _queues[name]


def route(name: str, *_: Any, **__: Any) -> dict[str, str] | None:
    """Celery's question, by the setting `task_routes`: where to send a task."""
    return {"queue": _queues[name]} if name in _queues else None


SHORT = Queue("short", soft=60, hard=90, statement=20)
"""What somebody waits for: seconds at most."""
LONG = Queue("long", soft=540, hard=600, statement=300)
"""What may take minutes."""
EXPORTS = Queue("exports", soft=4 * 3600, hard=4 * 3600 + 300, statement=540)
"""Exports take as long as they are large. Their limit of minutes is one on silence (projects.exports.silence)."""
QUEUES = (SHORT, LONG, EXPORTS)
TURN = 20.0
"""Seconds after which a task that goes from one thing to the next ends: others have their turn, and it comes again."""


def in_a_turn(of: Iterable[_Value]) -> Iterator[_Value]:
    """As many as are begun within a turn; the first in any case."""
    end = time.monotonic() + TURN
    for each in of:
        yield each
        if time.monotonic() > end:
            return


def tried(
    body: Callable[_Arguments, _Value], *of: _Arguments.args, **by: _Arguments.kwargs
) -> _Value | None:
    """`body(*of, **by)`; when it fails that is logged, and None: one tenant's fault stops no other's work.

    Raises what the whole task ends by: its time limit, and the database being away.
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
