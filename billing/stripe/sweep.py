"""Finds events that no webhook brought: it lists at Stripe what happened, and stores what is not here yet.

Each source, API v1 and v2, has a cursor. A sweep reads what happened since the last one and some hours before, because
events are listed by the time they happened and not by the time they can be read. It reads a limited number of events;
the next one goes on where it ended. Events of connected accounts are not listed to the platform: Stripe sends them
for three days, and whoever needs them also looks at the account.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from billing.stripe import inbound
from billing.stripe.calls import events as calls
from billing.stripe.client import is_set_up
from billing.stripe.events import Event
from billing.stripe.models import InboundEvent, SweepCursor
from rlhfhub.tenancy import clock, planes

log = logging.getLogger(__name__)
#: Each sweep reads what happened so long before the end of the last one again.
OVERLAP = timedelta(hours=3)
#: The first sweep begins, and undelivered events are looked for, so long ago: Stripe sends for three days.
REACH = timedelta(days=3)
#: Stripe's clock may be ahead of ours.
MARGIN = timedelta(minutes=1)
MOST_EVENTS = 2_000
BATCH = 100

SOURCES: dict[str, Callable[[datetime, datetime], Iterator[Event]]] = {
    "v1": calls.between,
    "v2": calls.thin_between,
}


def sweep() -> int:
    """Store what Stripe could not deliver, and what happened lately and is not here. Returns how many were new.

    Raises: CallFailed; what was stored before stays.
    """
    if not is_set_up():
        return 0
    found = _store(calls.undelivered(clock.now() - REACH))
    found += sum(_sweep(source) for source in SOURCES)
    if found:
        log.warning("a sweep found %d Stripe events that no webhook brought", found)
    return found


def _sweep(source: str) -> int:
    cursor = _begun(source)
    assert cursor.until
    since = cursor.swept_to - OVERLAP
    read = list(islice(SOURCES[source](since, cursor.until), MOST_EVENTS))
    found = _store(read)
    # Events are listed from the newest to the oldest.
    _ended(cursor, read[-1].happened_at if len(read) == MOST_EVENTS else None)
    return found


def _begun(source: str) -> SweepCursor:
    """Return the source's cursor with a sweep under way: the one that did not end, or a new one up to now."""
    with planes.as_system():
        now = clock.now()
        cursor, _ = SweepCursor.objects.get_or_create(
            source=source, defaults={"swept_to": now - REACH}
        )
        if cursor.until is None:
            cursor.target, cursor.until = now, now + MARGIN
            cursor.save(update_fields=["target", "until"])
    return cursor


def _ended(cursor: SweepCursor, oldest: datetime | None) -> None:
    """Note that all was read, or that the next sweep goes on with the second in which the oldest one happened."""
    if oldest is None:
        assert cursor.target
        cursor.swept_to, cursor.target, cursor.until = cursor.target, None, None
    else:
        cursor.until = oldest + timedelta(seconds=1)
    with planes.as_system():
        cursor.save(update_fields=["swept_to", "target", "until"])


def _store(events: Iterable[Event]) -> int:
    """Store those of the first `MOST_EVENTS` that are not here, in short transactions. Returns how many."""
    some, found = islice(events, MOST_EVENTS), 0
    while batch := list(islice(some, BATCH)):
        found += _store_batch(batch)
    return found


def _store_batch(batch: list[Event]) -> int:
    ids = [event.id for event in batch]
    with planes.as_system():
        known = set(
            InboundEvent.objects.filter(event_id__in=ids).values_list("endpoint", "event_id")
        )
        new = [event for event in batch if (event.endpoint, event.id) not in known]
        return inbound.store(events=new)
