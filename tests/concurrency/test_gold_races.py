"""Gold and repeats at the same moment: a pool numbers its slots run after run, and nothing is made twice."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from billing.funding import repeats
from billing.funding import services as funding
from billing.funding.models import Funding
from projects.items.models import Batch, Item
from projects.items.services import Plan
from projects.work.models import Lease, Purpose, Slot
from rlhfhub.tenancy import planes
from tests import gold
from tests.browser.site import CHECKOUT, Site
from tests.concurrency.conftest import Race
from tests.concurrency.races import at_once

pytestmark = pytest.mark.concurrency
GOLD = Plan(2, share_percent=0, gold_percent=20)


@pytest.fixture
def pool(race: Race, site: None) -> None:
    """Three keyed items."""
    source = race.batch(3, fund=False)
    with planes.in_workspace(race.tenant.pk):
        items = list(Item.objects.filter(batch=source).select_related("project__form"))
    for item in items:
        gold.make_keyed(item)


@pytest.fixture
def in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Funding makes the slots of three items at a time."""
    monkeypatch.setattr(funding, "SMALL", 0)
    monkeypatch.setattr(funding, "CHUNK_ITEMS", 3)


def go_on(race: Race, run: Funding) -> None:
    while funding.continue_chunk(workspace_id=race.tenant.pk, funding_id=run.pk):
        pass


def purposes(race: Race, batch: Batch) -> dict[str, int]:
    with planes.in_workspace(race.tenant.pk):
        rows = Slot.objects.filter(batch=batch).values_list("purpose", flat=True)
        return {purpose: list(rows).count(purpose) for purpose in set(rows)}


def test_runs_of_two_batches_number_the_slots_of_one_pool(
    race: Race, pool: None, in_chunks: None
) -> None:
    """Without the lock on the pool, both would give an item's slots the same numbers, and lose some."""
    both = [race.batch(10, plan=GOLD, fund=False) for _ in range(2)]
    runs = [race.fund(batch) for batch in both]
    assert at_once(*[partial(go_on, race, run) for run in runs * 2]) == [None] * 4
    for run in runs:
        go_on(race, run)
    assert [purposes(race, batch) for batch in both] == [{"data": 20, "gold": 4}] * 2


def test_workers_who_share_a_run_make_its_gold_once(
    race: Race, pool: None, in_chunks: None
) -> None:
    batch = race.batch(20, plan=GOLD, fund=False)
    run = race.fund(batch)
    assert at_once(*[partial(go_on, race, run)] * 3) == [None] * 3
    go_on(race, run)
    assert purposes(race, batch) == {"data": 40, "gold": 8}


# A process that is killed when it has made a chunk's slots and before it commits them.
_DIES = """
import os, signal, sys, uuid
import django
django.setup()
from billing.funding import services
services.CHUNK_ITEMS = 3
create = services.slots.create_funded
def dies(**of):
    create(**of)
    os.kill(os.getpid(), signal.SIGKILL)
services.slots.create_funded = dies
workspace, run = map(uuid.UUID, sys.argv[1:])
services.continue_chunk(workspace_id=workspace, funding_id=run)
"""


@pytest.fixture
def environment(own_database: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Of another process of the site that works on this test's database."""
    site = Site(tmp_path, tmp_path)
    yield site.environment
    site.stop()


def test_a_worker_killed_in_the_middle_of_a_chunk_leaves_nothing_half_made(
    race: Race, pool: None, in_chunks: None, environment: dict[str, str]
) -> None:
    batch = race.batch(10, plan=GOLD, fund=False)
    run = race.fund(batch)
    assert funding.continue_chunk(workspace_id=race.tenant.pk, funding_id=run.pk)
    before = purposes(race, batch)
    dead = subprocess.run(
        [sys.executable, "-c", _DIES, str(race.tenant.pk), str(run.pk)],
        cwd=CHECKOUT,
        env=environment,
        check=False,
        timeout=60,
    )
    assert dead.returncode == -signal.SIGKILL
    assert purposes(race, batch) == before
    go_on(race, run)
    assert purposes(race, batch) == {"data": 20, "gold": 4}
    with planes.in_workspace(race.tenant.pk):
        run.refresh_from_db()
    assert (run.state, run.slots, run.slots_paid) == ("done", 24, 24)


@pytest.fixture
def due(race: Race, monkeypatch: pytest.MonkeyPatch) -> Batch:
    """A batch whose twenty answers by the first racer are due to be repeated, a tenth of them."""
    monkeypatch.setattr(repeats, "LATER_ITEMS", 1)
    batch = race.batch(20, plan=Plan(1, share_percent=0, repeat_percent=10))
    racer = race.annotators[0]
    while lease := racer.lease():
        assert racer.submit(lease).status_code == 201
    return batch


def draw(race: Race, batch: Batch) -> int:
    with planes.in_workspace(race.tenant.pk):
        return repeats.draw(batch_id=batch.pk)


def test_draws_at_the_same_moment_make_each_repeat_once(race: Race, due: Batch, site: None) -> None:
    assert sorted(at_once(*[partial(draw, race, due)] * 4)) == [0, 0, 0, 2]


def test_a_kept_slot_is_leased_once_by_two_tabs(race: Race, due: Batch, site: None) -> None:
    assert draw(race, due) == 2
    race.batch(1)  # else a repeat would be the last item
    racer = race.annotators[0]

    def lease() -> Any:
        found = racer.lease()
        return found and found["id"]

    leased = at_once(*[lease] * 4)
    assert len(set(leased)) == 1
    assert leased[0]
    with planes.in_workspace(race.tenant.pk):
        held = Lease.objects.get(ended_at=None)
        assert Slot.objects.get(pk=held.slot_id).purpose == Purpose.REPEAT
