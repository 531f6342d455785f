"""What the pages' buttons about funding do and say: more answers, a fuller reserve, and their limits."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from billing.funding.models import Funding
from projects.items.models import Batch, Item
from projects.items.services import Plan
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests.calibration import made as calibration
from tests.factories import Tenant, make_batch
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.rejections import rejected


@pytest.fixture
def owner(workspace_a: Tenant) -> Client:
    return browser_of(workspace_a.owner)


@pytest.fixture
def root(workspace_a: Tenant) -> str:
    return f"/w/{workspace_a.workspace.slug}/"


@pytest.fixture
def batch(project: Project) -> Batch:
    """Three items with one slot each, and a reserve of three more."""
    return make_batch(project, 3, plan=Plan(1, share_percent=0, reserve_percent=100))


def items_of(batch: Batch) -> list[uuid.UUID]:
    with planes.in_workspace(batch.workspace_id):
        return list(Item.objects.filter(batch=batch).order_by("seq").values_list("pk", flat=True))


def runs_of(batch: Batch) -> list[str]:
    """The purposes of the batch's runs after the first."""
    with planes.in_workspace(batch.workspace_id):
        rows = Funding.objects.filter(batch=batch).exclude(purpose="plan").order_by("pk")
        return list(rows.values_list("purpose", flat=True))


def said(response: Any) -> str:
    """The message that the next page shows last."""
    return [str(message) for message in get_messages(response.wsgi_request)][-1]


@pytest.mark.parametrize(
    ("answers", "words"),
    [("1", "1 more answer is asked for."), ("2", "2 more answers are asked for.")],
)
def test_more_answers_to_one_item_are_asked_for(
    owner: Client, root: str, batch: Batch, answers: str, words: str
) -> None:
    item = f"{root}items/{items_of(batch)[0]}/"
    done = owner.post(f"{item}more-answers/", {"answers": answers})
    assert (done.status_code, done["Location"]) == (303, item)
    assert said(done) == words
    assert runs_of(batch) == ["reserve"]


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ("0", "Answers: Ensure this value is greater than or equal to 1."),
        ("4", "Asked for: 4. The reserve of this batch still pays for 3."),
    ],
)
def test_too_many_and_too_few_answers_are_refused_in_words(
    owner: Client, root: str, batch: Batch, answers: str, words: str
) -> None:
    done = owner.post(f"{root}items/{items_of(batch)[0]}/more-answers/", {"answers": answers})
    assert said(done) == words
    assert runs_of(batch) == []


def test_more_answers_to_several_items_bring_back_to_the_batch(
    owner: Client, root: str, batch: Batch
) -> None:
    path = f"{root}batches/{batch.pk}/"
    body = {"items": items_of(batch)[:2], "answers": "1"}
    done = owner.post(f"{path}more-answers/", body)
    assert (done["Location"], said(done)) == (path, "2 more answers are asked for.")
    wrong = owner.post(f"{path}more-answers/", {"items": ["x"], "answers": "1"})
    assert (wrong["Location"], said(wrong)) == (path, "These are not items of this batch.")
    assert runs_of(batch) == ["reserve"]


def test_a_fuller_reserve_says_what_it_pays_for(owner: Client, root: str, batch: Batch) -> None:
    path = f"{root}batches/{batch.pk}/"
    none = owner.post(f"{path}reserve/", {"slots": "0"})
    assert said(none) == "Answers: Ensure this value is greater than or equal to 1."
    assert runs_of(batch) == []
    done = owner.post(f"{path}reserve/", {"slots": "1"})
    assert (done["Location"], said(done)) == (path, "The reserve pays for 1 more answer.")
    assert runs_of(batch) == ["top_up"]


def test_a_fuller_reserve_replaces_what_was_rejected(
    owner: Client,
    root: str,
    workspace_a: Tenant,
    project: Project,
    annotators: list[Annotator],
    deliver: Callable[[], int],
) -> None:
    batch = make_batch(project, 1, plan=Plan(1, share_percent=0))
    answer = annotators[0].submit(annotators[0].lease() or {}).json()["id"]
    rejected(uuid.UUID(answer), workspace_a)
    deliver()
    done = owner.post(f"{root}batches/{batch.pk}/reserve/", {"slots": "2"})
    words = "The reserve pays for 2 more answers. 1 replaces a rejected one."
    assert said(done) == words
    assert runs_of(batch) == ["top_up", "reserve"]


def test_each_of_them_counts_among_costly_writes(
    owner: Client, root: str, batch: Batch, settings: Any
) -> None:
    settings.THROTTLES = {**settings.THROTTLES, "funding": "1/hour"}
    path, (item, *_) = f"{root}batches/{batch.pk}/", items_of(batch)
    assert owner.post(f"{path}fund/", {"agreed_minor": "1"}).status_code == 303
    refused = [
        owner.post(f"{path}fund/", {"agreed_minor": "1"}),
        owner.post(f"{path}more-answers/", {"items": [item], "answers": "1"}),
        owner.post(f"{path}reserve/", {"slots": "1"}),
        owner.post(f"{root}items/{item}/more-answers/", {"answers": "1"}),
    ]
    assert [response.status_code for response in refused] == [429] * 4
    assert runs_of(batch) == []


def test_a_round_is_funded_for_the_cost_that_was_shown(
    owner: Client, root: str, workspace_a: Tenant, settings: Any
) -> None:
    project = calibration.make_asking_project(workspace_a)
    calibration.make_pool(project, 2 * calibration.ITEMS)
    draft = calibration.make_round(project, seats=1)
    path = f"{root}rounds/{draft.pk}/"
    settings.THROTTLES = {**settings.THROTTLES, "funding": "1/hour"}
    done = owner.post(f"{path}fund/", {})
    assert (done.status_code, done["Location"]) == (303, path)
    assert "did not say what the round costs" in said(done)
    assert owner.post(f"{path}fund/", {}).status_code == 429
    with planes.in_workspace(workspace_a.pk):
        draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_batch_is_not_funded_for_a_cost_that_was_not_shown(
    owner: Client, root: str, project: Project
) -> None:
    draft = make_batch(project, 2, fund=False)
    done = owner.post(f"{root}batches/{draft.pk}/fund/", {})
    assert "did not say what the batch costs" in said(done)
    with planes.in_workspace(draft.workspace_id):
        draft.refresh_from_db()
    assert draft.funding == Batch.Funding.NONE
