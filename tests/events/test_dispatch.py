"""Events reach their handlers at least once; a failed delivery is retried and delays no other."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from rlhfhub.events import dispatch, outbox
from rlhfhub.events.models import Delivery
from rlhfhub.events.outbox import Fact
from rlhfhub.tenancy import planes
from tests.factories import Tenant

KIND = "test.happened"


class Recorder:
    """A handler that records events, and fails while the test wants it to."""

    def __init__(self, name: str = "recorder") -> None:
        self.__qualname__ = name
        self.seen: list[uuid.UUID] = []
        self.fail = False
        self.standings: list[planes.Standing] = []

    def __call__(self, facts: Sequence[Fact]) -> None:
        self.standings.append(planes.standing())
        if self.fail:
            raise RuntimeError("not now")
        self.seen += [fact.subject_id for fact in facts]


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    handler = Recorder()
    outbox.subscribe(KIND, handler)
    yield handler
    outbox._registry.by_kind.pop(KIND)


def emit(tenant: Tenant) -> uuid.UUID:
    subject = uuid.uuid4()
    with planes.in_workspace(tenant.pk):
        outbox.emit(kind=KIND, workspace_id=tenant.pk, subject_id=subject, data={"n": 1})
    return subject


def due_now() -> None:
    with planes.as_system():
        Delivery.objects.update(next_at=timezone.now() - timedelta(seconds=1))


def test_each_workspace_in_its_own_plane(
    workspace_a: Tenant, workspace_b: Tenant, recorder: Recorder
) -> None:
    sent = {emit(workspace_a), emit(workspace_b), emit(workspace_a)}
    dispatch.drain()
    assert set(recorder.seen) == sent
    assert {(s.plane, s.workspace) for s in recorder.standings} == {
        (planes.Plane.WORKSPACE, workspace_a.pk),
        (planes.Plane.WORKSPACE, workspace_b.pk),
    }
    recorder.seen.clear()
    dispatch.drain()
    assert recorder.seen == []


def test_a_rolled_back_change_tells_nobody(workspace_a: Tenant, recorder: Recorder) -> None:
    with pytest.raises(ValueError, match="no"), transaction.atomic():
        emit(workspace_a)
        raise ValueError("no")
    dispatch.drain()
    assert recorder.seen == []


def test_a_failure_is_noted_and_tried_again(workspace_a: Tenant, recorder: Recorder) -> None:
    recorder.fail = True
    subject = emit(workspace_a)
    dispatch.drain()
    with planes.as_system():
        (row,) = Delivery.objects.all()
        assert (row.attempts, row.done_at, "not now" in row.error) == (1, None, True)
    assert dispatch.retry_once() == 0, "it waits first"
    due_now()
    assert dispatch.retry_once() == 1
    recorder.fail = False
    due_now()
    dispatch.retry_once()
    assert recorder.seen == [subject]
    with planes.as_system():
        assert Delivery.objects.get().done_at is not None
    due_now()
    assert dispatch.retry_once() == 0


def test_a_poisoned_event_does_not_delay_the_others(
    workspace_a: Tenant, workspace_b: Tenant, recorder: Recorder
) -> None:
    poisoned = Recorder("poisoned")
    poisoned.fail = True
    outbox.subscribe(KIND, poisoned)
    sent = {emit(workspace_a), emit(workspace_b)}
    dispatch.drain()
    assert set(recorder.seen) == sent


def test_after_twelve_attempts_it_is_dead_and_stays_listed(
    workspace_a: Tenant, recorder: Recorder
) -> None:
    recorder.fail = True
    emit(workspace_a)
    dispatch.drain()
    for _ in range(20):
        due_now()
        dispatch.retry_once()
    with planes.as_system():
        row = Delivery.objects.get()
    assert (row.attempts, row.done_at) == (dispatch.MAX_ATTEMPTS, None)
