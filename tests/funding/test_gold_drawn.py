"""Gold is drawn when a batch is funded: as much as was paid for, evenly used, anywhere in the queue (W1, M3, W7)."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from billing.funding import gold as drawing
from billing.funding import services as funding
from billing.funding.models import Funding
from projects.items import services as batches
from projects.items.keys import services as keys
from projects.items.models import Batch, Item, Key
from projects.items.services import Plan
from projects.plan.boards import ShownProject
from projects.plan.models import Project
from projects.quality import panels
from projects.work.models import Slot
from rlhfhub import invariants
from rlhfhub.tenancy import planes
from tests import gold
from tests.factories import Tenant, fund_batch, make_batch
from tests.people import Annotator

COST = 30


def slots_of(batch: Batch) -> list[tuple[Any, str, int]]:
    """Item, purpose and number in the queue of each of the batch's slots, in the queue's order."""
    with planes.in_workspace(batch.workspace_id):
        rows = Slot.objects.filter(batch=batch).order_by("seq", "number")
        return list(rows.values_list("item_id", "purpose", "seq"))


def queue_of(batch: Batch) -> str:
    """The queue, one letter an item: g for gold, d for data."""
    seen = dict.fromkeys((item, seq, purpose) for item, purpose, seq in slots_of(batch))
    return "".join(purpose[0] for _, _, purpose in seen)


def whole() -> list[Any]:
    return [found for found in invariants.verify() if not found.holds]


@pytest.mark.parametrize(
    ("items", "percent", "overlap", "chunk", "places"),
    [(1, 5, 1, 10, 1), (7, 20, 2, 3, 2), (40, 5, 3, 7, 2), (41, 5, 1, 40, 3), (23, 13, 2, 5, 3)],
)
def test_a_run_makes_as_much_gold_as_was_paid(
    workspace_a: Tenant,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    items: int,
    percent: int,
    overlap: int,
    chunk: int,
    places: int,
) -> None:
    monkeypatch.setattr(funding, "CHUNK_ITEMS", chunk)
    monkeypatch.setattr(funding, "SMALL", 0)
    gold.make_pool(workspace_a, project, 4)
    plan = Plan(overlap, share_percent=0, reserve_percent=50, gold_percent=percent)
    batch = make_batch(project, items, plan=plan)
    with planes.in_workspace(workspace_a.pk):
        run = Funding.objects.get(batch=batch)
    assert (run.state, run.gold_items) == ("done", places)
    assert run.slots_paid == run.slots == batch.slots_count == (items + places) * overlap
    assert run.reserve_slots == -(-items * overlap // 2), "a share of the slots for data alone"
    found = Counter(purpose for _, purpose, _ in slots_of(batch))
    assert found == {"data": items * overlap, "gold": places * overlap}
    assert queue_of(batch).count("g") == places
    assert whole() == []


def test_a_place_has_the_overlap_of_any_item(workspace_a: Tenant, project: Project) -> None:
    gold.make_pool(workspace_a, project, 6)
    batch = make_batch(project, 30, plan=Plan(2, share_percent=0, gold_percent=20))
    by_place = Counter((item, seq) for item, _, seq in slots_of(batch))
    assert set(by_place.values()) == {2}
    assert len({seq for _, seq in by_place}) == 36, "no two items share a number"


def test_exposure_is_flat_over_batches(workspace_a: Tenant, project: Project) -> None:
    gold.make_pool(workspace_a, project, 7)
    for first in (1, 101, 201):
        make_batch(project, 25, plan=Plan(1, share_percent=0, gold_percent=20), first=first)
    with planes.in_workspace(workspace_a.pk):
        used = Counter(Slot.objects.filter(purpose="gold").values_list("item_id", flat=True))
    assert sorted(used.values()) == [2, 2, 2, 2, 2, 2, 3]


def test_an_item_stands_twice_only_if_the_pool_is_too_small(
    workspace_a: Tenant, project: Project
) -> None:
    gold.make_pool(workspace_a, project, 3)
    batch = make_batch(project, 40, plan=Plan(2, share_percent=0, gold_percent=20))
    places = defaultdict(set)
    for item, purpose, seq in slots_of(batch):
        if purpose == "gold":
            places[item].add(seq)
    assert sorted(map(len, places.values())) == [2, 3, 3]


def test_places_are_anywhere_in_the_queue() -> None:
    """Chi-square of where 6,000 places stand, in twelve parts of the queue: below 31.3 but once in a thousand."""
    draw, parts = random.Random(11), Counter[int]()
    for _ in range(600):
        ahead = drawing.positions(50, 10, draw)
        assert all(0 <= n <= 50 for n in ahead)
        parts.update((n + nth) // 5 for nth, n in enumerate(ahead))
    assert set(parts) == set(range(12))
    assert sum((n - 500) ** 2 / 500 for n in parts.values()) < 31.3


def test_the_queue_stands_as_it_was_drawn(
    workspace_a: Tenant, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    gold.make_pool(workspace_a, project, 3)
    monkeypatch.setattr(drawing, "positions", lambda items, count, draw: [0, 4, 4])
    batch = make_batch(project, 15, plan=Plan(2, share_percent=0, gold_percent=20))
    assert queue_of(batch) == "gddddggddddddddddd"


def test_too_few_keyed_items_are_said_before_and_refused(
    workspace_a: Tenant, project: Project
) -> None:
    gold.make_pool(workspace_a, project, 1)
    batch = make_batch(project, 60, plan=Plan(1, 0, 3, gold_percent=20), fund=False)
    with planes.in_workspace(workspace_a.pk):
        batch = Batch.objects.select_related("project__form").get(pk=batch.pk)
        assert drawing.supply_of(batch, 12) == drawing.Supply(there=1, needed=2)
    answer = workspace_a.client.post(f"/api/v1/batches/{batch.pk}/fund/", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_little_gold")
    assert (
        "takes 2 keyed items on which three people agree and whose right answer nobody has read after "
        "calibration, and there are 1" in answer.json()["detail"]
    )
    gold.make_pool(workspace_a, project, 1, first=6001)
    fund_batch(batch)
    assert queue_of(batch).count("g") == 12


def test_what_cannot_be_gold_is_not_counted(workspace_a: Tenant, project: Project) -> None:
    """An item with two people's keys, one whose keys are retired, a repeat, and one that is in the batch itself."""
    gold.make_pool(workspace_a, project, 1)
    other = make_batch(project, 4, fund=False)
    with planes.in_workspace(workspace_a.pk):
        two, gone, again, _ = Item.objects.filter(batch=other).select_related("project__form")
    gold.make_keyed(two, people=("Ann", "Bo"))
    retired = gold.make_keyed(gone)
    gold.make_repeat(again)
    batch = make_batch(project, 2, plan=Plan(1, 0, 3, gold_percent=5), fund=False, first=101)
    with planes.in_workspace(workspace_a.pk):
        for key in Key.objects.filter(item=retired):
            keys.retire(key=key, because="Wrong.", actor_id=None)
        inside = Item.objects.filter(batch=batch).select_related("project__form").first()
        assert inside
    gold.make_keyed(inside)
    with planes.in_workspace(workspace_a.pk):
        batch = Batch.objects.select_related("project__form").get(pk=batch.pk)
        assert drawing.supply_of(batch, 1).there == 1


def test_keys_retired_in_the_middle_do_not_stop_the_run(
    workspace_a: Tenant, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(funding, "CHUNK_ITEMS", 10)
    monkeypatch.setattr(funding, "SMALL", 0)
    gold.make_pool(workspace_a, project, 2)
    batch = make_batch(project, 30, plan=Plan(1, 0, 3, gold_percent=20), fund=False)
    with planes.in_workspace(workspace_a.pk):
        run = funding.start(batch=batch, actor_id=None)
    assert funding.continue_chunk(workspace_id=workspace_a.pk, funding_id=run.pk)
    with planes.in_workspace(workspace_a.pk):
        for key in Key.objects.all():
            keys.retire(key=key, because="All wrong.", actor_id=None)
    while funding.continue_chunk(workspace_id=workspace_a.pk, funding_id=run.pk):
        pass
    assert queue_of(batch).count("g") == 6
    assert whole() == []


def test_nobody_sees_gold_twice_and_nothing_waits_for_what_is_left(
    workspace_a: Tenant,
    project: Project,
    annotators: list[Annotator],
    deliver: Callable[[], int],
) -> None:
    """One keyed item stands twice in the queue: its second slot stays open when all items are answered."""
    gold.make_pool(workspace_a, project, 1)
    batch = make_batch(project, 10, plan=Plan(1, 0, 3, gold_percent=20))
    ada, asked = annotators[0], []
    while lease := ada.lease():
        asked.append(lease["prompt"][0]["content"])
        assert ada.submit(lease).status_code == 201
    deliver()
    assert len(asked) == len(set(asked)) == 11
    with planes.in_workspace(workspace_a.pk):
        assert Slot.objects.get(state="open").purpose == "gold"
        done = panels.on_batch(Batch.objects.select_related("project__form").get(pk=batch.pk))
        read = Project.objects.select_related("form").get(pk=project.pk)
        work = panels.on_live_work(ShownProject(read))
    assert (done.total, done.filled, done.open, done.leased) == (10, 10, 0, 0)
    assert (work.total, work.submitted) == (10, 10)
    assert annotators[1].lease() is not None, "somebody else may still answer it"
    assert whole() == []


def test_what_is_left_of_gold_comes_back_at_the_close(
    workspace_a: Tenant, project: Project
) -> None:
    gold.make_pool(workspace_a, project, 2)
    before = balance(workspace_a)
    batch = make_batch(project, 10, plan=Plan(1, 0, 3, gold_percent=20, repeat_percent=10))
    assert balance(workspace_a) == before - (10 + 2 + 1) * COST
    with planes.in_workspace(workspace_a.pk):
        batches.close_batch(batch=batch, actor_id=None)
        funding.release_unused(batch_id=batch.pk)
    assert balance(workspace_a) == before


def balance(tenant: Tenant) -> int:
    answer = tenant.client.get("/api/v1/balance/").json()
    return next(row["amount_minor"] for row in answer["balances"] if "available" in row["kind"])
