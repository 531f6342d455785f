"""Concurrent decisions: pay, consensus and exports follow from each decision exactly once."""

import uuid
from functools import partial
from typing import Any

import pytest

from billing.ledger.models import Journal
from projects.exports import engine
from projects.exports import services as exports
from projects.exports.models import Export
from projects.quality.models import Tally
from projects.review.services import accepting as review
from projects.work.models import Annotation
from rlhfhub.events import dispatch
from rlhfhub.events.models import Delivery
from rlhfhub.tenancy import planes
from tests.concurrency.conftest import Race
from tests.concurrency.races import at_once

pytestmark = pytest.mark.concurrency


def answer_all(race: Race, items: int) -> None:
    """Two annotators answer every item of a new batch."""
    race.batch(items)
    for annotator in race.annotators[:2]:
        for _ in range(items):
            lease = annotator.lease()
            assert lease
            assert annotator.submit(lease).status_code == 201


def waiting(race: Race) -> list[uuid.UUID]:
    with planes.in_workspace(race.tenant.pk):
        return list(Annotation.objects.filter(state="submitted").values_list("pk", flat=True))


def accept(race: Race, ids: list[uuid.UUID]) -> int:
    with planes.in_workspace(race.tenant.pk):
        return review.accept(annotation_ids=ids, reviewer_id=race.tenant.owner.pk)


def by_the_clock() -> int:
    with planes.as_system():
        return review.accept_due()


def accruals() -> int:
    with planes.as_system():
        return Journal.objects.filter(kind="accrual").count()


def test_a_person_and_the_clock_accept(race: Race, site: None, as_owner: Any) -> None:
    answer_all(race, 6)
    as_owner("UPDATE projects_work_annotation SET decide_by = submitted_at")
    ids = waiting(race)
    mine, clocks, clocks_too = at_once(lambda: accept(race, ids), by_the_clock, by_the_clock)
    assert mine + clocks + clocks_too == 12
    assert at_once(dispatch.drain, dispatch.drain, dispatch.drain)
    assert accruals() == 12


def test_two_reviewers_tick_the_same(race: Race, site: None) -> None:
    answer_all(race, 4)
    ids = waiting(race)
    outcomes = at_once(*[lambda: accept(race, ids)] * 3, lambda: accept(race, list(reversed(ids))))
    assert sum(outcomes) == 8
    dispatch.drain()
    assert accruals() == 8


def test_several_dispatchers_book_once(race: Race, site: None) -> None:
    """Many small events, four at once: no accrual twice, none forgotten, no handler failed."""
    answer_all(race, 15)
    for one in waiting(race):
        accept(race, [one])
    at_once(*[lambda: _drain_by(3)] * 4)
    dispatch.drain()
    assert accruals() == 30
    with planes.as_system():
        assert Delivery.objects.count() == 0


def _drain_by(limit: int) -> None:
    while dispatch.dispatch_once(limit):
        pass


def test_one_event_delivered_twice_books_once(race: Race, site: None, as_owner: Any) -> None:
    """At least once means sometimes twice."""
    answer_all(race, 3)
    accept(race, waiting(race))
    dispatch.drain()
    for _ in range(2):
        as_owner("UPDATE rlhfhub_events_event SET dispatched_at = NULL")
        at_once(dispatch.drain, dispatch.drain)
    assert accruals() == 6


def test_consensus_counts_answers_that_came_together(race: Race, site: None) -> None:
    """Two dispatchers have an answer each of the same item: the kept votes have both."""
    race.batch(8)
    for _ in range(8):
        leases = [annotator.lease() for annotator in race.annotators[:2]]
        at_once(
            *[partial(a.submit, lease) for a, lease in zip(race.annotators, leases, strict=False)]
        )
        at_once(*[lambda: dispatch.dispatch_once(1)] * 2)
    dispatch.drain()
    with planes.in_workspace(race.tenant.pk):
        kept = {tally.item_id: sum(map(sum, tally.counted)) for tally in Tally.objects.all()}
    assert kept == dict.fromkeys(kept, 2)
    assert len(kept) == 8


def test_two_runs_of_one_export(race: Race, site: None) -> None:
    answer_all(race, 4)
    accept(race, waiting(race))
    with planes.in_workspace(race.tenant.pk):
        export = exports.request(project=race.project, actor_id=race.tenant.owner.pk)
    run = partial(engine.run, workspace_id=race.tenant.pk, export_id=export.pk)
    assert sorted(at_once(run, run, run)) == [False, False, True]
    with planes.in_workspace(race.tenant.pk):
        export = Export.objects.get(pk=export.pk)
    assert (export.state, export.attempts) == ("finished", 1)
