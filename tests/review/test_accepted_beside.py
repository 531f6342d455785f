"""Annotators see which answers are accepted, and cannot tell by it which of them were to gold or repeats."""

from collections.abc import Callable

import pytest

from projects.items.models import Item
from projects.plan.models import Project
from projects.quality import answers
from projects.review.queue.orders import Filters, ranked
from projects.review.services import accepting as review
from projects.work.models import Annotation, Purpose
from rlhfhub.tenancy import planes
from tests import gold
from tests.factories import Tenant, make_batch
from tests.people import Annotator


@pytest.fixture
def answered(project: Project, annotators: list[Annotator], deliver: Callable[[], int]) -> None:
    """Ada gives four answers: for data, to gold, for data, to gold."""
    for number in (1, 2):
        batch = make_batch(project, 1, first=10 * number, plan=gold.PLAN)
        with planes.in_workspace(project.workspace_id):
            item = Item.objects.get(batch=batch)
        gold.add_slots(batch, [gold.make_keyed(item)], Purpose.GOLD)
    answer_all(annotators[0])
    deliver()


def answer_all(annotator: Annotator) -> None:
    while lease := annotator.lease():
        first = lease["responses"][0]["messages"][0]["content"]
        assert annotator.prefer(lease, first).status_code == 201


def states(workspace: Tenant) -> list[tuple[str, str]]:
    with planes.in_workspace(workspace.pk):
        rows = Annotation.objects.order_by("submitted_at")
        return list(rows.values_list("purpose", "state"))


def accept(workspace: Tenant, number: int) -> int:
    """Accept the data's answer of this number."""
    with planes.in_workspace(workspace.pk, workspace.owner.pk):
        rows = Annotation.objects.filter(purpose="data").order_by("submitted_at")
        return review.accept(annotation_ids=[rows[number].pk], reviewer_id=workspace.owner.pk)


def test_an_answer_to_gold_is_accepted_with_the_one_before_it(
    workspace_a: Tenant, answered: None
) -> None:
    assert [purpose for purpose, _ in states(workspace_a)] == ["data", "gold", "data", "gold"]
    assert accept(workspace_a, 1) == 1
    assert [state for _, state in states(workspace_a)] == ["submitted"] * 2 + ["accepted"] * 2
    assert accept(workspace_a, 0) == 1
    assert {state for _, state in states(workspace_a)} == {"accepted"}


def test_the_queue_and_its_number_are_of_answers_for_data(
    workspace_a: Tenant, project: Project, answered: None
) -> None:
    with planes.in_workspace(workspace_a.pk):
        found = ranked(project.pk, Filters(), None, limit=9)
        rows = Annotation.objects.filter(pk__in=[place.annotation_id for place in found])
        assert {row.purpose for row in rows} == {"data"}
        assert (len(found), answers.waiting_at_most(project.pk)) == (2, 2)


def test_the_first_answers_are_accepted_with_the_next_one(
    workspace_a: Tenant, project: Project, annotators: list[Annotator]
) -> None:
    """The item for data comes first here; it is returned, and another one is answered after that to gold."""
    batch = make_batch(project, 1, plan=gold.PLAN)
    with planes.in_workspace(project.workspace_id):
        item = Item.objects.get(batch=batch)
    gold.add_slots(batch, [gold.make_keyed(item)], Purpose.GOLD)
    ada = annotators[0]
    lease = ada.lease()
    assert lease
    path = f"/api/v1/desk/leases/{lease['id']}/return/"
    assert ada.client.post(path, {"reason": "unclear", "note": ""}).status_code == 204
    answer_all(ada)
    make_batch(project, 1, first=20)
    answer_all(ada)
    assert [purpose for purpose, _ in states(workspace_a)] == ["gold", "data"]
    assert accept(workspace_a, 0) == 1
    assert {state for _, state in states(workspace_a)} == {"accepted"}
