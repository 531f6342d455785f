"""Repeats are drawn of what people answered long enough ago, a share of each person's answers, and paid for before."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from billing.funding import repeats, reserve, selectors
from billing.funding import services as funding
from billing.funding.models import Funding
from billing.funding.tasks import draw_repeats
from billing.ledger.models import Account
from projects.items import services as batches
from projects.items.models import Batch, Item
from projects.items.services import Plan
from projects.plan.models import Project
from projects.work.models import Annotation, Slot
from rlhfhub import invariants
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests import people
from tests.deposits.made import make_disputed, make_paid
from tests.factories import Tenant, make_batch
from tests.people import Annotator

COST = 30
PLAN = Plan(3, share_percent=0, reserve_percent=10, repeat_percent=10)


@pytest.fixture
def batch(project: Project) -> Batch:
    """Thirty items with three slots each; nine more in reserve, and nine for repeats."""
    return make_batch(project, 30, plan=PLAN)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer can be repeated once its annotator has answered two more."""
    monkeypatch.setattr(repeats, "LATER_ITEMS", 2)
    monkeypatch.setattr(repeats, "AHEAD", 3)


def answer(person: Annotator, most: int) -> list[str]:
    asked: list[str] = []
    while len(asked) < most and (lease := person.lease()):
        asked.append(lease["prompt"][0]["content"])
        assert person.submit(lease).status_code == 201
    return asked


def kept_in(batch: Batch) -> Sequence[Slot]:
    with planes.in_workspace(batch.workspace_id):
        return list(Slot.objects.filter(batch=batch, purpose="repeat").select_related("item"))


def whole() -> list[Any]:
    return [found for found in invariants.verify() if not found.holds]


@pytest.mark.slow
def test_a_share_of_each_persons_answers_is_repeated(
    workspace_a: Tenant, batch: Batch, annotators: list[Annotator], soon: None
) -> None:
    ada, ben, cleo = annotators
    first = answer(ada, 24)
    answer(ben, 9)
    answer(cleo, 12)
    draw_repeats()
    draw_repeats()  # one run makes one repeat of an item, and two people may be due for the same one
    found = kept_in(batch)
    assert Counter(slot.kept_for_id for slot in found) == {
        ada.enrollment.pk: 2,
        cleo.enrollment.pk: 1,
    }
    with planes.in_workspace(workspace_a.pk):
        runs = list(Funding.objects.filter(purpose="repeat"))
        reserved = Account.objects.get(kind="batch_reserve").balance_minor
        mine = Annotation.objects.filter(enrollment=ada.enrollment).order_by("submitted_at")
        due = set(mine.values_list("item_id", flat=True)[:22])
        assert selectors.reserve_slots_left(batch) == 9, "what can be asked for is untouched"
        assert selectors.repeats_left(batch) == 6
    assert {run.state for run in runs} == {"done"}
    assert sum(run.slots_paid for run in runs) == sum(run.slots for run in runs) == 3
    assert reserved == (9 + 6) * COST
    assert {
        slot.item.repeat_of_id for slot in found if slot.kept_for_id == ada.enrollment.pk
    } <= due
    draw_repeats()
    assert len(kept_in(batch)) == 3, "nothing more is due"
    again = answer(ada, 50)
    assert len(again) == 6 + 2
    assert len(set(again) & set(first)) == 2
    assert whole() == []


def test_nothing_is_repeated_at_once(batch: Batch, annotators: list[Annotator]) -> None:
    answer(annotators[0], 30)
    draw_repeats()
    assert kept_in(batch) == []


def test_after_some_days_it_is(
    batch: Batch, annotators: list[Annotator], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(annotators[0], 30)
    monkeypatch.setattr(repeats, "LATER_DAYS", -1)
    draw_repeats()
    assert len(kept_in(batch)) == repeats.MOST_WAITING


def test_no_answer_is_repeated_twice_and_no_repeat_is_repeated(
    batch: Batch, annotators: list[Annotator], soon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "MOST_WAITING", 50)
    ada = annotators[0]
    answer(ada, 20)
    for _ in range(3):
        draw_repeats()
        answer(ada, 50)
    found = kept_in(batch)
    assert len(found) == 3, "a tenth of thirty"
    assert len({slot.item.repeat_of_id for slot in found}) == 3
    with planes.in_workspace(batch.workspace_id):
        sources = Item.every.filter(pk__in=[slot.item.repeat_of_id for slot in found])
        assert set(sources.values_list("batch_id", flat=True)) == {batch.pk}


def test_people_share_the_copy_of_an_item(
    batch: Batch, annotators: list[Annotator], soon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But one run makes one slot of it, so the second person's comes with the next run."""
    monkeypatch.setattr(
        repeats, "_DUE", repeats._DUE.replace("uuid_hash_extended(a.id, %(seed)s)", "a.id")
    )
    ada, ben = annotators[:2]
    assert answer(ada, 10)[0] == answer(ben, 10)[0]
    draw_repeats()
    draw_repeats()
    found = kept_in(batch)
    assert {slot.kept_for_id for slot in found} == {ada.enrollment.pk, ben.enrollment.pk}
    assert len({slot.item_id for slot in found}) == 1
    assert [slot.number for slot in found] == [1, 2]
    assert whole() == []


@pytest.mark.parametrize("state", ["paused", "ended"])
@pytest.mark.slow
def test_who_does_not_work_gets_none(
    batch: Batch, annotators: list[Annotator], soon: None, state: str
) -> None:
    ada = annotators[0]
    answer(ada, 20)
    stop = people.pause if state == "paused" else people.end
    stop(ada.enrollment)
    draw_repeats()
    assert kept_in(batch) == []


def test_a_paused_batch_gets_none(batch: Batch, annotators: list[Annotator], soon: None) -> None:
    answer(annotators[0], 20)
    with planes.in_workspace(batch.workspace_id):
        batches.pause_batch(batch=batch, actor_id=None)
        assert repeats.draw(batch_id=batch.pk) == 0
        batches.open_batch(batch=batch, actor_id=None)
        assert repeats.draw(batch_id=batch.pk) > 0


def test_there_are_none_while_a_payment_is_disputed(
    workspace_a: Tenant, batch: Batch, annotators: list[Annotator], soon: None
) -> None:
    answer(annotators[0], 20)
    make_disputed(make_paid(workspace_a))
    draw_repeats()
    assert kept_in(batch) == []


def test_no_more_are_made_than_were_paid_for(
    project: Project, annotators: list[Annotator], soon: None
) -> None:
    """One slot in ten is paid for, rounded up: of two people with ten answers each, both are due and one gets one."""
    batch = make_batch(project, 10, plan=Plan(1, 0, 3, repeat_percent=10))
    ada, ben = annotators[:2]
    answer(ada, 10)
    with planes.in_workspace(project.workspace_id):
        assert selectors.repeats_left(batch) == 1
    draw_repeats()
    assert len(kept_in(batch)) == 1
    with planes.in_workspace(project.workspace_id):
        run = Funding.objects.get(purpose="repeat")
        run.pk, run.state, run.slots = Funding().pk, "running", 0
        with pytest.raises(DatabaseError, match="reserve of the batch"), transaction.atomic():
            run.save(force_insert=True)
    assert ben.lease() is None


def test_repeats_do_not_pay_for_more_answers(batch: Batch, annotators: list[Annotator]) -> None:
    with planes.in_workspace(batch.workspace_id):
        items = list(Item.objects.filter(batch=batch).values_list("pk", flat=True))
        reserve.ask_for_more(batch=batch, item_ids=items[:9], answers=1, actor_id=None)
        with pytest.raises(Refused, match="still pays for 0"):
            reserve.ask_for_more(batch=batch, item_ids=items[:1], answers=1, actor_id=None)
    assert whole() == []


def test_what_is_not_used_comes_back_at_the_close(
    workspace_a: Tenant, batch: Batch, annotators: list[Annotator], soon: None
) -> None:
    answer(annotators[0], 20)
    draw_repeats()
    with planes.in_workspace(workspace_a.pk):
        batches.close_batch(batch=batch, actor_id=None)
        funding.release_unused(batch_id=batch.pk)
        left = dict(Account.objects.values_list("kind", "balance_minor"))
    assert (left["batch_reserve"], left["batch_budget"]) == (0, 20 * COST)
    draw_repeats()
    assert len(kept_in(batch)) == 2, "and none is drawn any more"
    assert whole() == []


def test_a_repeat_stands_within_the_next_thirty_items(
    batch: Batch, annotators: list[Annotator], soon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[int, int]] = []
    real = repeats.random.SystemRandom.randint  # type: ignore[attr-defined]

    def noted(self: Any, low: int, high: int) -> int:
        drawn.append((low, high))
        return real(self, low, high)

    monkeypatch.setattr(repeats.random.SystemRandom, "randint", noted)  # type: ignore[attr-defined]
    answer(annotators[0], 20)
    draw_repeats()
    assert drawn == [(1, repeats.AHEAD)] * 2
