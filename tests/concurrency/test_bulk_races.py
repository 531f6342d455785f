"""Concurrent bulk accepts: two workers, reviewers in between, undoing, and a killed worker. Each effect once."""

import os
import signal
import time
import traceback
import uuid
from functools import partial
from typing import Any

import pytest
from django.db import connections

from billing.ledger.models import Journal
from projects.review.bulk import services
from projects.review.bulk.models import BulkAccept, BulkAnswer
from projects.review.models import Decision
from projects.review.services import accepting
from projects.review.tasks import apply_bulk_accepts
from projects.work.models import Annotation
from rlhfhub.events import dispatch
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests import databases
from tests.concurrency.conftest import Race
from tests.concurrency.races import at_once, connect_anew, slowly
from tests.concurrency.test_rejection_races import answered, reject_as
from tests.people import make_member
from tests.review import bulk

pytestmark = pytest.mark.concurrency


def later(race: Race) -> None:
    with databases.connected(**race.login) as owner, owner.transaction():
        bulk.pass_minutes(owner)


def undo(race: Race, asked: BulkAccept) -> BulkAccept:
    with planes.in_workspace(race.tenant.pk, race.tenant.owner.pk):
        return services.undo(bulk_id=asked.pk, member_id=race.tenant.owner.pk)


def accepted(race: Race) -> int:
    with planes.in_workspace(race.tenant.pk):
        return Decision.objects.filter(verdict="accepted").count()


def accruals() -> int:
    dispatch.drain()
    with planes.as_system():
        return Journal.objects.filter(kind="accrual").count()


def test_two_workers_and_the_clock(race: Race, site: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting, "LIMIT", 3)
    answers = answered(race, 8)
    asked = bulk.request(race.project, answers, race.tenant.owner.pk)
    later(race)
    assert at_once(*[apply_bulk_accepts] * 3) == [None] * 3
    apply_bulk_accepts()
    done = bulk.stored(asked, race.tenant)
    assert done.done_at and (done.accepted, accepted(race), accruals()) == (8, 8, 8)


def test_two_reviewers_ask_for_the_same(race: Race, site: None) -> None:
    """One of them has a request, and the other is told: the answers wait in one bulk accept, not in two."""
    answers = answered(race, 4)
    second = make_member(race.tenant.workspace, "reviewer")
    asks = [
        partial(bulk.request, race.project, answers, one.pk) for one in (race.tenant.owner, second)
    ]
    asked = at_once(*asks)
    [refused] = [one for one in asked if isinstance(one, Refused)]
    assert refused.status == 409
    later(race)
    at_once(apply_bulk_accepts, apply_bulk_accepts)
    apply_bulk_accepts()
    [made] = [one for one in asked if one is not refused]
    assert (bulk.stored(made, race.tenant).accepted, accruals()) == (4, 4)


def test_undoing_against_applying(race: Race, site: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever undoes within the ten minutes wins, also if it takes long; later the worker does."""
    answers = answered(race, 3)
    early = bulk.request(race.project, answers[:2], race.tenant.owner.pk)
    assert at_once(partial(undo, race, early), apply_bulk_accepts)[0].cancelled_at
    later(race)
    apply_bulk_accepts()
    assert accepted(race) == 0
    late = bulk.request(race.project, answers[:2], race.tenant.owner.pk)
    later(race)
    monkeypatch.setattr(accepting, "accept_unchanged", slowly(accepting.accept_unchanged))
    refused, _ = at_once(partial(undo, race, late), apply_bulk_accepts)
    assert isinstance(refused, Refused)
    assert (bulk.stored(late, race.tenant).accepted, accruals()) == (2, 2)


def test_rejecting_against_applying(race: Race, site: None) -> None:
    """One outcome for each answer, and the request counts what it accepted."""
    answers = answered(race, 6)
    asked = bulk.request(race.project, answers, race.tenant.owner.pk)
    later(race)
    rejections = [partial(reject_as, race.tenant.owner.pk, race, answer) for answer in answers[:3]]
    at_once(apply_bulk_accepts, *rejections)
    apply_bulk_accepts()
    with planes.in_workspace(race.tenant.pk):
        states = dict(Annotation.objects.values_list("pk", "state"))
        outcomes = dict(BulkAnswer.objects.values_list("annotation", "outcome"))
    said = {"accepted": "accepted", "rejected": "decided"}
    assert outcomes == {key: said[state] for key, state in states.items()}
    assert bulk.stored(asked, race.tenant).accepted == list(states.values()).count("accepted")


def test_a_worker_is_killed_in_the_middle(
    race: Race, site: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kill -9 of a process between two parts: the next one does the rest, and nothing twice."""
    monkeypatch.setattr(accepting, "LIMIT", 2)
    answers = answered(race, 10)
    asked = bulk.request(race.project, answers, race.tenant.owner.pk)
    later(race)
    connections.close_all()
    worker = os.fork()
    if worker == 0:
        _work_slowly(race.tenant.pk, asked.pk)
    _until(lambda: accepted(race) >= 4)
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    assert 0 < accepted(race) < 10
    _until(lambda: apply_bulk_accepts() or bulk.stored(asked, race.tenant).done_at)
    assert (bulk.stored(asked, race.tenant).accepted, accepted(race), accruals()) == (10, 10, 10)


def _work_slowly(workspace_id: uuid.UUID, bulk_id: uuid.UUID) -> None:
    """What the forked process does. It never returns."""
    try:
        connect_anew()
        accepting.accept_unchanged = slowly(accepting.accept_unchanged)
        services.apply(workspace_id, bulk_id)
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(0)


def _until(holds: Any) -> None:
    end = time.monotonic() + 90
    while not holds():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.05)
