"""Without the broker every write still succeeds, and the scheduler delivers its events later."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from billing.funding import services as funding
from billing.ledger.models import Journal
from projects.exports import services as exports
from projects.review.services import accepting as review
from projects.work.models import Annotation
from rlhfhub import invariants
from rlhfhub.celery import app
from rlhfhub.events import broker, dispatch, outbox
from rlhfhub.tenancy import planes
from tests import databases, people
from tests.factories import Tenant, make_batch, make_project, make_workspace

# A request may wait for one task that cannot be sent; after that, no task is sent for some time.
SLOW = 4.0


@contextmanager
def broker_at(url: str) -> Iterator[None]:
    """Send every task to the broker at this address."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            app, "connection_for_write", partial(type(app).connection_for_write, app, url)
        )
        patch.setattr(outbox, "DISPATCH_GAP_SECONDS", 0.0)
        _forget_connections()
        yield
    _forget_connections()


def _forget_connections() -> None:
    broker._Patience.until = 0.0
    app._pool = None
    app.amqp._producer_pool = None


@pytest.fixture
def hung() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def closed() -> int:
    """A port that refuses connections."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def tenant(own_database: str) -> Tenant:
    return make_workspace("Bell")


def work(tenant: Tenant) -> tuple[float, int]:
    """Fund, open, lease, submit, accept and request an export. Returns the slowest seconds and the answers."""
    took = []

    @contextmanager
    def timed() -> Iterator[None]:
        begun = time.monotonic()
        yield
        took.append(time.monotonic() - begun)

    project = make_project(tenant, overlap=1)
    with timed():
        make_batch(project, 3)
    annotator = people.make_annotator(project)
    for _ in range(3):
        with timed():
            lease = annotator.lease()
        assert lease
        with timed():
            assert annotator.submit(lease).status_code == 201
    with timed(), planes.in_workspace(tenant.pk):
        ids = list(Annotation.objects.filter(project=project).values_list("pk", flat=True))
        review.accept(annotation_ids=ids, reviewer_id=tenant.owner.pk)
    with timed(), planes.in_workspace(tenant.pk):
        exports.request(project=project, actor_id=None)
    return max(took), len(ids)


def test_a_broker_that_is_away_fails_nothing(tenant: Tenant, closed: int, tmp_path: Path) -> None:
    away = (
        f"redis://127.0.0.1:{closed}/0",
        f"amqp://guest:guest@127.0.0.1:{closed}//",
        f"redis+socket://{tmp_path}/no.sock",
    )
    with databases.site_login():
        for url in away:
            with broker_at(url):
                slowest, answers = work(tenant)
            assert answers == 3, url
            assert slowest < SLOW, f"{url}: {slowest:.1f} s"
    _caught_up(tenant, 9)


@pytest.mark.slow
def test_a_broker_that_hangs_delays_and_fails_nothing(tenant: Tenant, hung: int) -> None:
    """It takes the connection and never answers: the site gives up soon."""
    with databases.site_login():
        for url in (f"redis://127.0.0.1:{hung}/0", f"amqp://guest:guest@127.0.0.1:{hung}//"):
            with broker_at(url):
                slowest, answers = work(tenant)
            assert answers == 3, url
            assert slowest < SLOW, f"{url}: {slowest:.1f} s"
    _caught_up(tenant, 6)


def test_a_large_batch_is_funded_when_the_broker_is_back(
    tenant: Tenant, closed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No worker was told to create the slots; the scheduler finds the run."""
    from billing.funding.tasks import resume

    monkeypatch.setattr(funding, "SMALL", 0)
    project = make_project(tenant)
    batch = make_batch(project, 4, fund=False)
    with databases.site_login():
        with broker_at(f"redis://127.0.0.1:{closed}/0"):
            answer = tenant.client.post(f"/api/v1/batches/{batch.pk}/fund/")
        assert (answer.status_code, answer.json()["state"]) == (202, "running")
        resume()
        answer = tenant.client.get(f"/api/v1/batches/{batch.pk}/fund/")
        assert answer.json()["state"] in ("done", "funded")


def _caught_up(tenant: Tenant, answers: int) -> None:
    """Everything waited in the outbox."""
    with planes.as_system():
        assert Journal.objects.filter(kind="accrual").count() == 0
    dispatch.drain()
    with planes.as_system():
        assert Journal.objects.filter(kind="accrual").count() == answers
    connection.close()
    assert [finding for finding in invariants.verify() if not finding.holds] == []


def test_the_site_knows_that_the_broker_is_away(client: Any, closed: int, db: None) -> None:
    with broker_at(f"redis://127.0.0.1:{closed}/0"):
        answer = client.get("/healthz/ready")
    assert answer.status_code == 503
    assert answer.json()["database"] == "ok"
    assert client.get("/healthz/live").status_code == 200
