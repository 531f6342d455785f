"""A claim reads at most 100 buffers, however much work the project or the annotator has done before."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
from django.db import connection, transaction

from projects.exports import services as exports
from projects.exports import stream
from projects.exports.heartbeat import ExportHeartbeat
from projects.formats.writing import dpo
from projects.items import services as batches
from projects.items.models import Batch, Item
from projects.plan.models import Project
from projects.work.models import Slot
from projects.work.services import leasing, queue, slots
from rlhfhub.devtools.bench import fill
from rlhfhub.devtools.bench.people import Person, Place
from rlhfhub.tenancy import planes, prepared
from tests import people
from tests.exports.made import frozen
from tests.factories import Tenant, fund_batch, make_batch
from tests.work.test_kept import keep

ITEMS = 12_000
pytestmark = pytest.mark.slow
LIMIT = 100


class _Undo(Exception):
    """Rolls the explained statement back."""


class Buffers:
    """Explains every statement before it runs, and adds up the buffers it reads or finds."""

    def __init__(self) -> None:
        self.total = 0
        self.by_statement: list[tuple[int, str]] = []

    def __call__(self, execute: Any, query: str, params: Any, many: bool, context: Any) -> Any:
        if query.strip().startswith(("SELECT", "WITH")):
            self._explain(query, params)
        return execute(query, params, many, context)

    def _explain(self, query: str, params: Any) -> None:
        raw = connection.connection
        try:
            with raw.transaction():
                (plan,) = raw.execute(
                    "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + query, params
                ).fetchone()
                raise _Undo
        except _Undo:
            pass
        top = (plan if isinstance(plan, list) else orjson.loads(plan))[0]["Plan"]
        read = top["Shared Hit Blocks"] + top["Shared Read Blocks"]
        self.total += read
        self.by_statement.append((read, " ".join(query.split())[:70]))


@pytest.fixture
def busy(
    own_database: str, workspace_a: Tenant, project: Project
) -> tuple[Batch, people.Annotator, people.Annotator]:
    """12,000 items, overlap 3; a veteran and a colleague answered 10,000 of them; a newcomer none."""
    model = make_batch(project, 3, fund=False, first=1_000_000)
    batch = make_batch(project, 0, plan=batches.Plan(3, share_percent=0, reserve_percent=1))
    connection.ensure_connection()
    fill.items(connection.connection, model=model.pk, batch=batch, count=ITEMS)
    fund_batch(batch)
    with planes.in_workspace(batch.workspace_id):
        batch = batches.open_batch(batch=batch, actor_id=None)
    # Without statistics the planner may join the thousands of slots by reading them all for each lease.
    fill.vacuum(connection.connection)
    veteran = people.make_annotator(project, "Veteran")
    answer_all(batch, veteran, number=1, count=10_000)
    answer_all(batch, people.make_annotator(project, "Colleague"), number=2, count=10_000)
    fill.vacuum(connection.connection)
    return batch, veteran, people.make_annotator(project, "Newcomer")


def answer_all(batch: Batch, annotator: people.Annotator, *, number: int, count: int) -> None:
    """Insert the annotator's answers to slot `number` of the first `count` items, and their cursor after these."""
    place = Place(Person(annotator.user.pk, annotator.secret), annotator.enrollment.pk)
    made = fill.past(
        connection.connection, batch=batch, place=place, number=number, first=1, count=count
    )
    assert made == count


def _claim(annotator: people.Annotator) -> Buffers:
    seen = Buffers()
    person, workspace = annotator.user.pk, annotator.enrollment.workspace_id
    with transaction.atomic(), planes.at_desk(person, workspace), connection.execute_wrapper(seen):
        held = leasing.lease_next(person_id=person, grace_seconds=30)
    assert held is not None
    assert len(seen.by_statement) >= 3, "the statements of a claim were not seen"
    return seen


def test_veteran_and_newcomer_claim_within_the_limit(
    busy: tuple[Batch, people.Annotator, people.Annotator],
) -> None:
    _batch, veteran, newcomer = busy
    for annotator in (veteran, newcomer):
        seen = _claim(annotator)
        assert seen.total <= LIMIT, seen.by_statement


def test_a_repeat_that_is_due_is_claimed_within_the_limit(
    busy: tuple[Batch, people.Annotator, people.Annotator],
) -> None:
    batch, veteran, _newcomer = busy
    with planes.in_workspace(batch.workspace_id):
        item = Item.objects.select_related("project").filter(batch=batch).earliest("seq")
    keep(batch, veteran, item, 1)
    assert veteran.submit(veteran.lease()).status_code == 201
    seen = _claim(veteran)
    assert seen.total <= LIMIT, seen.by_statement
    with planes.in_workspace(batch.workspace_id):
        assert Slot.objects.get(purpose="repeat").state == "leased"


def test_newcomer_starts_at_the_mark_when_the_front_is_done(
    busy: tuple[Batch, people.Annotator, people.Annotator], project: Project
) -> None:
    batch, _veteran, newcomer = busy
    answer_all(batch, people.make_annotator(project, "Third"), number=3, count=10_000)
    with planes.as_system():
        assert slots.raise_low_seqs() == 1
    seen = _claim(newcomer)
    assert seen.total <= LIMIT, seen.by_statement


def test_the_measure_sees_a_search_that_walks(
    busy: tuple[Batch, people.Annotator, people.Annotator],
) -> None:
    """The limit can fail: a search through the annotator's past work costs hundreds of times more."""
    batch, veteran, _newcomer = busy
    seen = Buffers()
    with (
        planes.at_desk(veteran.user.pk, batch.workspace_id, batch.project_id),
        connection.execute_wrapper(seen),
    ):
        prepared.one(
            f"{queue._BEHIND} SELECT seq FROM slot",
            {
                "batch": batch.pk,
                "after": 0,
                "person": veteran.user.pk,
                "phases": ["main"],
                "is_active": True,
                "own_batch": None,
                "has_kin": False,
            },
        )
    assert seen.total > 10 * LIMIT


def test_a_claim_costs_no_more_while_an_export_reads(
    busy: tuple[Batch, people.Annotator, people.Annotator], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An export's look at the database holds back the clean-up of what an annotator's own claims leave behind,
    about two buffers each. A page lasts a third of a second: time for fifteen claims of a tireless machine.
    """
    batch, veteran, newcomer = busy
    monkeypatch.setattr(stream, "FIRST_PAGE_ROWS", stream.PAGE_ROWS)
    with _half_read(batch) as reading:
        for _ in range(15):
            for annotator in (veteran, newcomer):
                assert annotator.submit(annotator.lease()).status_code == 201
        for annotator in (veteran, newcomer):
            seen = _claim(annotator)
            assert seen.total <= LIMIT, seen.by_statement
        assert reading(), "the export was through before the claims were"


@contextmanager
def _half_read(batch: Batch) -> Iterator[Callable[[], bool]]:
    """An export of the batch in the midst of a page. Yields whether it still is."""
    begun, enough, process = threading.Event(), threading.Event(), []

    def read() -> None:
        try:
            with planes.in_workspace(batch.workspace_id):
                asked = exports.request(project=batch.project, actor_id=None)
            export = frozen(asked)
            blocks = stream.rows(export, dpo.reader([]), ExportHeartbeat(export))
            next(blocks)
            process.append(connection.connection.info.backend_pid)
            begun.set()
            enough.wait(60)
            blocks.close()
        finally:
            begun.set()
            connection.close()

    def reading() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT backend_xmin IS NOT NULL AND state = 'active' FROM pg_stat_activity WHERE pid = %s",
                process,
            )
            return bool(cursor.fetchone()[0])

    thread = threading.Thread(target=read)
    thread.start()
    try:
        assert begun.wait(60) and process
        yield reading
    finally:
        enough.set()
        thread.join(60)
