"""Late background work is reported: by /healthz/work, on the staff's overview, and by one log line a check."""

import logging
import time
import uuid
from collections.abc import Iterator, Sequence

import pytest
from celery import signals
from django.db import OperationalError, connection
from django.test import Client

from rlhfhub.events import dispatch, outbox, tasks, watch
from rlhfhub.events.models import Delivery
from rlhfhub.events.outbox import Fact
from rlhfhub.tenancy import planes
from tests import people
from tests.factories import Tenant
from tests.pages.conftest import browser_of

KIND = "test.watched"


@pytest.fixture
def event(workspace_a: Tenant) -> uuid.UUID:
    """An event that has not been dispatched."""
    dispatch.drain()
    with planes.in_workspace(workspace_a.pk):
        outbox.emit(kind=KIND, workspace_id=workspace_a.pk, subject_id=workspace_a.pk)
    return workspace_a.pk


@pytest.fixture
def failing() -> Iterator[None]:
    def fails(facts: Sequence[Fact]) -> None:
        raise RuntimeError("not now")

    outbox.subscribe(KIND, fails)
    yield
    outbox._registry.by_kind.pop(KIND)


def older(table: str, column: str, seconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {column} = clock_timestamp() - make_interval(secs => %s)"
            + (" WHERE dispatched_at IS NULL" if column == "created_at" else ""),
            [seconds],
        )


def health(client: Client) -> tuple[int, str]:
    answer = client.get("/healthz/work")
    return answer.status_code, answer.json()["status"]


def test_an_event_that_waits_is_late_after_a_minute(client: Client, event: uuid.UUID) -> None:
    assert health(client) == (200, "ok")
    older("rlhfhub_events_event", "created_at", 55)
    assert health(client) == (200, "ok")
    older("rlhfhub_events_event", "created_at", 70)
    assert health(client) == (503, "late")
    assert 70 <= client.get("/healthz/work").json()["oldest_event_seconds"] < 100
    assert client.get("/healthz/live").status_code == 200
    dispatch.drain()
    assert health(client) == (200, "ok")
    assert client.get("/healthz/work").json()["oldest_event_seconds"] == 0


def test_a_failed_delivery_is_late_and_one_given_up_is_listed(
    client: Client, failing: None, event: uuid.UUID
) -> None:
    dispatch.drain()
    assert health(client) == (200, "ok"), "it is tried again in time"
    older("rlhfhub_events_delivery", "next_at", 70)
    assert health(client) == (503, "late")
    assert client.get("/healthz/work").json()["late_deliveries"] == 1
    with planes.as_system():
        Delivery.objects.update(attempts=dispatch.MAX_ATTEMPTS)
    body = client.get("/healthz/work").json()
    assert (body["status"], body["late_deliveries"], body["dead_deliveries"]) == ("ok", 0, 1)
    assert watch.backlog().words == "1 deliveries were given up."


def test_the_web_stays_in_rotation(client: Client, event: uuid.UUID) -> None:
    older("rlhfhub_events_event", "created_at", 70)
    assert client.get("/healthz/ready").json()["database"] == "ok"
    assert "work" not in client.get("/healthz/ready").json()


def test_staff_see_it_first(event: uuid.UUID) -> None:
    staff = browser_of(people.make_user("Staff", is_staff=True))
    words = "The oldest undispatched event has waited"
    assert words not in staff.get("/admin/").content.decode()
    older("rlhfhub_events_event", "created_at", 70)
    assert words in staff.get("/admin/").content.decode()
    dispatch.drain()
    assert words not in staff.get("/admin/").content.decode()


def test_the_log_has_a_line_a_look(
    event: uuid.UUID, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection._connections["default"], "close", lambda: None)  # type: ignore[attr-defined]
    watch.look()
    assert caplog.records == []
    older("rlhfhub_events_event", "created_at", 70)
    watch.look()
    (line,) = caplog.records
    assert line.levelno == logging.ERROR
    assert line.message.startswith("background work is late: The oldest undispatched event has")

    def away() -> None:
        raise RuntimeError

    monkeypatch.setattr(watch, "backlog", away)
    watch.look()
    assert caplog.records[-1].message == "background work cannot be watched: RuntimeError"
    assert len(caplog.records) == 2


def test_the_scheduler_keeps_watch_beside_its_queues(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[float] = []
    monkeypatch.setattr(watch, "look", lambda: looked.append(time.monotonic()))
    monkeypatch.setattr(tasks.watch, "keep", lambda: watch.look())  # type: ignore[attr-defined]
    signals.beat_init.send(sender=None)
    end = time.monotonic() + 5
    while not looked and time.monotonic() < end:
        time.sleep(0.01)
    assert len(looked) == 1


def test_a_connection_that_died_with_the_server_is_no_late_work(
    client: Client, event: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After PostgreSQL restarts, the first statement on a persistent connection fails; a new connection is used."""
    monkeypatch.setattr(connection._connections["default"], "close", lambda: None)  # type: ignore[attr-defined]
    look, failures = watch.backlog, [OperationalError("the connection is lost")]

    def dies_once() -> watch.Backlog:
        if failures:
            raise failures.pop()
        return look()

    monkeypatch.setattr(watch, "backlog", dies_once)
    answer = client.get("/healthz/work")
    assert (answer.status_code, answer.json()["status"], failures) == (200, "ok", [])
