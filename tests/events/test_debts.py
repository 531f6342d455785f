"""The nightly sweep finds what handlers failed to do, whatever became of the event, and does it once."""

import logging
import uuid
from typing import Any

import pytest
from django.db import connection

from billing.ledger.models import Journal
from projects.quality.models import Tally
from projects.review.services import accepting as review
from projects.work.models import Annotation
from rlhfhub.celery import app
from rlhfhub.events import broker, debts, dispatch, outbox, tasks
from rlhfhub.events.debts import Debt
from rlhfhub.events.models import SweepMark
from rlhfhub.tenancy import planes
from tests.factories import PRICE, Tenant, make_batch, make_project
from tests.people import Annotator, make_annotator, make_member

# Kinds whose handler owes nothing that a debt must state.
SWEPT_OTHERWISE = {
    "items.batch_closed": "beat releases the money of closed batches' open slots, and decides their attempts",
    "items.metadata_keys_declared": "figures by tag are recomputed with the project's next answer or decision too",
    "review.returned": "its item is counted again with the decision that follows",
    "review.revised": "its item is counted again with the decision that follows",
    "review.appealed": "it is a notice to the reviewer alone, whom the end of the appeal tells too",
    "calibration.round_closed": "beat decides the running attempts of closed rounds",
}


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are checked at once, not after an hour."""
    monkeypatch.setattr(debts, "SETTLED_SECONDS", -1)


@pytest.fixture
def submitted(batch: Any, annotators: list[Annotator]) -> list[Annotation]:
    """Two answers of one annotator, and their events delivered."""
    for _ in range(2):
        lease = annotators[0].lease()
        assert lease
        assert annotators[0].submit(lease).status_code == 201
    with planes.as_system():
        return list(Annotation.objects.order_by("id"))


def accept(tenant: Tenant, *which: Annotation) -> None:
    with planes.in_workspace(tenant.pk):
        review.accept(annotation_ids=[one.pk for one in which], reviewer_id=tenant.owner.pk)


def lose_events() -> None:
    """As the owner."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM rlhfhub_events_event WHERE dispatched_at IS NULL")


def accruals() -> list[str]:
    with planes.as_system():
        return sorted(Journal.objects.filter(kind="accrual").values_list("cause", flat=True))


def payable(person: Annotator) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(sum(balance_minor), 0) FROM billing_ledger_account WHERE person_id = %s",
            [person.user.pk],
        )
        return int(cursor.fetchone()[0])


def sweep_from_the_start() -> None:
    with planes.as_system():
        SweepMark.objects.update(checked=uuid.UUID(int=0))
    debts.sweep()


def waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM rlhfhub_events_event WHERE dispatched_at IS NULL")
        return int(cursor.fetchone()[0])


def test_every_handler_has_a_debt() -> None:
    """A new handler states what it would owe if its event were lost, or why nothing."""
    handled = {kind for kind, known in outbox._registry.by_kind.items() if known}
    assert handled == {debt.kind for debt in debts.registered()} | SWEPT_OTHERWISE.keys()


def test_an_acceptance_whose_event_is_gone_is_paid_once(
    workspace_a: Tenant,
    submitted: list[Annotation],
    annotators: list[Annotator],
    caplog: pytest.LogCaptureFixture,
) -> None:
    dispatch.drain()
    accept(workspace_a, *submitted)
    lose_events()
    dispatch.drain()
    assert accruals() == []
    with caplog.at_level(logging.WARNING, "rlhfhub.events.debts"):
        assert debts.sweep() is False
    (found,) = caplog.records
    assert found.getMessage() == (
        "missing effects, rule: an accepted annotation has its accrual. Emitted 1 facts of 1 workspaces again"
    )
    dispatch.drain()
    causes = sorted(f"accrual:{one.pk}" for one in submitted)
    assert (accruals(), payable(annotators[0])) == (causes, 2 * PRICE)
    caplog.clear()
    sweep_from_the_start()
    assert (waiting(), caplog.records) == (0, []), "a sweep from the start finds nothing owed"
    dispatch.drain()
    assert (accruals(), payable(annotators[0])) == (causes, 2 * PRICE)


def test_an_event_that_comes_late_pays_nothing_more(
    workspace_a: Tenant, submitted: list[Annotation], annotators: list[Annotator]
) -> None:
    dispatch.drain()
    accept(workspace_a, submitted[0])
    with connection.cursor() as cursor:  # dispatched, and its effect lost
        cursor.execute("UPDATE rlhfhub_events_event SET dispatched_at = clock_timestamp()")
    debts.sweep()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rlhfhub_events_event SET dispatched_at = NULL")
    dispatch.drain()
    assert (len(accruals()), payable(annotators[0])) == (1, PRICE)


def test_an_event_that_still_waits_is_not_owed(
    workspace_a: Tenant, submitted: list[Annotation]
) -> None:
    accept(workspace_a, *submitted)
    before = waiting()
    debts.sweep()
    assert waiting() == before


def test_unpaid_work_owes_no_accrual(workspace_a: Tenant) -> None:
    project = make_project(workspace_a, access="members", overlap=1)
    make_batch(project, items=1)
    ada = make_annotator(project, "Ada", user=workspace_a.owner)
    reviewer = make_member(workspace_a.workspace)
    lease = ada.lease()
    assert lease
    assert ada.submit(lease).status_code == 201
    lose_events()
    with planes.in_workspace(workspace_a.pk):
        ids = list(Annotation.objects.values_list("pk", flat=True))
        assert review.accept(annotation_ids=ids, reviewer_id=reviewer.pk) == 1
    lose_events()
    debts.sweep()
    dispatch.drain()
    assert accruals() == []


def test_answers_that_nobody_counted_are_counted(submitted: list[Annotation]) -> None:
    lose_events()
    debts.sweep()
    dispatch.drain()
    with planes.as_system():
        counted = dict(Tally.objects.values_list("item_id", "counted_answers"))
    assert counted == {one.item_id: 1 for one in submitted}
    sweep_from_the_start()
    assert waiting() == 0


def test_rows_are_checked_in_batches_and_only_once(
    workspace_a: Tenant, submitted: list[Annotation], monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatch.drain()
    for one in submitted:
        accept(workspace_a, one)
    lose_events()
    always = (
        "SELECT workspace_id, id AS subject_id, '{}'::jsonb AS data FROM projects_review_decision"
    )
    span = "WHERE id > %(after)s AND id <= %(end)s"
    owed = Debt("test", "test.owed", "projects_review_decision", f"{always} {span}")
    monkeypatch.setattr(debts, "_registered", {"test": owed})
    monkeypatch.setattr(debts, "BATCH", 1)
    monkeypatch.setattr(debts, "MOST_BATCHES", 1)
    lefts = []
    for expected in (1, 1, 0):
        before = waiting()
        lefts.append(debts.sweep())
        assert waiting() - before == expected
        dispatch.drain()
    assert lefts == [True, True, False]


def test_beat_sweeps_nightly_and_the_task_runs_on_while_rows_are_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = next(e for e in app.conf.beat_schedule.values() if e["task"] == "events.sweep_debts")
    assert entry["task"] in app.tasks
    assert (entry["schedule"].hour, entry["schedule"].minute) == ({3}, {10})
    enqueued: list[str] = []
    monkeypatch.setattr(broker, "enqueue", lambda name, expires: enqueued.append(name))
    for left in (True, False):
        monkeypatch.setattr(debts, "sweep", lambda left=left: left)
        tasks.sweep_debts()
    assert enqueued == ["events.sweep_debts"]
