"""Events reach the handlers of their type, are tried again when one fails, and end done, ignored or dead."""

from collections.abc import Callable
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import IntegrityError, connection, transaction

from billing.stripe import handles, processing, tasks
from billing.stripe.errors import Busy, Refused, Unknown, Unreadable
from billing.stripe.events import Event
from billing.stripe.models import InboundEvent
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.planes import Plane
from tests.stripe.conftest import Handlers
from tests.stripe.made import make_event, stored

pytestmark = pytest.mark.usefixtures("db", "set_up")
TYPE = "payment_intent.succeeded"


def failing(error: Exception) -> Callable[[Event], None]:
    """Return a handler that raises."""

    def handler(event: Event) -> None:
        raise error

    return handler


def make_due() -> None:
    """Let all pauses and claims be over."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE billing_stripe_inboundevent SET next_at = now() - interval '1 hour'")


def pause_of(event: Event) -> float:
    """Return the seconds until the event's next attempt."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM next_at - clock_timestamp())::float "
            "FROM billing_stripe_inboundevent WHERE event_id = %s",
            [event.id],
        )
        return float(cursor.fetchone()[0])


def test_every_handler_gets_the_event_outside_a_transaction(handlers: Handlers) -> None:
    places: list[Any] = []
    handlers.on(TYPE)
    handlers.on(TYPE, lambda event: places.append(planes.standing().plane))
    event = make_event(TYPE)
    assert processing.handle_all() == 1
    assert (handlers.seen, places) == ([event], [None])
    row = stored(event)
    assert (row.state, row.attempts, row.error) == ("done", 1, "")
    assert row.ended_at
    assert processing.handle_all() == 0


def test_a_handler_is_registered_once(handlers: Handlers) -> None:
    handler = failing(ValueError("x"))
    handlers.on(TYPE, handler, handler)
    assert handles.handlers_of(TYPE) == (handler,)


def test_a_type_that_nobody_handles_is_ignored(handlers: Handlers) -> None:
    handlers.on(TYPE)
    event = make_event("price.created")
    assert processing.handle_all() == 1
    row = stored(event)
    assert (row.state, handlers.seen) == ("ignored", [])
    assert row.ended_at


def test_the_oldest_comes_first(handlers: Handlers) -> None:
    handlers.on(TYPE)
    events = [make_event(TYPE) for _ in range(3)]
    for at, event in enumerate(events):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE billing_stripe_inboundevent SET next_at = now() - make_interval(secs => %s) "
                "WHERE event_id = %s",
                [at + 1, event.id],
            )
    processing.handle_all()
    assert handlers.seen == events[::-1]


def test_a_failure_is_tried_again_after_growing_pauses(handlers: Handlers) -> None:
    errors: list[Exception] = [ValueError("first"), ValueError("second")]

    def handler(event: Event) -> None:
        if errors:
            raise errors.pop(0)

    handlers.on(TYPE, handler)
    event = make_event(TYPE)
    for attempt, (words, pause) in enumerate((("first", 5), ("second", 15)), 1):
        assert processing.handle_all() == 1
        row = stored(event)
        assert (row.state, row.attempts, row.error) == ("waiting", attempt, f"ValueError: {words}")
        assert pause - 1 < pause_of(event) <= pause
        assert processing.handle_all() == 0, "before its time"
        make_due()
    assert processing.handle_all() == 1
    row = stored(event)
    assert (row.state, row.attempts, row.error) == ("done", 3, "")


def test_one_that_fails_stops_no_other(handlers: Handlers) -> None:
    handlers.on("a", failing(Refused("resource_missing", "No such thing.")))
    handlers.on("b")
    make_event("a")
    other = make_event("b")
    assert processing.handle_all() == 2
    assert handlers.seen == [other]


@pytest.mark.parametrize(
    ("error", "tried"),
    [(Unknown("no answer"), 1), (Busy("limit"), 1), (Unreadable("strange"), 2)],
)
def test_while_stripe_does_not_respond_the_others_wait(
    handlers: Handlers, error: Exception, tried: int
) -> None:
    """Each would wait for a minute in vain. An answer that nobody can read is of one object alone."""
    handlers.on(TYPE, failing(error))
    make_event(TYPE)
    make_event(TYPE)
    assert processing.handle_all() == tried


def test_after_twelve_attempts_it_is_dead(
    handlers: Handlers, caplog: pytest.LogCaptureFixture
) -> None:
    handlers.on(TYPE, failing(ValueError("No\0 good")))
    event = make_event(TYPE)
    waited = 0.0
    for _ in range(processing.MAX_ATTEMPTS - 1):
        assert processing.handle_all() == 1
        waited += pause_of(event)
        make_due()
    assert stored(event).state == "waiting"
    assert 20 < waited / 3600 < 24, "hours"
    assert processing.handle_all() == 1
    row = stored(event)
    assert (row.state, row.attempts, row.error) == ("dead", 12, "ValueError: No good")
    assert row.ended_at
    assert [line.getMessage() for line in caplog.records if line.levelname == "ERROR"] == [
        "a Stripe event is dead"
    ]
    make_due()
    assert processing.handle_all() == 0


def test_an_event_that_kills_its_workers_is_dead_too(handlers: Handlers) -> None:
    """A worker that is killed cannot say so: its claim alone is counted."""
    handlers.on(TYPE)
    event = make_event(TYPE)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE billing_stripe_inboundevent SET attempts = 12")
    make_due()
    assert processing.handle_all() == 0
    row = stored(event)
    assert (row.state, row.error) == ("dead", "every worker that took it was killed")
    assert handlers.seen == []


def test_what_failed_before_a_worker_was_killed_is_kept(handlers: Handlers) -> None:
    event = make_event(TYPE)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_stripe_inboundevent SET attempts = 12, error = 'it was full'"
        )
    make_due()
    processing.handle_all()
    assert stored(event).error == "it was full"


def test_the_time_limit_ends_the_task_and_is_noted(handlers: Handlers) -> None:
    handlers.on(TYPE, failing(SoftTimeLimitExceeded()))
    event = make_event(TYPE)
    other = make_event(TYPE)
    with pytest.raises(SoftTimeLimitExceeded):
        tasks.process()
    assert {stored(one).attempts for one in (event, other)} == {0, 1}
    assert {stored(one).error[:21] for one in (event, other)} == {"", "SoftTimeLimitExceeded"}


def test_who_lost_their_claim_says_nothing(handlers: Handlers) -> None:
    """A worker that was suspended wakes up after another one has taken its event."""
    event = make_event(TYPE)

    def slow(_: Event) -> None:
        make_due()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE billing_stripe_inboundevent SET attempts = attempts + 1")

    handlers.on(TYPE, slow)
    assert next(processing.handled()) == 1
    row = stored(event)
    assert (row.state, row.attempts) == ("waiting", 2)


def test_without_a_key_everything_waits(handlers: Handlers, settings: Any) -> None:
    handlers.on(TYPE)
    event = make_event(TYPE)
    settings.STRIPE_SECRET_KEY = ""
    assert processing.handle_all() == 0
    assert stored(event).attempts == 0


def test_a_claim_lasts_longer_than_its_task() -> None:
    assert tasks.process.time_limit < processing.CLAIM_SECONDS


@pytest.mark.parametrize(
    ("plane", "before", "after"),
    [
        (Plane.STAFF, "waiting", "done"),
        (Plane.STAFF, "done", "waiting"),
        (Plane.STAFF, "ignored", "waiting"),
        (Plane.SYSTEM, "dead", "waiting"),
        (Plane.SYSTEM, "done", "dead"),
        (Plane.SYSTEM, "dead", "done"),
    ],
)
def test_an_event_changes_along_its_edges_only(plane: Plane, before: str, after: str) -> None:
    make_event(TYPE)
    with connection.cursor() as cursor:
        if before != "waiting":
            cursor.execute(
                "UPDATE billing_stripe_inboundevent SET state = %s, ended_at = now()", [before]
            )
    ended = "NULL" if after == "waiting" else "now()"
    with (
        pytest.raises(IntegrityError, match="does not become"),
        transaction.atomic(),
        planes.entered(plane),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"UPDATE billing_stripe_inboundevent SET state = %s, attempts = 0, ended_at = {ended}",
            [after],
        )


def test_a_replay_begins_with_no_attempt() -> None:
    make_event(TYPE)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_stripe_inboundevent SET state = 'dead', attempts = 12, ended_at = now()"
        )
    with (
        pytest.raises(IntegrityError, match="does not become"),
        transaction.atomic(),
        planes.entered(Plane.STAFF),
    ):
        InboundEvent.objects.update(state="waiting", ended_at=None)


@pytest.mark.parametrize(
    "values",
    [
        {"state": "done", "ended_at": None},
        {"state": "asleep"},
        {"endpoint": "elsewhere"},
    ],
)
def test_the_database_refuses(values: dict[str, Any]) -> None:
    make_event(TYPE)
    with pytest.raises(IntegrityError), transaction.atomic():
        InboundEvent.objects.update(**values)
