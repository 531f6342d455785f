"""A new event is a name beside its verb and a handler in a later room: told of with its change, and never lost."""

import uuid
from collections.abc import Iterator, Sequence

import pytest
from django.db import connection, transaction

from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.events import debts, dispatch, outbox
from rlhfhub.events.debts import Debt
from rlhfhub.events.outbox import Fact
from rlhfhub.tenancy import planes
from tests.factories import Tenant, make_batch

WIDENED = "items.batch_widened"
_MISSING = """
    SELECT workspace_id, id AS subject_id, jsonb_build_object('overlap', overlap) AS data FROM projects_items_batch
    WHERE overlap = 7 AND id > %(after)s AND id <= %(end)s
"""


def widen(batch: Batch, overlap: int) -> None:
    """The toy verb: the change and the fact of it in one transaction."""
    with planes.in_workspace(batch.workspace_id), transaction.atomic():
        Batch.objects.filter(pk=batch.pk).update(overlap=overlap)
        subject = {"workspace_id": batch.workspace_id, "subject_id": batch.pk}
        outbox.emit(kind=WIDENED, **subject, data={"overlap": overlap})
        if overlap > 9:
            raise ValueError("too wide")


class Handler:
    """Of a later room: what it does has a unique cause, so a fact too many changes nothing."""

    def __init__(self) -> None:
        self.widened: dict[uuid.UUID, int] = {}
        self.fails = False
        self.calls = 0

    def on_widened(self, facts: Sequence[Fact]) -> None:
        self.calls += 1
        if self.fails:
            raise RuntimeError("not now")
        self.widened |= {fact.subject_id: fact.data["overlap"] for fact in facts}


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Iterator[Handler]:
    """Subscribed, with its debt, as a room's AppConfig.ready() does it."""
    handler = Handler()
    monkeypatch.setattr(debts, "_registered", {})
    monkeypatch.setattr(debts, "SETTLED_SECONDS", -1)
    debts.register(Debt("a widened batch was told of", WIDENED, "projects_items_batch", _MISSING))
    outbox.subscribe(WIDENED, handler.on_widened)
    yield handler
    outbox._registry.by_kind.pop(WIDENED)


@pytest.fixture
def drafted(project: Project) -> Batch:
    batch = make_batch(project, items=0)
    dispatch.drain()
    return batch


def test_its_handler_is_told_once_the_change_is_made(handler: Handler, drafted: Batch) -> None:
    widen(drafted, 7)
    assert handler.widened == {}
    dispatch.drain()
    assert handler.widened == {drafted.pk: 7}
    with pytest.raises(ValueError, match="too wide"):
        widen(drafted, 10)
    dispatch.drain()
    assert handler.widened == {drafted.pk: 7}, "a change that was undone is told to nobody"


def test_a_handler_that_fails_is_tried_again_and_stops_no_other(
    handler: Handler, drafted: Batch, workspace_a: Tenant
) -> None:
    handler.fails = True
    widen(drafted, 7)
    dispatch.drain()
    assert (handler.calls, handler.widened) == (1, {})
    handler.fails = False
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rlhfhub_events_delivery SET next_at = now() - interval '1 second'")
    assert dispatch.retry_once() == 1
    assert handler.widened == {drafted.pk: 7}


def test_an_event_that_was_lost_is_found_by_its_debt(handler: Handler, drafted: Batch) -> None:
    widen(drafted, 7)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM rlhfhub_events_event WHERE dispatched_at IS NULL")
    dispatch.drain()
    assert handler.widened == {}
    debts.sweep()
    dispatch.drain()
    assert handler.widened == {drafted.pk: 7}
