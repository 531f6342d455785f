"""Answers to gold are held against the keys, and repeats against the first answers, each exactly once."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from projects.items.keys import services as keys
from projects.items.models import Batch, Item, Key
from projects.items.services import Plan
from projects.plan.models import Project
from projects.quality.gold import answers
from projects.quality.models import GoldAnswer, RepeatJudgment
from projects.work.models import Annotation, Purpose
from rlhfhub.events import debts
from rlhfhub.events.models import SweepMark
from rlhfhub.tenancy import planes
from tests import gold
from tests.factories import make_batch
from tests.people import Annotator

FIRST, SECOND = "First answer to 1.", "Second answer to 1."


@pytest.fixture
def work(project: Project) -> Batch:
    """One item with two slots, and a reserve of two more."""
    return make_batch(project, 1, plan=Plan(2, share_percent=0, reserve_percent=100))


def item_of(batch: Batch) -> Item:
    with planes.in_workspace(batch.workspace_id):
        return Item.objects.filter(batch=batch).select_related("project__form").earliest("seq")


def keyed(batch: Batch, choice: str = "0", people: tuple[str, ...] = ("Ann", "Bo", "Cy")) -> Item:
    """The keyed copy of the batch's item, with a slot."""
    item = gold.make_keyed(item_of(batch), choice, people)
    gold.add_slots(batch, [item], Purpose.GOLD)
    return item


def answer_all(annotator: Annotator, text: str) -> None:
    while lease := annotator.lease():
        assert annotator.prefer(lease, text).status_code == 201


def answer_next(annotator: Annotator, text: str) -> None:
    """Answer one item: the repeat, which is met while another item follows."""
    lease = annotator.lease()
    assert lease and annotator.prefer(lease, text).status_code == 201


def stored(batch: Batch) -> list[tuple[str, str, bool | None]]:
    with planes.in_workspace(batch.workspace_id):
        rows = GoldAnswer.objects.order_by("pk")
        return [(row.question, row.purpose, row.hit) for row in rows]


@pytest.mark.parametrize(("text", "hit"), [(FIRST, True), (SECOND, False)])
def test_an_answer_to_gold_is_held_against_the_key(
    work: Batch, annotators: list[Annotator], deliver: Callable[[], int], text: str, hit: bool
) -> None:
    item = keyed(work)
    answer_all(annotators[0], text)
    deliver()
    assert stored(work) == [("preference", "gold", hit)]
    with planes.in_workspace(work.workspace_id):
        (row,) = GoldAnswer.objects.all()
        assert (row.item_id, row.enrollment_id) == (item.pk, annotators[0].enrollment.pk)
        assert row.submitted_at == Annotation.objects.get(item=item).submitted_at


def test_it_is_stored_once_however_often_it_is_told(
    work: Batch, annotators: list[Annotator], deliver: Callable[[], int]
) -> None:
    item = keyed(work)
    answer_all(annotators[0], FIRST)
    deliver()
    with planes.in_workspace(work.workspace_id):
        key = Key.objects.filter(item=item).first()
        assert key
        keys.retire(key=key, because="A dispute.", actor_id=None)
        every = list(Annotation.objects.values_list("pk", flat=True))
        assert answers.store(every) == 1
    assert stored(work) == [("preference", "gold", True)], "the first word stands"


def test_a_key_that_is_not_unanimous_judges_nobody(
    work: Batch, annotators: list[Annotator], deliver: Callable[[], int]
) -> None:
    keyed(work, people=("Ann", "Bo"))
    answer_all(annotators[0], SECOND)
    deliver()
    assert stored(work) == [("preference", "gold", None)]


def test_a_repeat_is_held_against_the_first_answer(
    work: Batch, annotators: list[Annotator], deliver: Callable[[], int]
) -> None:
    ada, ben = annotators[:2]
    answer_all(ada, FIRST)
    answer_all(ben, FIRST)
    again = gold.make_repeat(item_of(work))
    gold.add_slots(work, [again], Purpose.REPEAT, ada.enrollment)
    assert ben.lease() is None, "it is kept for Ada"
    make_batch(work.project, 1, first=101)
    answer_next(ada, SECOND)
    deliver()
    with planes.in_workspace(work.workspace_id):
        (row,) = RepeatJudgment.objects.all()
        assert (row.question, row.first, row.again) == ("preference", -1, 1)
        assert row.enrollment_id == ada.enrollment.pk
        repeated = [Annotation.objects.get(purpose="repeat").pk]
        assert answers.store(repeated) == 1
        assert RepeatJudgment.objects.count() == 1
    assert stored(work) == []


@pytest.mark.parametrize("table", ["goldanswer", "repeatjudgment"])
@pytest.mark.slow
def test_the_sweep_finds_an_answer_that_no_handler_saw(
    work: Batch,
    annotators: list[Annotator],
    deliver: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
    table: str,
) -> None:
    monkeypatch.setattr(debts, "SETTLED_SECONDS", -1)
    keyed(work)
    ada = annotators[0]
    answer_all(ada, FIRST)
    gold.add_slots(work, [gold.make_repeat(item_of(work))], Purpose.REPEAT, ada.enrollment)
    make_batch(work.project, 1, first=101)
    answer_next(ada, FIRST)
    deliver()
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM projects_quality_{table}")
    with planes.as_system():
        SweepMark.objects.update(checked=uuid.UUID(int=0))
    debts.sweep()
    deliver()
    assert stored(work) == [("preference", "gold", True)]
    with planes.in_workspace(work.workspace_id):
        assert RepeatJudgment.objects.count() == 1
    assert waiting() == 0
    debts.sweep()
    assert waiting() == 0, "nothing is owed any more"


def waiting() -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM rlhfhub_events_event WHERE dispatched_at IS NULL")
        return cursor.fetchone()[0]
