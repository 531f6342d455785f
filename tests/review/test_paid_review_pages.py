"""The pages and REST of paid reviews: asked for on a batch's page, done at the desk, read beside the answer."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from projects.items.models import Batch
from projects.items.services import Plan
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests.factories import Tenant, make_batch
from tests.pages.conftest import browser_of
from tests.paid_reviews import judge, opened, project_of
from tests.people import Annotator, make_annotator

FORM = {"which": "all", "percent": "100", "reviewers": "2", "access": "market", "price": "0.40"}


@pytest.fixture
def batch(project: Project) -> Batch:
    return make_batch(project, 1, plan=Plan(overlap=1, share_percent=0))


@pytest.fixture
def answer(batch: Batch, annotators: list[Annotator]) -> uuid.UUID:
    lease = annotators[0].lease()
    assert lease
    return uuid.UUID(annotators[0].submit(lease).json()["id"])


@pytest.fixture
def browser(workspace_a: Tenant) -> Client:
    return browser_of(workspace_a.owner)


def text_of(browser: Client, name: str, *ids: Any) -> str:
    response = browser.get(reverse(name, args=ids))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_from_the_batch_to_the_words_beside_the_answer(
    workspace_a: Tenant, project: Project, batch: Batch, answer: uuid.UUID, browser: Client
) -> None:
    slug = workspace_a.workspace.slug
    form = reverse("paid_review", args=[slug, batch.pk])
    assert form in text_of(browser, "batch", slug, batch.pk)
    assert "1 answer waits for a decision" in text_of(browser, "paid_review", slug, batch.pk)
    page = text_of(browser, "paid_review", slug, batch.pk)
    assert "(optional)" not in page, "annotators of the market are preselected, and paid"
    wrong = browser.post(form, FORM | {"price": ""})
    assert wrong.status_code == 422
    assert "Enter a price of more than 0" in wrong.content.decode()
    done = browser.post(form, FORM)
    assert done.status_code == 303
    with planes.in_workspace(workspace_a.pk):
        review = Batch.objects.get(project__purpose="review")
    assert done["Location"] == reverse("batch", args=[slug, review.pk])
    page = text_of(browser, "batch", slug, review.pk)
    assert "1 answer is ready to be reviewed." in page
    assert "answers that others gave" in page, "nothing else can be imported"
    assert form not in page
    page = text_of(browser, "project", slug, review.project_id)
    assert "reviews answers of" in page
    assert "New batch" not in page, "a batch that somebody makes here would take no items"
    page = text_of(browser, "project", slug, project.pk)
    assert "Reviews by paid people" in page and "New batch" in page
    again = browser.post(form, FORM)
    assert again.status_code == 422
    assert "No undecided answer" in again.content.decode()

    reviewer = make_annotator(project_of(opened(review)))
    desk = text_of(browser_of(reviewer.user), "desk", reviewer.enrollment.pk)
    assert "Should this answer be accepted?" in desk
    assert '<details class="item-context" open>' in desk, "the answer is seen without a click"
    judge(reviewer, "broken", rule="R1", note="It is unfair to B.")
    page = text_of(browser, "review_one", slug, project.pk, answer)
    assert "A rule was broken" in page
    assert "It is unfair to B." in page
    assert "1 of 2 still to come" in page
    assert reviewer.user.name not in page
    found = workspace_a.client.get(f"/api/v1/annotations/{answer}/verdicts/").json()
    assert (found["asked"], found["waiting"]) == (2, 1)
    [verdict] = found["verdicts"]
    assert verdict["rule_title"] == "Be fair"
    assert verdict | {"given_at": "", "pseudonym": ""} == {
        "verdict": "broken",
        "words": "A rule was broken",
        "rule": "R1",
        "rule_title": "Be fair",
        "note": "It is unfair to B.",
        "unclear": "",
        "counts": True,
        "given_at": "",
        "pseudonym": "",
    }


def test_by_rest(workspace_a: Tenant, batch: Batch, answer: uuid.UUID) -> None:
    path = f"/api/v1/batches/{batch.pk}/paid-review/"
    made = workspace_a.client.post(path, {"price_minor": 40})
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["answers"], body["too_long"]) == (1, 0)
    project = workspace_a.client.get(f"/api/v1/projects/{body['project']}/").json()
    assert (project["purpose"], project["parent"]) == ("review", str(batch.project_id))
    refused = workspace_a.client.post(path, {"price_minor": 40})
    assert (refused.status_code, refused.json()["code"]) == (409, "no_answers")
    items = f"/api/v1/batches/{body['batch']}/items/"
    extra = workspace_a.client.post(items, [{"prompt": "p", "responses": []}])
    assert (extra.status_code, extra.json()["code"]) == (409, "frozen_items")
