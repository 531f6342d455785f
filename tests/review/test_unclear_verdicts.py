"""A verdict of a paid reviewer that contradicts itself: no effect of its own, and the page and REST say why."""

import uuid

import pytest
from django.urls import reverse

from projects.items.models import Batch
from projects.items.services import Plan
from projects.plan.models import Project
from rlhfhub.events import dispatch
from tests.factories import Tenant, make_batch
from tests.pages.conftest import browser_of
from tests.paid_reviews import answer_of, ask, decisions, judge, judged_answer, opened, reviewers
from tests.people import Annotator
from tests.review.own import page_of


@pytest.fixture
def batch(project: Project) -> Batch:
    return make_batch(project, 2, plan=Plan(overlap=1, share_percent=0))


@pytest.fixture
def answers(batch: Batch, annotators: list[Annotator]) -> list[uuid.UUID]:
    """Two answers by the first annotator, of two items."""
    return [answer_of(annotators[0]) for _ in range(2)]


@pytest.mark.parametrize(
    ("verdict", "more", "why"),
    [
        ("accept", {"rule": "R1"}, "accepts the answer and also says that a rule was broken"),
        ("broken", {"note": "It ignores the rule."}, "but not which one"),
        ("broken", {"rule": "none", "note": "It ignores the rule."}, "but not which one"),
        ("broken", {"rule": "R1"}, "but not how"),
    ],
)
def test_a_verdict_that_contradicts_itself_has_no_effect_and_says_why(
    workspace_a: Tenant,
    batch: Batch,
    answers: list[uuid.UUID],
    verdict: str,
    more: dict[str, str],
    why: str,
) -> None:
    [reviewer] = reviewers(opened(ask(batch, workspace_a)), 1)
    judged_one = judged_answer(judge(reviewer, verdict, **more))
    dispatch.drain()
    assert decisions(workspace_a) == []
    path = f"/api/v1/annotations/{judged_one}/verdicts/"
    [said] = workspace_a.client.get(path).json()["verdicts"]
    assert why in said["unclear"] and said["counts"] is False
    address = reverse("review_one", args=[workspace_a.workspace.slug, batch.project_id, judged_one])
    assert why in page_of(browser_of(workspace_a.owner).get(address))
