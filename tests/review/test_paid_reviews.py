"""Asking for paid reviews: which answers, at what price, frozen without names; and what such a project is not."""

import json
import uuid
from typing import Any

import pytest
from django.urls import reverse

from projects.items import pools
from projects.items import services as batches
from projects.items.models import Batch, Item
from projects.items.services import Plan
from projects.plan.models import Form, Project
from projects.review.children import asking
from projects.review.children.asking import MOST
from projects.review.models import Source
from projects.work.models import Annotation
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests.factories import (
    Tenant,
    import_items,
    make_batch,
    make_items,
    publish_guidelines,
)
from tests.pages.conftest import browser_of
from tests.paid_reviews import (
    REASON,
    answer_of,
    ask,
    judged,
    opened,
    project_of,
    reviewers,
    second_first,
)
from tests.people import Annotator
from tests.review import bulk
from tests.review.own import page_of


@pytest.fixture
def batch(project: Project) -> Batch:
    return make_batch(project, 2, plan=Plan(overlap=1, share_percent=0))


@pytest.fixture
def answers(batch: Batch, annotators: list[Annotator]) -> list[uuid.UUID]:
    """Two answers by the first annotator, of two items."""
    return [answer_of(annotators[0]) for _ in range(2)]


def test_an_answer_is_frozen_with_its_item_and_without_names(
    workspace_a: Tenant, batch: Batch, annotators: list[Annotator], answers: list[uuid.UUID]
) -> None:
    review = ask(batch, workspace_a, reviewers=2)
    assert (review.items_count, review.overlap, review.status) == (2, 2, "draft")
    with planes.in_workspace(workspace_a.pk):
        items = list(Item.objects.filter(batch=review).order_by("seq"))
        sources = {row.item_id: row for row in Source.objects.all()}
        assert [sources[item.pk].annotation_id for item in items] == answers
        original = Item.objects.get(pk=sources[items[0].pk].source_item_id)
        order = Annotation.objects.select_related("lease").get(pk=answers[0]).lease.shown
    assert items[0].prompt == original.prompt
    assert [one["messages"] for one in items[0].responses] == [
        original.responses[index]["messages"] for index in order
    ]
    kept = json.dumps([items[0].prompt, items[0].responses, items[0].context, items[0].metadata])
    assert items[0].context["The answer"] == (
        f"Which response is better? {'AB'[order.index(0)]} is better\nWhy, in one or two sentences? {REASON}"
    )
    who = annotators[0]
    for secret in ("model-a", who.enrollment.pseudonym, str(who.user.pk), who.user.name):
        assert secret not in kept


def test_the_form_has_the_rules_and_follows_them(
    workspace_a: Tenant, project: Project, batch: Batch, answers: list[uuid.UUID]
) -> None:
    first = project_of(ask(batch, workspace_a, which="share", percent=50))
    assert (first.purpose, first.parent_id, first.price_minor) == ("review", project.pk, 40)
    with planes.in_workspace(workspace_a.pk):
        [verdict, rule, note] = Form.objects.get(pk=first.form_id).questions
    assert [one["value"] for one in verdict["choices"]] == ["accept", "return", "broken"]
    assert [one["value"] for one in rule["choices"]] == ["R1", "none"]
    assert rule["choices"][0]["words"] == "R1 Be fair"
    assert (rule["required"], note["required"]) == (False, False)
    assert "Read both." in first.guideline_version.text
    publish_guidelines(project, "# R7 Be kind\n\nAlways.\n\n# Be fair\n\nRead both.")
    second = project_of(ask(batch, workspace_a))
    assert second.pk == first.pk, "one project for all reviews at a price"
    assert second.guideline_version.number == 2
    with planes.in_workspace(workspace_a.pk):
        assert [
            one["value"] for one in Form.objects.get(pk=second.form_id).questions[1]["choices"]
        ] == ["R7", "R1", "none"]
    assert [rule["id"] for rule in second.guideline_version.rules] == ["R7", "R1"]
    third = project_of(ask_again(batch, workspace_a))
    assert third.pk != first.pk, "another price, another project"


def ask_again(batch: Batch, tenant: Tenant) -> Batch:
    """Close all reviews, and ask for one at another price."""
    with planes.in_workspace(tenant.pk):
        for row in Batch.objects.filter(project__purpose="review"):
            batches.close_batch(batch=row, actor_id=None)
    return ask(batch, tenant, price_minor=50)


def test_an_answer_is_in_one_review_at_a_time(
    workspace_a: Tenant, batch: Batch, answers: list[uuid.UUID]
) -> None:
    assert ask(batch, workspace_a, which="share", percent=50).items_count == 1
    assert ask(batch, workspace_a).items_count == 1
    with pytest.raises(Refused, match="No undecided answer"):
        ask(batch, workspace_a)


def test_what_is_about_to_be_accepted_is_not_reviewed(
    workspace_a: Tenant, project: Project, batch: Batch, answers: list[uuid.UUID]
) -> None:
    bulk.request(project, answers[:1], workspace_a.owner.pk)
    review = ask(batch, workspace_a)
    with planes.in_workspace(workspace_a.pk):
        sources = Source.objects.filter(item__batch=review).values_list("annotation_id", flat=True)
        assert list(sources) == answers[1:]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"which": "some"}, "invalid"),
        ({"reviewers": 4}, "invalid"),
        ({"which": "share", "percent": 0}, "invalid"),
        ({"price_minor": 0}, "invalid"),
        ({"access": "members"}, "invalid"),
        ({"which": "flagged"}, "no_answers"),
    ],
)
def test_a_wrong_wish_is_refused(
    workspace_a: Tenant,
    batch: Batch,
    answers: list[uuid.UUID],
    changes: dict[str, Any],
    code: str,
) -> None:
    with pytest.raises(Refused) as refused:
        ask(batch, workspace_a, **changes)
    assert refused.value.code == code


def test_too_many_answers_are_not_frozen_at_once(
    workspace_a: Tenant, batch: Batch, answers: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST == 2000
    monkeypatch.setattr(asking, "MOST", 1)
    with pytest.raises(Refused, match="more than 1 answers"):
        ask(batch, workspace_a)


def test_a_review_has_no_other_items_and_no_review(
    workspace_a: Tenant, batch: Batch, answers: list[uuid.UUID]
) -> None:
    review = ask(batch, workspace_a)
    with pytest.raises(Refused, match="answers of others"):
        import_items(review, make_items(1))
    with planes.in_workspace(workspace_a.pk), pytest.raises(Refused, match="no keyed items"):
        pools.pool_of(project_of(review))
    with pytest.raises(Refused, match="reviews themselves"):
        ask(review, workspace_a)
    with pytest.raises(Refused, match="answers of others"):
        opened_with(review, gold_percent=10)


def opened_with(batch: Batch, **plan: int) -> None:
    with planes.in_workspace(batch.workspace_id):
        batches.change_plan(batch=batch, plan=Plan(overlap=1, **plan), actor_id=None)


def test_nobody_is_said_to_have_been_asked_before_the_review_is_funded(
    workspace_a: Tenant, project: Project, batch: Batch, answers: list[uuid.UUID]
) -> None:
    address = reverse("review_one", args=[workspace_a.workspace.slug, project.pk, answers[0]])
    review = ask(batch, workspace_a)
    owner = browser_of(workspace_a.owner)
    assert "What paid reviewers say" not in page_of(owner.get(address))
    opened(review)
    text = page_of(owner.get(address))
    assert "1 of 1 still to come" in text and "has answered yet" in text


def test_a_reviewer_sees_the_responses_in_the_order_that_the_annotator_saw(
    workspace_a: Tenant, batch: Batch, annotators: list[Annotator], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A in the answer, in what the reviewer writes, and on the annotator's page are one response."""
    second_first(monkeypatch)
    answers = [answer_of(annotators[0]) for _ in range(2)]
    [reviewer] = reviewers(opened(ask(batch, workspace_a)), 1)
    for _ in answers:
        lease = reviewer.lease()
        assert lease
        assert lease["responses"][0]["messages"][0]["content"].startswith("Second")
        assert "B is better" in lease["context"]["The answer"]
        judged(reviewer, lease, "return")
