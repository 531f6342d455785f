"""An event is deleted when it is old and was wholly delivered, and never before."""

import threading
import uuid
from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import connection

from rlhfhub.events import deliveries, dispatch, outbox, partitions
from rlhfhub.events.models import Delivery
from rlhfhub.events.outbox import Fact
from rlhfhub.tenancy import clock, planes
from rlhfhub.tenancy.planes import Plane
from tests.factories import Tenant

KIND = "test.happened"
DAY = "rlhfhub_events_event_20200101"
REST = "rlhfhub_events_event_rest"


@pytest.fixture
def old_day(db: None) -> None:
    """The partition of a day long ago."""
    run(
        f"CREATE TABLE {DAY} PARTITION OF rlhfhub_events_event FOR VALUES FROM ('2020-01-01') TO ('2020-01-02')"
    )


def run(statement: str, *parameters: object) -> list[tuple[object, ...]]:
    """As the owner."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def put(workspace: Tenant, at: str) -> uuid.UUID:
    """An event of then that waits to be dispatched."""
    subject = uuid.uuid4()
    run(
        "INSERT INTO rlhfhub_events_event (id, workspace_id, kind, subject_id, created_at) "
        "VALUES (gen_random_uuid(), %s, %s, %s, %s)",
        workspace.pk,
        KIND,
        subject,
        at,
    )
    return subject


def in_table(name: str) -> int:
    ((count,),) = run(f"SELECT count(*) FROM {name}")
    return int(str(count))


def names() -> set[object]:
    rows = run(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = 'rlhfhub_events_event'::regclass"
    )
    return {name for (name,) in rows}


def tend() -> None:
    """What the hourly task does."""
    partitions.make()
    partitions.prune()


class Stubborn:
    """A handler that fails while the test wants it to."""

    __qualname__ = "stubborn"

    def __init__(self) -> None:
        self.fails = True
        self.seen: list[uuid.UUID] = []

    def __call__(self, facts: Sequence[Fact]) -> None:
        if self.fails:
            raise RuntimeError("not now")
        self.seen += [fact.subject_id for fact in facts]


@pytest.fixture
def stubborn(monkeypatch: pytest.MonkeyPatch) -> Stubborn:
    handler = Stubborn()
    monkeypatch.setitem(
        outbox._registry.by_kind,
        KIND,
        [outbox.Subscription(KIND, "stubborn", handler, Plane.WORKSPACE)],
    )
    return handler


def kill_delivery() -> Delivery:
    """Fail until it is dead."""
    for _ in range(dispatch.MAX_ATTEMPTS):
        with planes.as_system():
            Delivery.objects.update(next_at=clock.now() - timedelta(seconds=1))
        dispatch.retry_once()
    with planes.as_system():
        row = Delivery.objects.get()
    assert row.attempts == dispatch.MAX_ATTEMPTS
    return row


def test_partitions_are_made_ahead_and_dropped_after_a_month(old_day: None) -> None:
    tomorrow = (clock.now() + timedelta(days=1)).strftime("rlhfhub_events_event_%Y%m%d")
    run(f"DROP TABLE {tomorrow}")
    tend()
    assert DAY not in names()
    assert tomorrow in names()


def test_a_partition_made_ahead_takes_its_events_and_has_the_indexes(db: None) -> None:
    today = clock.now().strftime("rlhfhub_events_event_%Y%m%d")
    run(f"DROP TABLE {today}")
    assert partitions.make() == 1
    run("INSERT INTO rlhfhub_events_event (id, workspace_id, kind, subject_id) VALUES (%s, %s, %s, %s)",
        *(uuid.uuid4() for _ in range(2)), KIND, uuid.uuid4())  # fmt: skip
    assert in_table(today) == 1
    ((indexes,),) = run("SELECT count(*) FROM pg_indexes WHERE tablename = %s", today)
    assert indexes == 2


def test_what_was_never_dispatched_keeps_its_partition(
    workspace_a: Tenant, old_day: None, stubborn: Stubborn
) -> None:
    stubborn.fails = False
    subject = put(workspace_a, "2020-01-01 12:00Z")
    tend()
    assert in_table(DAY) == 1
    dispatch.drain()
    assert stubborn.seen == [subject]
    tend()
    assert DAY not in names()


def test_a_dead_delivery_keeps_its_event_until_staff_retry_it(
    workspace_a: Tenant, old_day: None, stubborn: Stubborn
) -> None:
    subject = put(workspace_a, "2020-01-01 12:00Z")
    dispatch.drain()
    dead = kill_delivery()
    tend()
    assert in_table(DAY) == 1
    stubborn.fails = False
    with planes.entered(Plane.STAFF, person=workspace_a.owner.pk):
        assert deliveries.retry(delivery_ids=[dead.pk], actor_id=workspace_a.owner.pk) == 1
    dispatch.retry_once()
    assert stubborn.seen == [subject]
    tend()
    assert DAY not in names()
    with planes.as_system():
        assert not Delivery.objects.exists(), "deliveries go with their events"


def test_a_delivery_that_staff_gave_up_lets_its_event_go(
    workspace_a: Tenant, old_day: None, stubborn: Stubborn
) -> None:
    put(workspace_a, "2020-01-01 12:00Z")
    dispatch.drain()
    with planes.as_system():
        young = Delivery.objects.get()
    with planes.entered(Plane.STAFF):
        assert deliveries.give_up(delivery_ids=[young.pk], actor_id=None) == 0, "it is tried still"
    dead = kill_delivery()
    with planes.entered(Plane.STAFF, person=workspace_a.owner.pk):
        assert deliveries.give_up(delivery_ids=[dead.pk], actor_id=workspace_a.owner.pk) == 1
    tend()
    assert DAY not in names()


def test_the_default_partition_is_dispatched_and_pruned_too(
    workspace_a: Tenant, stubborn: Stubborn
) -> None:
    stubborn.fails = False
    subject = put(workspace_a, "2020-01-01 12:00Z")
    assert in_table(REST) == 1
    tend()
    assert in_table(REST) == 1
    dispatch.drain()
    assert stubborn.seen == [subject]
    stubborn.fails = True
    failed = put(workspace_a, "2020-01-01 13:00Z")
    dispatch.drain()
    tend()
    assert run(f"SELECT subject_id FROM {REST}") == [(failed,)], "its delivery is tried still"
    stubborn.fails = False
    with planes.as_system():
        Delivery.objects.update(next_at=clock.now())
    dispatch.retry_once()
    tend()
    assert in_table(REST) == 0


def test_making_partitions_does_not_stop_writers_and_gives_up_soon(
    own_database: str, workspace_a: Tenant
) -> None:
    """While a transaction with an event is open, partitions are created, none is dropped, and nothing blocks."""
    tomorrow = (clock.now() + timedelta(days=1)).strftime("rlhfhub_events_event_%Y%m%d")
    run(f"DROP TABLE {tomorrow}")
    run(
        f"CREATE TABLE {DAY} PARTITION OF rlhfhub_events_event FOR VALUES FROM ('2020-01-01') TO ('2020-01-02')"
    )
    written, ended = threading.Event(), threading.Event()

    def writer() -> None:
        try:
            with planes.in_workspace(workspace_a.pk):
                outbox.emit(kind=KIND, workspace_id=workspace_a.pk, subject_id=uuid.uuid4())
                written.set()
                ended.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=writer)
    thread.start()
    try:
        assert written.wait(10)
        assert partitions.make() == 1
        assert partitions.prune() == 0
        assert DAY in names()
    finally:
        ended.set()
        thread.join()
    assert partitions.prune() == 1
    assert DAY not in names()
