"""A member takes back the end of an enrollment; who leaves twice is told so, and changes nothing."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, transaction

from projects.enrollment.models import Clearance, Enrollment, EnrollmentChange
from projects.enrollment.states import services
from projects.items.models import Batch
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests import people
from tests.calibration import made as calibration
from tests.enrollment.test_states import API, everything_holds, insert_change, state_of, told
from tests.factories import Tenant
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.review.own import at, page_of


@pytest.fixture
def ada(annotators: list[Annotator], batch: Batch) -> Annotator:
    return annotators[0]


def page_about(one: Annotator, tenant: Tenant) -> str:
    path = f"/w/{tenant.workspace.slug}/projects/{one.enrollment.project_id}/annotators"
    return f"{path}/{one.enrollment.pseudonym}/enrollment/"


def clearances_of(one: Annotator) -> set[tuple[object, str]]:
    with planes.in_workspace(one.enrollment.workspace_id):
        rows = Clearance.objects.filter(enrollment=one.enrollment)
        return set(rows.values_list("guideline_version_id", "phase"))


def test_an_end_by_mistake_is_taken_back_with_what_the_annotator_was_cleared_for(
    ada: Annotator, workspace_a: Tenant
) -> None:
    cleared, owner = clearances_of(ada), browser_of(workspace_a.owner)
    page = page_about(ada, workspace_a)
    assert "Take the end back" not in page_of(owner.get(page))
    people.end(ada.enrollment)
    shown = page_of(owner.get(page))
    assert "the enrollment is active again, as before the end" in shown
    assert "They keep what they were cleared for" in shown
    assert "The workspace can take the end back" in page_of(
        browser_of(ada.user).get(at(ada, "enrollment"))
    )
    restored = owner.post(page, {"do": "restore", "note": "I took the wrong row, sorry."})
    assert (restored.status_code, state_of(ada)) == (303, "active")
    assert "The end was taken back ended → active" in page_of(owner.get(page))
    assert told(ada.user)[0].endswith("goes on")
    assert "I took the wrong row" in page_of(browser_of(ada.user).get(at(ada, "enrollment")))
    assert cleared and clearances_of(ada) == cleared
    assert ada.lease()
    assert owner.post(page, {"do": "restore", "note": ""}).status_code == 422, "not ended"
    everything_holds()


def test_who_was_paused_before_the_end_is_paused_again_and_can_be_resumed(ada: Annotator) -> None:
    people.pause(ada.enrollment)
    people.end(ada.enrollment)
    people.restore(ada.enrollment)
    assert state_of(ada) == "paused"
    own = page_of(browser_of(ada.user).get(at(ada, "enrollment")))
    assert "has taken that back. You are paused, as you were before" in own
    people.resume(ada.enrollment)
    assert state_of(ada) == "active"
    everything_holds()


def test_over_rest_a_restored_enrollment_has_the_end_and_its_undoing_in_its_history(
    ada: Annotator, workspace_a: Tenant
) -> None:
    path = f"{API}/enrollments/{ada.enrollment.pk}/restore/"
    refused = workspace_a.client.post(path, {})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_possible")
    people.end(ada.enrollment)
    restored = workspace_a.client.post(path, {"note": "By mistake."}).json()
    assert restored["state"] == "active"
    assert [one["reason"] for one in restored["changes"]] == ["restored", "quality"]
    assert restored["changes"][0]["by"] and restored["changes"][0]["note"] == "By mistake."


def test_an_annotator_who_left_is_not_brought_back_by_the_workspace(
    ada: Annotator, workspace_a: Tenant
) -> None:
    people.leave(ada.enrollment)
    refused = workspace_a.client.post(f"{API}/enrollments/{ada.enrollment.pk}/restore/", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_possible")
    assert "Take the end back" not in page_of(
        browser_of(workspace_a.owner).get(page_about(ada, workspace_a))
    )
    owner = workspace_a.owner.pk
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        planes.in_workspace(workspace_a.pk, owner),
    ):
        insert_change(ada, "ended", "active", "restored", owner)
    assert state_of(ada) == "ended"


def test_an_end_is_taken_back_only_to_the_state_before_it_and_by_a_member_who_may_edit(
    ada: Annotator, workspace_a: Tenant
) -> None:
    people.pause(ada.enrollment)
    people.end(ada.enrollment)
    viewer, owner = people.make_member(workspace_a.workspace, "viewer").pk, workspace_a.owner.pk
    for to, by in (("active", owner), ("paused", viewer)):
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            planes.in_workspace(workspace_a.pk, by),
        ):
            insert_change(ada, "ended", to, "restored", by)
    with pytest.raises(DatabaseError), planes.at_desk(ada.user.pk, workspace_a.pk):
        insert_change(ada, "ended", "paused", "restored", ada.user.pk)
    assert state_of(ada) == "ended"


def test_whose_calibration_ended_with_the_enrollment_waits_for_another_attempt(
    workspace_a: Tenant, deliver: Callable[[], int]
) -> None:
    project = calibration.make_asking_project(workspace_a)
    calibration.make_pool(project, 2 * calibration.ITEMS)
    calibration.open_round(project)
    one = people.make_annotator(project, "Running")
    calibration.answer(one, calibration.right, most=2)
    people.end(one.enrollment)
    page = page_of(browser_of(workspace_a.owner).get(page_about(one, workspace_a)))
    assert "A calibration that was running has ended, with its answers paid" in page
    people.restore(one.enrollment)
    deliver()
    assert (state_of(one), calibration.attempt_of(one).state) == ("calibrating", "left")
    everything_holds()


def test_who_joined_the_workspace_since_is_never_paid_by_it(
    annotators: list[Annotator], workspace_a: Tenant
) -> None:
    """M10: neither by taking back the end, nor by coming back oneself."""
    ada, ben = annotators[:2]
    people.end(ada.enrollment)
    people.leave(ben.enrollment)
    for one in (ada, ben):
        people.make_member(workspace_a.workspace, "viewer", one.user)
    with pytest.raises(Refused, match="joined or left the workspace"):
        people.restore(ada.enrollment)
    with (
        planes.at_desk(ben.user.pk, workspace_a.pk, ben.enrollment.project_id),
        pytest.raises(Refused, match="joined or left the workspace"),
    ):
        services.rejoin(enrollment=Enrollment.objects.get(pk=ben.enrollment.pk))
    assert (state_of(ada), state_of(ben)) == ("ended", "ended")


def test_two_tabs_that_leave_at_once_leave_once_and_both_are_told_so(ada: Annotator) -> None:
    browser = browser_of(ada.user)
    with planes.at_desk(ada.user.pk, ada.enrollment.workspace_id, ada.enrollment.project_id):
        shown_in_both = Enrollment.objects.get(pk=ada.enrollment.pk)
        first, is_new = services.leave(enrollment=Enrollment.objects.get(pk=ada.enrollment.pk))
        assert is_new
        assert services.leave(enrollment=shown_in_both) == (first, False)
    again = browser.post(at(ada, "enrollment", "leave"), {"note": "In the other tab."}, follow=True)
    assert again.redirect_chain and "You had already left this project" in page_of(again)
    over_rest = ada.client.post(f"{API}/desk/enrollments/{ada.enrollment.pk}/leave/", {})
    assert (over_rest.status_code, over_rest.json()["state"]) == (200, "ended")
    with planes.in_workspace(ada.enrollment.workspace_id):
        assert EnrollmentChange.objects.filter(enrollment=ada.enrollment).count() == 1


def test_who_leaves_what_the_workspace_has_ended_is_told_that(ada: Annotator) -> None:
    people.end(ada.enrollment)
    left = browser_of(ada.user).post(at(ada, "enrollment", "leave"), {"note": ""}, follow=True)
    assert "The workspace had already ended your enrollment" in page_of(left)
