"""The outbox: `emit` writes a fact in the transaction of the change it reports; the dispatcher delivers it afterwards.

The broker carries no facts. Beat enqueues a dispatch every second, and `enqueue_dispatch` enqueues one at once.
"""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from psycopg.types.json import Jsonb

from rlhfhub.events import broker
from rlhfhub.ground.ids import uuid7
from rlhfhub.tenancy import prepared
from rlhfhub.tenancy.planes import Plane

DISPATCH_GAP_SECONDS = 10
"""A process that is busy leaves its events to beat: many small batches cost workers more than a few large ones."""
INSERT = "INSERT INTO rlhfhub_events_event (id, workspace_id, kind, subject_id, data)"


@dataclass(frozen=True, slots=True)
class Fact:
    """An event as a handler receives it."""

    id: uuid.UUID
    workspace_id: uuid.UUID
    kind: str
    subject_id: uuid.UUID
    data: dict[str, Any]
    created_at: Any = None


Handler = Callable[[Sequence[Fact]], None]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A handler of one kind of event.

    It gets events of one workspace, in that workspace's scope and `plane`, at least once and in no guaranteed order, so
    its effect must have a unique cause.
    """

    kind: str
    name: str
    handler: Handler
    plane: Plane


@dataclass(slots=True)
class _Registry:
    by_kind: dict[str, list[Subscription]] = field(default_factory=dict)
    enqueued_at: float = 0.0


_registry = _Registry()


def subscribe(kind: str, handler: Handler, *, plane: Plane = Plane.WORKSPACE) -> None:
    """Register `handler` for events of `kind`. Called from a room's AppConfig.ready()."""
    name = f"{handler.__module__}.{handler.__qualname__}"
    known = _registry.by_kind.setdefault(kind, [])
    if all(s.name != name for s in known):
        known.append(Subscription(kind, name, handler, plane))


def subscriptions(kind: str) -> list[Subscription]:
    """Return the subscriptions to `kind`."""
    return _registry.by_kind.get(kind, [])


def emit(
    *, kind: str, workspace_id: uuid.UUID, subject_id: uuid.UUID, data: dict[str, Any] | None = None
) -> None:
    """Write the fact in the current transaction, and ask for a dispatch after its commit."""
    prepared.run(
        f"{INSERT} VALUES (%s, %s, %s, %s, %s)",
        [uuid7(), workspace_id, kind, subject_id, Jsonb(data or {})],
    )
    dispatch_after_commit()


def dispatch_after_commit() -> None:
    """Ask for a dispatch after the commit. For statements that write facts themselves, with `INSERT`."""
    transaction.on_commit(enqueue_dispatch)


def enqueue_dispatch() -> None:
    """Enqueue a dispatch. If the message is lost, beat's next one delivers the events."""
    now = time.monotonic()
    if now - _registry.enqueued_at < DISPATCH_GAP_SECONDS:
        return
    _registry.enqueued_at = now
    broker.enqueue("events.dispatch", expires=10)
