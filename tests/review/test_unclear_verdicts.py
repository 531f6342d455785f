"""Verdicts of paid reviewers that lack something are refused; one that contradicts itself has no effect of its own."""

import uuid

import pytest
from django.urls import reverse

from projects.items.models import Batch
from projects.items.services import Plan
from projects.plan.models import Project
from rlhfhub.events import dispatch
from tests.factories import Tenant, make_batch
from tests.pages.conftest import browser_of
from tests.paid_reviews import (
    answer_of,
    ask,
    decisions,
    judge,
    judged,
    judged_answer,
    opened,
    reviewers,
)
from tests.people import Annotator
from tests.review.own import at, page_of, send_back


@pytest.fixture
def batch(project: Project) -> Batch:
    return make_batch(project, 2, plan=Plan(overlap=1, share_percent=0))


@pytest.fixture
def answers(batch: Batch, annotators: list[Annotator]) -> list[uuid.UUID]:
    """Two answers by the first annotator, of two items."""
    return [answer_of(annotators[0]) for _ in range(2)]


def test_an_answer_that_is_accepted_and_said_to_break_a_rule_is_not_accepted(
    workspace_a: Tenant, batch: Batch, answers: list[uuid.UUID]
) -> None:
    why = "accepts the answer and also says that a rule was broken"
    [reviewer] = reviewers(opened(ask(batch, workspace_a)), 1)
    judged_one = judged_answer(judge(reviewer, "accept", rule="R1"))
    dispatch.drain()
    assert decisions(workspace_a) == []
    path = f"/api/v1/annotations/{judged_one}/verdicts/"
    [said] = workspace_a.client.get(path).json()["verdicts"]
    assert why in said["unclear"] and said["counts"] is False
    address = reverse("review_one", args=[workspace_a.workspace.slug, batch.project_id, judged_one])
    assert why in page_of(browser_of(workspace_a.owner).get(address))


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        ({}, ["rule", "note"]),
        ({"note": "It ignores the rule."}, ["rule"]),
        ({"rule": "none", "note": "It ignores the rule."}, ["rule"]),
        ({"rule": "R1"}, ["note"]),
        ({"rule": "R1", "note": " \n"}, ["note"]),
    ],
)
def test_who_says_that_a_rule_was_broken_names_it_and_says_how(
    workspace_a: Tenant,
    batch: Batch,
    answers: list[uuid.UUID],
    more: dict[str, str],
    missing: list[str],
) -> None:
    [reviewer] = reviewers(opened(ask(batch, workspace_a)), 1)
    lease = reviewer.lease()
    assert lease
    path = f"/api/v1/desk/leases/{lease['id']}/submit/"
    refused = reviewer.client.post(path, {"answer": {"verdict": "broken", **more}})
    assert refused.status_code == 400
    assert [each["field"] for each in refused.json()["errors"]] == missing
    address = at(reviewer, "leases", lease["id"], "submit")
    page = browser_of(reviewer.user).post(address, {"verdict": "broken", **more})
    words = {"rule": "Choose which one.", "note": "Write how."}
    assert page.status_code == 422
    assert all(words[name] in page_of(page) for name in missing)
    judged(reviewer, lease, "broken", rule="R1", note="It ignores the rule.")


def test_a_revised_verdict_is_checked_too(
    workspace_a: Tenant, batch: Batch, answers: list[uuid.UUID]
) -> None:
    [reviewer] = reviewers(opened(ask(batch, workspace_a)), 1)
    verdict = judge(reviewer, "return", note="It lacks a reason.")
    send_back(verdict, workspace_a)
    path = f"/api/v1/desk/annotations/{verdict}/revise/"
    refused = reviewer.client.post(path, {"answer": {"verdict": "broken"}})
    assert refused.status_code == 400
    assert [each["field"] for each in refused.json()["errors"]] == ["rule", "note"]
