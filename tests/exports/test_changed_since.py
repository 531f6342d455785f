"""An export says which decisions came after it was frozen; its files never change."""

import uuid
from typing import Any

from projects.exports.changes import Changes, changes_of
from projects.items.services import Plan
from projects.plan.models import Project
from projects.review.services import appeals
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.planes import Plane
from tests.exports.made import run_export
from tests.factories import Tenant, make_batch
from tests.pages.conftest import browser_of
from tests.people import Annotator, client_for, make_key, make_user
from tests.rejections import appealed, rejected


def _answered(project: Project, annotators: list[Annotator]) -> list[uuid.UUID]:
    make_batch(project, 2, plan=Plan(overlap=1, share_percent=0))
    for _ in range(2):
        lease = annotators[0].lease()
        assert lease
        annotators[0].submit(lease)
    with planes.in_workspace(project.workspace_id):
        return list(Annotation.objects.order_by("pk").values_list("pk", flat=True))


def test_a_later_rejection_and_a_later_overturn_mark_it(
    workspace_a: Tenant, project: Project, annotators: list[Annotator]
) -> None:
    first, second = _answered(project, annotators)
    rejected(first, workspace_a)
    export = run_export(workspace_a, project, include_undecided=True)
    with planes.in_workspace(workspace_a.pk):
        assert changes_of([export]) == {}
    rejected(second, workspace_a)
    appealed(first, workspace_a, annotators[0].user.pk)
    staff = make_user("Staff", is_staff=True)
    with planes.entered(Plane.STAFF, person=staff.pk):
        appeals.decide(
            annotation_id=first, broken=False, note="It was followed.", decider_id=staff.pk
        )
    with planes.in_workspace(workspace_a.pk):
        assert changes_of([export]) == {export.pk: Changes(rejected=1, overturned=1)}
    answer: Any = (
        client_for(make_key(workspace_a.workspace, workspace_a.owner))
        .get(f"/api/v1/exports/{export.pk}/")
        .json()
    )
    assert answer["changed_since"] == {
        "rejected": 1,
        "overturned": 1,
        "revised": 0,
        "adjudicated": 0,
    }
    page = browser_of(workspace_a.owner).get(
        f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/exports/"
    )
    words = " ".join(page.content.decode().split())
    assert "1 undecided answer in its scope was rejected." in words
    assert "1 rejected answer counts again." in words
    again = run_export(workspace_a, project, include_undecided=True)
    with planes.in_workspace(workspace_a.pk):
        assert changes_of([again]) == {}
