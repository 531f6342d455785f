"""Hands events to the rooms that act on them, each at least once and by one worker at a time.

A worker claims one event and commits that before it calls the handlers, and marks the event as done after the last one.
If it is killed between, the claim expires and another worker calls all of them again.
"""

import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection

from billing.stripe.client import is_set_up
from billing.stripe.errors import Busy, Unknown, Unreadable
from billing.stripe.events import Event
from billing.stripe.handles import handlers_of
from rlhfhub.tenancy import planes

log = logging.getLogger(__name__)
#: Longer than the time limit of the task (rlhfhub.queues.STRIPE), so that no living worker loses its claim.
CLAIM_SECONDS = 360
MAX_ATTEMPTS = 12
MOST_ERROR_CHARS = 1000
#: The pauses grow threefold from five seconds to six hours: twelve attempts take almost a day.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5, 6 * 3600

_WAITING = "state = 'waiting' AND next_at <= statement_timestamp()"
_CLAIM = f"""
    UPDATE billing_stripe_inboundevent SET attempts = attempts + 1,
           next_at = clock_timestamp() + make_interval(secs => %s)
    WHERE id = (SELECT id FROM billing_stripe_inboundevent WHERE {_WAITING}
                ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, attempts, endpoint, event_id, type, account, object_kind, object_id, happened_at
"""  # noqa: S608  of constants only
# Their workers were killed each time, the last one without a word.
_BURY = f"""
    UPDATE billing_stripe_inboundevent SET state = 'dead', ended_at = clock_timestamp(),
           error = CASE error WHEN '' THEN 'every worker that took it was killed' ELSE error END
    WHERE {_WAITING} AND attempts >= %s RETURNING event_id
"""  # noqa: S608  of constants only


@dataclass(frozen=True, slots=True)
class Claimed:
    """An event that this process alone may handle until its claim expires. `attempts` tells its claim from others'."""

    id: uuid.UUID
    attempts: int
    event: Event


def handled() -> Iterator[int]:
    """Handle the events that are due, one after the other, until none is left or Stripe does not respond.

    Without a secret key nothing is handled, and everything waits. Yields: 1 for each event that was claimed.
    """
    if not is_set_up():
        return
    _bury()
    while claimed := _claim():
        is_away = _handle(claimed)
        yield 1
        if is_away:
            return


def handle_all() -> int:
    """Handle all events that are due. Returns how many were tried."""
    return sum(handled())


def _bury() -> None:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_BURY, [MAX_ATTEMPTS])
        for (event_id,) in cursor.fetchall():
            log.error("a Stripe event is dead", extra={"event_id": event_id})


def _claim() -> Claimed | None:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [CLAIM_SECONDS])
        row = cursor.fetchone()
    return Claimed(row[0], row[1], Event(*row[2:])) if row else None


def _handle(claimed: Claimed) -> bool:
    """Call the handlers of one event, and note what became of it. Returns whether Stripe does not respond."""
    handlers = handlers_of(claimed.event.type)
    try:
        for handler in handlers:
            handler(claimed.event)
    except SoftTimeLimitExceeded as error:
        _failed(claimed, error)
        raise
    except (
        Exception
    ) as error:  # one event's fault must not delay the others: it is noted and retried
        _failed(claimed, error)
        return isinstance(error, Busy | Unknown) and not isinstance(error, Unreadable)
    _note(_END, claimed, state="done" if handlers else "ignored")
    return False


_END = """
    UPDATE billing_stripe_inboundevent SET state = %(state)s, error = '', ended_at = clock_timestamp()
    WHERE id = %(id)s AND attempts = %(attempts)s AND state = 'waiting'
"""
_PUT_OFF = """
    UPDATE billing_stripe_inboundevent SET error = %(error)s,
           next_at = clock_timestamp() + make_interval(secs => %(pause)s)
    WHERE id = %(id)s AND attempts = %(attempts)s AND state = 'waiting'
"""
_DIE = """
    UPDATE billing_stripe_inboundevent SET state = 'dead', error = %(error)s, ended_at = clock_timestamp()
    WHERE id = %(id)s AND attempts = %(attempts)s AND state = 'waiting'
"""


def _failed(claimed: Claimed, error: Exception) -> None:
    """Try again after a pause; after the last attempt staff must look."""
    words = f"{type(error).__name__}: {error}".replace("\0", "")[:MOST_ERROR_CHARS]
    named = {"event_id": claimed.event.id, "of": claimed.event.type, "error": words[:200]}
    if claimed.attempts >= MAX_ATTEMPTS:
        _note(_DIE, claimed, error=words)
        log.error("a Stripe event is dead", extra=named)
        return
    pause = min(FIRST_PAUSE_SECONDS * 3 ** (claimed.attempts - 1), LONGEST_PAUSE_SECONDS)
    _note(_PUT_OFF, claimed, error=words, pause=pause)
    log.warning("a Stripe event was not handled", exc_info=error, extra=named)


def _note(statement: str, claimed: Claimed, **values: Any) -> None:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(statement, {"id": claimed.id, "attempts": claimed.attempts, **values})
