"""Paid reviews of answers: asking for one, funding it, and reviewing by REST."""

import uuid
from typing import Any

import pytest

from projects.items import services as batches
from projects.items.models import Batch
from projects.plan.models import Project
from projects.review.children import asking
from projects.review.children.asking import Wanted
from projects.review.models import Decision, Source
from projects.work.models import Annotation
from projects.work.services import queue
from rlhfhub.tenancy import planes
from tests.factories import Tenant, fund_batch
from tests.people import Annotator, make_annotator

PRICE = 40
REASON = "Because qzreason says so."


def wanted(**changes: Any) -> Wanted:
    """All undecided answers, by one annotator of the market each."""
    asked = {"which": "all", "reviewers": 1, "access": "market", "price_minor": PRICE}
    return Wanted(**(asked | changes))


def ask(batch: Batch, tenant: Tenant, **changes: Any) -> Batch:
    """Ask for a review of the batch's answers. Returns the draft batch of the review."""
    with planes.in_workspace(tenant.pk, tenant.owner.pk):
        found = Batch.objects.select_related("project__guideline_version").get(pk=batch.pk)
        asked = asking.ask(batch=found, wanted=wanted(**changes), actor_id=tenant.owner.pk)
        return asked.batch


def opened(batch: Batch) -> Batch:
    """Fund and open a draft batch."""
    fund_batch(batch)
    with planes.in_workspace(batch.workspace_id):
        batch.refresh_from_db()
        return batches.open_batch(batch=batch, actor_id=None)


def project_of(batch: Batch) -> Project:
    with planes.in_workspace(batch.workspace_id):
        return Project.objects.select_related("guideline_version").get(pk=batch.project_id)


def reviewers(batch: Batch, count: int) -> list[Annotator]:
    """Enroll new annotators in the review's project."""
    project = project_of(batch)
    return [make_annotator(project, name=f"Reviewer {number}") for number in range(count)]


def judge(reviewer: Annotator, verdict: str, **more: str) -> uuid.UUID:
    """Take the next item and give this verdict. Returns the id of the annotation."""
    lease = reviewer.lease()
    assert lease, "no item to review is left"
    return judged(reviewer, lease, verdict, **more)


def judged(reviewer: Annotator, lease: dict[str, Any], verdict: str, **more: str) -> uuid.UUID:
    path = f"/api/v1/desk/leases/{lease['id']}/submit/"
    done = reviewer.client.post(path, {"answer": {"verdict": verdict, **more}})
    assert done.status_code == 201, done.content
    return uuid.UUID(done.json()["id"])


def judged_answer(judgment: uuid.UUID) -> uuid.UUID:
    """Return the id of the answer that this annotation of a reviewer or a decider judges."""
    with planes.as_system():
        item = Annotation.objects.values_list("item", flat=True).get(pk=judgment)
        found: uuid.UUID = Source.objects.get(item=item).annotation_id
    return found


def answer_of(annotator: Annotator) -> uuid.UUID:
    """Answer the next item: the response that was imported first is better."""
    lease = annotator.lease()
    assert lease
    return uuid.UUID(annotator.prefer(lease, _first(lease), REASON).json()["id"])


def second_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on annotators see the second response first; the leases of reviewers and deciders are as they are."""
    drawn = queue.draw_order

    def turned(seed: int, responses: int) -> list[int]:
        order = drawn(queue.STORED_ORDER, responses)
        return order if seed == queue.STORED_ORDER else [1, 0, *order[2:]]

    monkeypatch.setattr(queue, "draw_order", turned)


def _first(lease: dict[str, Any]) -> str:
    texts = [shown["messages"][-1]["content"] for shown in lease["responses"]]
    return next(text for text in texts if text.startswith("First"))


def decisions(tenant: Tenant) -> list[tuple[str, str]]:
    """Return the verdict of each decision, and who made it."""
    with planes.in_workspace(tenant.pk):
        return list(Decision.objects.order_by("id").values_list("verdict", "by"))
