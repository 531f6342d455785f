"""Both sides of a decision are told: the annotator of every one, the reviewer of an appeal and its end."""

import uuid
from typing import Any

import pytest

from projects.items.services import Plan
from projects.plan.models import Project
from projects.review.services import appeals, returning
from projects.review.tasks import end_due
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.planes import Plane
from tests.factories import Tenant, make_batch
from tests.notices.told import kinds_told, notices
from tests.people import Annotator, make_user
from tests.rejections import appealed, pass_days, rejected

Deliver = Any


@pytest.fixture
def answer(project: Project, annotators: list[Annotator]) -> uuid.UUID:
    make_batch(project, 1, plan=Plan(overlap=1, share_percent=0))
    lease = annotators[0].lease()
    assert lease
    return uuid.UUID(annotators[0].submit(lease).json()["id"])


def _decide(answer: uuid.UUID, *, broken: bool) -> None:
    staff = make_user("Staff", is_staff=True)
    with planes.entered(Plane.STAFF, person=staff.pk):
        appeals.decide(
            annotation_id=answer, broken=broken, note="Read the rule.", decider_id=staff.pk
        )


@pytest.mark.parametrize("broken", [True, False])
def test_an_appeal_is_told_to_both_sides(
    workspace_a: Tenant,
    answer: uuid.UUID,
    annotators: list[Annotator],
    deliver: Deliver,
    broken: bool,
) -> None:
    annotator, reviewer = annotators[0].user, workspace_a.owner
    rejected(answer, workspace_a)
    assert kinds_told(annotator) == ["review.rejected"]
    appealed(answer, workspace_a, annotator.pk)
    deliver()
    assert kinds_told(reviewer) == ["review.appealed"]
    _decide(answer, broken=broken)
    deliver()
    deliver()
    assert kinds_told(annotator) == ["review.rejected", "review.ended"]
    assert kinds_told(reviewer) == ["review.appealed", "review.appeal_ended"]
    verdict = "upheld" if broken else "overturned"
    assert [n.data["verdict"] for n in notices(annotator)[1:]] == [verdict]
    # The annotator never learns who reviewed.
    assert str(reviewer.pk) not in str([n.data for n in notices(annotator)])


def test_a_rejection_that_nobody_appeals_is_told_as_final(
    workspace_a: Tenant, answer: uuid.UUID, annotators: list[Annotator], deliver: Deliver
) -> None:
    rejected(answer, workspace_a)
    pass_days(8)
    end_due()
    deliver()
    assert kinds_told(annotators[0].user) == ["review.rejected", "review.ended"]
    assert kinds_told(workspace_a.owner) == []


def test_a_return_is_told(
    workspace_a: Tenant, answer: uuid.UUID, annotators: list[Annotator]
) -> None:
    with planes.in_workspace(workspace_a.pk):
        returning.send_back(
            annotation_id=answer, note="See rule R1, please.", reviewer_id=workspace_a.owner.pk
        )
    assert kinds_told(annotators[0].user) == ["review.returned"]


def test_a_refused_rejection_tells_nobody(
    workspace_a: Tenant, answer: uuid.UUID, annotators: list[Annotator]
) -> None:
    rejected(answer, workspace_a)
    with pytest.raises(Exception, match="rejected already"):
        rejected(answer, workspace_a)
    assert len(notices(annotators[0].user)) == 1
