"""A claim reads at most 100 buffers, however long the past of the project or of the annotator is."""

from typing import Any

import orjson
import pytest
from django.db import connection, transaction

from projects.items.models import Batch
from projects.work.services import leasing, slots
from rlhfhub.tenancy import planes
from tests import people
from tests.factories import Tenant, fund_batch, make_batch
from tests.work.populated import add_items, answer_all, settle

ITEMS = 12_000
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
    own_database: str, workspace_a: Tenant, project: Any
) -> tuple[Batch, people.Annotator, people.Annotator]:
    """12,000 items, overlap 3; a veteran and a colleague answered 10,000 of them; a newcomer none."""
    batch = make_batch(project, 1, fund=False)
    add_items(batch, ITEMS - 1)
    batch.refresh_from_db()
    fund_batch(batch)
    with planes.in_workspace(batch.workspace_id):
        from projects.items import services as batches

        batch = batches.open_batch(batch=batch, actor_id=None)
    veteran = people.make_annotator(project, "Veteran")
    answer_all(batch, veteran, number=1, count=10_000)
    answer_all(batch, people.make_annotator(project, "Colleague"), number=2, count=10_000)
    settle()
    return batch, veteran, people.make_annotator(project, "Newcomer")


def _claim(annotator: people.Annotator) -> Buffers:
    seen = Buffers()
    person, workspace = annotator.user.pk, annotator.enrollment.workspace_id
    with transaction.atomic(), planes.at_desk(person, workspace), connection.execute_wrapper(seen):
        held = leasing.lease_next(person_id=person, grace_seconds=30)
    assert held is not None
    assert len(seen.by_statement) >= 5, "the statements of a claim were not seen"
    return seen


@pytest.mark.slow
def test_veteran_and_newcomer_claim_within_the_limit(
    busy: tuple[Batch, people.Annotator, people.Annotator],
) -> None:
    _batch, veteran, newcomer = busy
    for annotator in (veteran, newcomer):
        seen = _claim(annotator)
        assert seen.total <= LIMIT, seen.by_statement


@pytest.mark.slow
def test_newcomer_starts_at_the_mark_when_the_front_is_done(
    busy: tuple[Batch, people.Annotator, people.Annotator], project: Any
) -> None:
    batch, _veteran, newcomer = busy
    answer_all(batch, people.make_annotator(project, "Third"), number=3, count=10_000)
    with planes.as_system():
        assert slots.move_marks() == 1
    seen = _claim(newcomer)
    assert seen.total <= LIMIT, seen.by_statement


def test_the_measure_sees_a_search_that_walks(
    busy: tuple[Batch, people.Annotator, people.Annotator],
) -> None:
    """The limit bites: a search over one's own past work costs hundreds of times more."""
    batch, veteran, _newcomer = busy
    seen = Buffers()
    with (
        planes.at_desk(veteran.user.pk, batch.workspace_id, batch.project_id),
        connection.execute_wrapper(seen),
    ):
        from rlhfhub.tenancy import prepared

        prepared.one(leasing._BEHIND, {"batch": batch.pk, "after": 0, "person": veteran.user.pk})
    assert seen.total > 10 * LIMIT
