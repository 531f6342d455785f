"""Only a person pauses or ends an enrollment: its annotator their own, or a member who may edit."""

import pytest
from django.db import DatabaseError, connection, transaction

from rlhfhub.tenancy import planes
from rlhfhub.tenancy.planes import Plane
from tests import people
from tests.enrollment.test_states import insert_change, state_of
from tests.factories import Tenant
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.review.own import page_of


@pytest.mark.parametrize("plane", [Plane.WORKSPACE, Plane.ANNOTATOR, Plane.SYSTEM, None])
def test_no_rule_pauses_or_ends_an_enrollment(
    annotators: list[Annotator], plane: Plane | None
) -> None:
    """Neither a task, nor a member's page, nor the owner's login, unless a person's decision is stored with it."""
    ada = annotators[0]
    ids = {"workspace": ada.enrollment.workspace_id, "person": ada.user.pk}
    for state in ("paused", "ended"):
        with pytest.raises(DatabaseError), transaction.atomic():
            if plane is None:
                _set(ada, state)
            with planes.entered(plane, **ids):
                _set(ada, state)
    assert state_of(ada) == "active"


def _set(one: Annotator, state: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE projects_enrollment_enrollment SET state = %s WHERE id = %s",
            [state, one.enrollment.pk],
        )


def test_only_a_member_who_may_edit_pauses(
    annotators: list[Annotator], workspace_a: Tenant
) -> None:
    ada, ben = annotators[:2]
    viewer = people.make_member(workspace_a.workspace, "viewer")
    owner = workspace_a.owner
    wrong = [
        (Plane.WORKSPACE, viewer.pk, viewer.pk),
        (Plane.WORKSPACE, viewer.pk, owner.pk),  # in another's name
        (Plane.ANNOTATOR, ada.user.pk, owner.pk),
        (Plane.ANNOTATOR, ben.user.pk, ben.user.pk),
        (Plane.WORKSPACE, owner.pk, ben.user.pk),
    ]
    for plane, person, by in wrong:
        with (
            pytest.raises(DatabaseError),
            planes.entered(plane, workspace=workspace_a.pk, person=person),
        ):
            insert_change(ada, "active", "paused", "quality", by)
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        planes.in_workspace(workspace_a.pk, owner.pk),
    ):
        insert_change(ada, "active", "ended", "left", ada.user.pk)
    assert state_of(ada) == "active"
    slug = workspace_a.workspace.slug
    page = f"/w/{slug}/projects/{ada.enrollment.project_id}/annotators/{ada.enrollment.pseudonym}/enrollment/"
    assert browser_of(viewer).post(page, {"do": "end"}).status_code == 403
    assert "End the enrollment" not in page_of(browser_of(viewer).get(page))
