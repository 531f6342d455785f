"""What no webhook brought is found at Stripe, in bounded steps, and stored like what a webhook brings."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from billing.stripe import sweep, tasks, watch
from billing.stripe.calls import events as calls
from billing.stripe.errors import Unknown
from billing.stripe.events import THIN, Event
from billing.stripe.models import InboundEvent, SweepCursor
from rlhfhub.events import broker
from rlhfhub.tenancy import clock, planes
from tests.stripe import made
from tests.stripe.scripted import Scripted

pytestmark = pytest.mark.usefixtures("db", "set_up")


class Stripe:
    """Events at Stripe, listed as it does: the newest first."""

    def __init__(self) -> None:
        self.now = clock.now()
        self.events: list[Event] = []
        self.undelivered: list[Event] = []
        self.asked: list[tuple[str, datetime, datetime | None]] = []

    def happen(self, minutes_ago: float, endpoint: str = "platform") -> Event:
        at = (self.now - timedelta(minutes=minutes_ago)).replace(microsecond=0)
        self.events.append(made.event(endpoint=endpoint, happened_at=at))
        return self.events[-1]

    def _listed(self, endpoint: str, since: datetime, until: datetime) -> Iterator[Event]:
        self.asked.append((endpoint, since, until))
        newest = sorted(self.events, key=lambda event: event.happened_at, reverse=True)
        for event in newest:
            if event.endpoint == endpoint and since <= event.happened_at < until:
                yield event

    def between(self, since: datetime, until: datetime) -> Iterator[Event]:
        return self._listed("platform", since, until)

    def thin_between(self, since: datetime, until: datetime) -> Iterator[Event]:
        return self._listed("thin", since, until)

    def not_delivered(self, since: datetime) -> Iterator[Event]:
        self.asked.append(("undelivered", since, None))
        return iter(self.undelivered)


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch) -> Stripe:
    at_stripe = Stripe()
    monkeypatch.setattr(calls, "undelivered", at_stripe.not_delivered)
    sources = {"v1": at_stripe.between, "v2": at_stripe.thin_between}
    monkeypatch.setattr(sweep, "SOURCES", sources)
    return at_stripe


def known() -> set[str]:
    with planes.as_system():
        return set(InboundEvent.objects.values_list("event_id", flat=True))


def cursor_of(source: str = "v1") -> SweepCursor:
    with planes.as_system():
        return SweepCursor.objects.get(source=source)


def test_what_is_missing_is_stored_and_what_is_here_is_not_stored_again(stripe: Stripe) -> None:
    here, lost, thin = stripe.happen(10), stripe.happen(20), stripe.happen(30, THIN)
    with planes.at_door():
        made.inbound.store(events=[here])
    assert sweep.sweep() == 2
    assert known() == {here.id, lost.id, thin.id}
    assert made.stored(thin).endpoint == "thin"
    assert sweep.sweep() == 0


def test_the_first_sweep_looks_three_days_back_and_the_next_some_hours(stripe: Stripe) -> None:
    ages = [60, 24 * 60, 71 * 60, 80 * 60]
    events = [stripe.happen(minutes) for minutes in ages]
    sweep.sweep()
    assert known() == {event.id for event in events[:3]}
    stripe.asked.clear()
    late = stripe.happen(2 * 60)
    sweep.sweep()
    assert late.id in known(), "it could not be read before"
    since = {name: at for name, at, _ in stripe.asked}
    assert stripe.now - since["undelivered"] < timedelta(days=3, minutes=1)
    assert timedelta(hours=2) < stripe.now - since["platform"] < timedelta(hours=3, minutes=1)


def test_after_an_outage_the_sweep_begins_where_it_ended(stripe: Stripe) -> None:
    sweep.sweep()
    with planes.as_system():
        SweepCursor.objects.update(swept_to=stripe.now - timedelta(days=9))
    old = stripe.happen(8 * 24 * 60)
    assert sweep.sweep() == 1
    assert known() == {old.id}
    assert clock.now() - cursor_of().swept_to < timedelta(minutes=1)


def test_a_long_sweep_goes_on_where_it_ended(
    stripe: Stripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "MOST_EVENTS", 4)
    monkeypatch.setattr(sweep, "BATCH", 3)
    events = [stripe.happen(minutes) for minutes in range(10)]
    assert sweep.sweep() == 4
    cursor = cursor_of()
    assert cursor.until and cursor.target and cursor.target > cursor.until
    stripe.happen(0)
    assert [sweep.sweep() for _ in range(3)] == [3, 3, 0]
    cursor = cursor_of()
    assert (cursor.until, cursor.target) == (None, None)
    assert {event.id for event in events} <= known()
    assert sweep.sweep() == 1, "what happened meanwhile is found by the next one"


def test_events_of_one_second_are_not_skipped(
    stripe: Stripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a sweep ends within a second, the next one reads that second again."""
    monkeypatch.setattr(sweep, "MOST_EVENTS", 3)
    events = [stripe.happen(minutes) for minutes in (1, 2, 3, 3, 4)]
    for _ in range(4):
        sweep.sweep()
    assert known() == {event.id for event in events}


def test_a_worker_is_asked_for_once_a_batch(
    stripe: Stripe, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(broker, "enqueue", lambda name, **_: asked.append(name))
    for minutes in range(20):
        stripe.happen(minutes)
    with django_capture_on_commit_callbacks(execute=True):
        sweep.sweep()
        sweep.sweep()
    assert asked == ["stripe.process"]


def test_undelivered_events_are_stored(stripe: Stripe, monkeypatch: pytest.MonkeyPatch) -> None:
    stripe.undelivered = [made.event() for _ in range(7)]
    monkeypatch.setattr(sweep, "BATCH", 2)
    monkeypatch.setattr(sweep, "MOST_EVENTS", 5)
    assert sweep.sweep() == 5


def test_statements_do_not_grow_with_what_is_known(stripe: Stripe, queries: Any) -> None:
    for minutes in range(30):
        stripe.happen(minutes)
    sweep.sweep()
    with queries() as sent:
        sweep.sweep()
    assert len(sent) <= 16, str(sent)


def test_a_sweep_without_a_key_does_nothing(stripe: Stripe, settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = ""
    tasks.sweep()
    assert stripe.asked == []


def test_if_stripe_does_not_respond_the_cursor_stays(
    stripe: Stripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(since: datetime, until: datetime) -> Iterator[Event]:
        yield stripe.events[0]
        raise Unknown("no answer")

    stripe.happen(1)
    monkeypatch.setitem(sweep.SOURCES, "v1", away)
    with pytest.raises(Unknown):
        tasks.sweep()
    assert cursor_of().until
    assert known() == set()


def test_staff_are_warned_of_a_sweep_that_does_not_run(stripe: Stripe, settings: Any) -> None:
    sweep.sweep()
    assert watch.warnings() == []
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_stripe_sweepcursor SET swept_to = now() - interval '3 hours'"
        )
    assert watch.warnings() == ["Stripe was not asked for missed events in the last 2 hours."]
    settings.STRIPE_SECRET_KEY = ""
    assert watch.warnings() == []


def test_staff_are_warned_of_events_that_wait(stripe: Stripe) -> None:
    event = made.make_event()
    assert watch.warnings() == []
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_stripe_inboundevent SET received_at = now() - interval '20 minutes'"
        )
        assert watch.warnings() == ["Stripe events that have waited more than 15 minutes: 1."]
        cursor.execute("UPDATE billing_stripe_inboundevent SET error = 'Unknown: no answer'")
    assert made.stored(event).state == "waiting"
    assert watch.warnings() == [
        "Stripe events that have waited more than 15 minutes: 1. Last error: Unknown: no answer"
    ]


def test_events_are_listed_by_time(api: Scripted) -> None:
    since, until = made.AT, made.AT + timedelta(hours=1, milliseconds=250)
    api.listing(made.snapshot(id="evt_1"))
    assert [event.id for event in calls.between(since, until)] == ["evt_1"]
    assert [event.id for event in calls.undelivered(since)] == ["evt_1"]
    start, end = int(since.timestamp()), int(until.timestamp()) + 1
    limit = {"limit": "100", "created[gte]": str(start)}
    assert api.asked[0].parameters == {**limit, "created[lt]": str(end)}
    assert api.asked[1].parameters == {**limit, "delivery_success": "false"}
    api.answers.clear()
    api.say({"data": [made.thin(id="evt_2")], "next_page_url": "/v2/core/events?page=b&limit=100"})
    api.say({"data": [made.thin(id="evt_3")], "next_page_url": None})
    assert [event.id for event in calls.thin_between(since, until)] == ["evt_2", "evt_3"]
    assert api.asked[2].parameters == {
        "limit": "100",
        "created[gte]": "2026-11-20T12:30:00.000Z",
        "created[lt]": "2026-11-20T13:30:00.250Z",
    }
    assert api.asked[3].parameters == {"page": "b", "limit": "100"}
