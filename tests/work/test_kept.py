"""Slots that are kept for one enrollment stand in that person's queue alone, and never block it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from billing.funding import reserve, services
from billing.funding.models import Funding
from projects.items.models import Batch, Item
from projects.items.services import Plan, close_batch
from projects.plan.models import Project
from projects.work.models import Lease, Purpose, Slot
from projects.work.services import kept, slots
from projects.work.services.kept import Kept
from rlhfhub import invariants
from rlhfhub.tenancy import planes
from tests import gold, people
from tests.factories import Tenant, make_batch
from tests.people import Annotator, age, make_annotator


@pytest.fixture
def batch(project: Project) -> Batch:
    """Six items with two slots each, and money for more."""
    return make_batch(project, 6, plan=Plan(2, share_percent=0, reserve_percent=50))


def items_of(batch: Batch) -> list[Item]:
    with planes.in_workspace(batch.workspace_id):
        return list(Item.objects.filter(batch=batch).select_related("project").order_by("seq"))


def keep(batch: Batch, person: Annotator, item: Item, ahead: int) -> None:
    """Keep a repeat of the item for the person, behind so many of their next items."""
    again = gold.make_repeat(item)
    with planes.in_workspace(batch.workspace_id):
        row = Batch.objects.select_for_update(of=("self",)).select_related("form").get(pk=batch.pk)
        run = reserve.begun(batch=row, items=1)
        terms = services.terms_of(run, row)
        one = Kept(again.pk, person.enrollment.pk, ahead)
        assert kept.keep_funded(batch_id=batch.pk, kept=[one], terms=terms) == 1
        reserve.finish(run)


def answer(person: Annotator, most: int = 50) -> list[str]:
    """The person answers so many items at most. Returns their questions."""
    asked: list[str] = []
    while len(asked) < most and (lease := person.lease()):
        asked.append(lease["prompt"][0]["content"])
        assert person.submit(lease).status_code == 201
    return asked


def questions(*numbers: int) -> list[str]:
    return [f"Question {number}?" for number in numbers]


@pytest.mark.parametrize(
    ("ahead", "met"),
    [(1, (3, 1, 4, 5, 6)), (3, (3, 4, 5, 1, 6)), (4, (3, 4, 5, 6)), (30, (3, 4, 5, 6))],
)
def test_it_is_met_behind_so_many_items(
    batch: Batch, annotators: list[Annotator], ahead: int, met: tuple[int, ...]
) -> None:
    ada, ben = annotators[:2]
    assert answer(ada, 2) == questions(1, 2)
    keep(batch, ada, items_of(batch)[0], ahead)
    assert answer(ben) == questions(1, 2, 3, 4, 5, 6), "nobody else meets it"
    assert answer(ada) == questions(*met)
    assert [found for found in invariants.verify() if not found.holds] == []


def test_it_is_nobodys_last_item(
    project: Project, batch: Batch, annotators: list[Annotator]
) -> None:
    """Kept behind items that others then answered, it is met only while another item follows, in any batch."""
    ada, ben, cleo = annotators
    answer(ada, 1)
    keep(batch, ada, items_of(batch)[0], 4)
    assert len(answer(ben)) == 6
    assert len(answer(cleo)) == 5
    assert ada.lease() is None
    make_batch(project, 1, first=101)
    assert answer(ada) == questions(1, 101)
    assert ada.lease() is None


def test_items_that_one_had_do_not_follow(batch: Batch, annotators: list[Annotator]) -> None:
    """The only open slot is of an item that its person has answered, and opened again at the end of the queue."""
    ada, ben, cleo = annotators
    held = ben.lease()
    assert held
    assert len(answer(ada)) == 6
    keep(batch, ada, items_of(batch)[1], 1)
    assert len(answer(cleo)) == 5
    age(held)
    with planes.as_system():
        assert slots.expire_leases(grace_seconds=5) == 1
    assert ada.lease() is None
    with planes.in_workspace(batch.workspace_id):
        assert Slot.objects.get(state="open", kept_for=None).item == items_of(batch)[0]


def test_returned_it_is_left_and_blocks_nothing(
    project: Project, batch: Batch, annotators: list[Annotator]
) -> None:
    ada, ben = annotators[:2]
    answer(ada, 1)
    keep(batch, ada, items_of(batch)[0], 1)
    assert answer(ada, 1) == questions(2)
    lease = ada.lease()
    assert lease and lease["prompt"][0]["content"] == "Question 1?"
    path = f"/api/v1/desk/leases/{lease['id']}/return/"
    assert ada.client.post(path, {"reason": "unclear"}).status_code == 204
    assert answer(ada) == questions(3, 4, 5, 6)
    assert len(answer(ben)) == 6
    make_batch(project, 2, first=101)
    assert answer(ada) == questions(101, 102), "it stands in no way of the next batch"
    with planes.in_workspace(batch.workspace_id):
        slot = Slot.objects.get(purpose=Purpose.REPEAT)
        assert (slot.state, slot.kept_for_id) == ("open", ada.enrollment.pk)


@pytest.mark.slow
def test_it_is_nothing_to_others(
    project: Project, batch: Batch, annotators: list[Annotator]
) -> None:
    """Where no other slot is open, neither those who come new nor those who worked there are offered it."""
    ada, ben, _ = annotators
    assert len(answer(ada)) == len(answer(ben)) == 6
    keep(batch, ada, items_of(batch)[0], 3)
    assert make_annotator(project, "Dora").lease() is None
    assert ben.lease() is None
    make_batch(project, 1, first=101)
    assert answer(ben) == questions(101)
    assert answer(ada) == questions(1, 101)


def test_expired_it_is_kept_again(
    project: Project, batch: Batch, annotators: list[Annotator]
) -> None:
    """It comes at the end of the queue, like any other item, and so needs another one behind it."""
    ada, ben = annotators[:2]
    answer(ada, 1)
    keep(batch, ada, items_of(batch)[0], 1)
    answer(ada, 1)
    lease = ada.lease()
    assert lease
    age(lease)
    with planes.as_system():
        assert slots.expire_leases(grace_seconds=5) == 1
    assert len(answer(ben)) == 6
    assert answer(ada) == questions(3, 4, 5, 6)
    make_batch(project, 1, first=101)
    assert answer(ada) == questions(1, 101)


def test_who_goes_leaves_it_and_the_close_gives_its_money_back(
    workspace_a: Tenant, batch: Batch, annotators: list[Annotator]
) -> None:
    ada = annotators[0]
    answer(ada, 1)
    keep(batch, ada, items_of(batch)[0], 1)
    answer(ada, 1)
    assert ada.lease(), "a lease of the kept slot"
    people.leave(ada.enrollment)
    with planes.in_workspace(workspace_a.pk):
        assert Slot.objects.get(purpose=Purpose.REPEAT).state == "open"
        assert Lease.objects.get(ended_as="returned").slot_id
        close_batch(batch=batch, actor_id=None)
        services.release_unused(batch_id=batch.pk)
        assert Slot.objects.get(purpose=Purpose.REPEAT).state == "cancelled"
    assert [found for found in invariants.verify() if not found.holds] == []


def test_the_database_refuses_another_person(batch: Batch, annotators: list[Annotator]) -> None:
    ada, ben = annotators[:2]
    answer(ada, 1)
    held = ben.lease()
    assert held
    keep(batch, ada, items_of(batch)[0], 1)
    with planes.in_workspace(batch.workspace_id):
        lease = Lease.objects.get(pk=held["id"])
        slot = Slot.objects.get(purpose=Purpose.REPEAT)
    lease.pk, lease.slot_id, lease.item_id = Lease().pk, slot.pk, slot.item_id
    ben.client.post(f"/api/v1/desk/leases/{held['id']}/return/", {"reason": "unclear"})
    with (
        pytest.raises(IntegrityError, match="for which a kept slot is kept"),
        transaction.atomic(),
    ):
        lease.save(force_insert=True)


def test_a_repeat_is_kept_and_nothing_else_is(batch: Batch, annotators: list[Annotator]) -> None:
    item = items_of(batch)[0]
    with pytest.raises(IntegrityError, match="slot_kept_to_repeat"), transaction.atomic():
        gold.add_slots(batch, [gold.make_repeat(item)], Purpose.REPEAT)
    with pytest.raises(IntegrityError, match="slot_kept_to_repeat"), transaction.atomic():
        gold.add_slots(batch, [gold.make_keyed(item)], Purpose.GOLD, annotators[0].enrollment)


def test_nobody_gets_one_item_kept_twice(batch: Batch, annotators: list[Annotator]) -> None:
    item = items_of(batch)[0]
    keep(batch, annotators[0], item, 1)
    with pytest.raises(IntegrityError, match="slot_kept_once"), transaction.atomic():
        keep(batch, annotators[0], item, 1)
    keep(batch, annotators[1], item, 1)


def test_every_lease_looks_for_it_by_the_same_statements(
    batch: Batch, annotators: list[Annotator], queries: Callable[[], Any]
) -> None:
    """With and without a slot that is kept, leasing sends the same statements."""
    ada, ben = annotators[:2]
    answer(ada, 1)
    answer(ben, 1)
    keep(batch, ada, items_of(batch)[0], 1)
    sent = []
    for person in (ada, ben):
        answer(person, 1)
        with queries() as statements:
            assert person.lease()
        sent.append(statements.texts)
    assert sent[0] == sent[1]


def test_the_run_that_pays_for_it_is_counted(batch: Batch, annotators: list[Annotator]) -> None:
    keep(batch, annotators[0], items_of(batch)[0], 1)
    with planes.in_workspace(batch.workspace_id):
        assert Funding.objects.get(batch=batch, purpose="reserve").slots == 1
        batch.refresh_from_db()
    assert batch.slots_count == 13
