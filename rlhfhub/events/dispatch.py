"""Delivers events: claims undispatched ones, groups them by workspace and kind, calls handlers, records failures.

A claim uses SKIP LOCKED and not the last id seen, because ids are not committed in order. Its transaction marks the
events as dispatched after every handler has run or its failure is recorded as a Delivery. If a worker is killed before
that, another one claims the events.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models.functions import Now

from rlhfhub.events.models import Delivery
from rlhfhub.events.outbox import Fact, Subscription, subscriptions
from rlhfhub.tenancy import clock, planes
from rlhfhub.tenancy.raw import unjson

log = logging.getLogger(__name__)
BATCH = 500
MAX_ATTEMPTS = 12

_CLAIM = """
    SELECT id, workspace_id, kind, subject_id, data, created_at FROM rlhfhub_events_event
    WHERE dispatched_at IS NULL ORDER BY created_at LIMIT %s FOR UPDATE SKIP LOCKED
"""
_DONE = "UPDATE rlhfhub_events_event SET dispatched_at = clock_timestamp() WHERE id = ANY(%s) AND created_at = ANY(%s)"


def dispatch_once(limit: int = BATCH) -> int:
    """Deliver up to `limit` events. Returns how many."""
    with planes.as_system():
        facts = _claim(limit)
        for (workspace_id, kind), group in _grouped(facts).items():
            for subscription in subscriptions(kind):
                error = _deliver(subscription, workspace_id, group)
                if error:
                    _note_failures(subscription, group, error)
        if facts:
            with connection.cursor() as cursor:
                cursor.execute(_DONE, [[f.id for f in facts], list({f.created_at for f in facts})])
    return len(facts)


def drain() -> int:
    """Deliver until nothing is left. Returns how many events."""
    return sum(iter(dispatch_once, 0))


def batches() -> Iterator[int]:
    """Deliver batch by batch while batches are full. Yields: the number of events of each batch.

    Events that come meanwhile wait for the next dispatch, a second at most: handlers take a large batch with hardly
    more statements than a small one, so that many small ones would keep a worker busy for no gain.
    """
    done = BATCH
    while done == BATCH:
        done = dispatch_once()
        yield done


def _claim(limit: int) -> list[Fact]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [limit])
        return [_fact(row) for row in cursor.fetchall()]


def _fact(row: Sequence[Any]) -> Fact:
    return Fact(row[0], row[1], row[2], row[3], unjson(row[4]), row[5])


def _grouped(facts: Sequence[Fact]) -> dict[tuple[Any, str], list[Fact]]:
    groups: dict[tuple[Any, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        groups[fact.workspace_id, fact.kind].append(fact)
    # All dispatchers use the same order, so that they wait for each other's locks and rarely deadlock.
    return {key: groups[key] for key in sorted(groups, key=lambda key: (key[1], str(key[0])))}


def _deliver(subscription: Subscription, workspace_id: Any, facts: Sequence[Fact]) -> str:
    """Run one handler in its plane inside a savepoint. Returns the error's text, or "" on success."""
    try:
        with planes.entered(subscription.plane, workspace=workspace_id):
            subscription.handler(facts)
    except (
        Exception
    ) as error:  # one handler's fault must not delay the others: it is recorded and retried
        log.exception("handler failed", extra={"handler": subscription.name})
        return f"{type(error).__name__}: {error}"[:2000]
    return ""


def _note_failures(subscription: Subscription, facts: Sequence[Fact], error: str) -> None:
    soon = clock.now() + timedelta(seconds=2)
    Delivery.objects.bulk_create(
        [
            Delivery(
                workspace_id=f.workspace_id,
                event_id=f.id,
                event_created_at=f.created_at,
                handler=subscription.name,
                attempts=1,
                next_at=soon,
                error=error,
            )
            for f in facts
        ],
        ignore_conflicts=True,
    )


def retry_once() -> int:
    """Retry the failed deliveries that are due. Returns how many were tried."""
    return sum(retries())


def retries() -> Iterator[int]:
    """Retry one delivery after the other, each in its own transaction, so that a failing one undoes no other.

    Yields: 1 for each.
    """
    while _retry_one():
        yield 1


def _retry_one() -> bool:
    with planes.as_system():
        due = Delivery.objects.select_for_update(skip_locked=True).filter(
            done_at=None, next_at__lte=Now(), attempts__lt=MAX_ATTEMPTS
        )
        row = due.order_by("next_at").first()
        if row is not None:
            _retry(row)
    return row is not None


def _retry(row: Delivery) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, workspace_id, kind, subject_id, data, created_at FROM rlhfhub_events_event "
            "WHERE id = %s AND created_at = %s",
            [row.event_id, row.event_created_at],
        )
        found = cursor.fetchone()
    fact = _fact(found) if found else None
    subscription = (
        next((s for s in subscriptions(fact.kind) if s.name == row.handler), None) if fact else None
    )
    error = (
        _deliver(subscription, row.workspace_id, [fact])
        if fact and subscription
        else "no handler is registered any more"
    )
    row.attempts += 1
    row.error = error
    if error:
        row.next_at = clock.now() + timedelta(seconds=min(3600, 2**row.attempts))
        if row.attempts >= MAX_ATTEMPTS:
            log.error(
                "delivery is dead", extra={"handler": row.handler, "event_id": str(row.event_id)}
            )
    else:
        row.done_at = clock.now()
    row.save(update_fields=["attempts", "error", "next_at", "done_at"])
