"""Rejecting those who differ does not make annotators agree more: the headline rests on first answers."""

import uuid
from typing import Any

import pytest

from projects.plan.models import Project
from projects.quality.models import AgreementSnapshot, PartAgreement
from projects.quality.tasks import refresh
from projects.review.services import accepting
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from tests.exports.made import judge
from tests.factories import Tenant, make_batch
from tests.people import Annotator
from tests.rejections import reject
from tests.review.money import all_hold

ITEMS = 40
DISSENTS = 6  # five of a hundred answers, which is as many as may be rejected


def verdict_of(number: int, annotator: int) -> str:
    """The majority answers by the item's number; the third annotator differs in the first items."""
    differs = annotator == 2 and number <= DISSENTS
    return "first" if (number % 2 == 0) != differs else "second"


@pytest.mark.slow
def test_rejecting_a_minority_leaves_the_headline_as_it_is(
    workspace_a: Tenant, project: Project, annotators: list[Annotator], deliver: Any
) -> None:
    make_batch(project, ITEMS)
    people = range(len(annotators))
    numbers = range(1, ITEMS + 1)
    judge(annotators, {str(n): [verdict_of(n, one) for one in people] for n in numbers})
    deliver()
    refresh()
    before = headline(workspace_a)
    assert before.alpha is not None and 0 < before.alpha < 1

    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        mine = Annotation.objects.filter(annotator_id=annotators[2].user.pk)
        ids = dict(mine.values_list("item__external_id", "pk"))
        refused = [ids[f"item-{number}"] for number in range(1, DISSENTS + 1)]
        for annotation_id in refused:
            reject(annotation_id, workspace_a)
        accept_the_rest(workspace_a, refused)
    deliver()
    refresh()
    after = headline(workspace_a)
    assert (after.alpha, after.items, after.annotations) == (
        before.alpha,
        before.items,
        before.annotations,
    )
    with planes.in_workspace(workspace_a.pk):
        delivered = PartAgreement.objects.get(guideline_version=None)
    assert delivered.annotations == ITEMS * len(annotators) - DISSENTS
    assert delivered.alpha == 1
    all_hold()


def headline(tenant: Tenant) -> AgreementSnapshot:
    with planes.in_workspace(tenant.pk):
        return AgreementSnapshot.objects.filter(batch=None).latest("at")


def accept_the_rest(tenant: Tenant, refused: list[uuid.UUID]) -> None:
    rest = list(Annotation.objects.exclude(pk__in=refused).values_list("pk", flat=True))
    for start in range(0, len(rest), accepting.LIMIT):
        ids = rest[start : start + accepting.LIMIT]
        accepting.accept(annotation_ids=ids, reviewer_id=tenant.owner.pk)
