"""Annotators are told of guidelines that came into force, and of nothing before."""

from django.urls import reverse

from projects.enrollment import services
from projects.plan import services as plan
from projects.plan.models import Project
from rlhfhub.notices import selectors
from rlhfhub.notices.selectors import OwnNotice
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from tests import people
from tests.factories import Tenant, make_project, publish_guidelines


def told(user: User) -> list[OwnNotice]:
    with planes.at_door():
        return selectors.notices_of(user.pk, most=9)


def test_who_works_is_told_of_a_new_version_and_what_it_asks(project: Project) -> None:
    annotator = people.make_annotator(project)
    newcomer, gone = people.make_user(), people.make_annotator(project)
    paused = people.make_annotator(project)
    with planes.at_desk(newcomer.pk, project.workspace_id, project.pk):
        services.enroll(project=project, annotator_id=newcomer.pk)
    people.leave(gone.enrollment)
    people.pause(paused.enrollment)
    publish_guidelines(project, "# Be fair\n\nRead both twice.", "minor")
    publish_guidelines(project, "# Be fair\n\nRead all.", "major")
    major, minor = told(annotator.user)
    assert major.words.title == f"New guidelines for {project.name}"
    assert "Version 3" in major.words.text and "accept" in major.words.text
    assert "calibrate" not in major.words.text
    assert minor.words.title == f"A small change to the guidelines of {project.name}"
    assert {major.words.path, minor.words.path} == {
        reverse("guideline", args=[annotator.enrollment.pk])
    }
    assert told(newcomer) == told(gone.user) == []
    assert [notice.kind for notice in told(paused.user)] == ["enrollment.changed"]


def test_a_draft_tells_nobody_and_publishing_twice_tells_once(project: Project) -> None:
    annotator = people.make_annotator(project)
    with planes.in_workspace(project.workspace_id):
        version = plan.draft_guideline(
            project=project, text="Next", change="major", created_by_id=None
        )
        assert told(annotator.user) == []
        for _ in range(2):
            plan.publish_guideline(version=version, actor_id=None)
    assert len(told(annotator.user)) == 1


def test_who_must_calibrate_anew_is_told_so(workspace_a: Tenant) -> None:
    project = make_project(workspace_a, calibration="required")
    annotator = people.make_annotator(project)
    publish_guidelines(project, "# Be fair\n\nRead all.", "major")
    (notice,) = told(annotator.user)
    assert "calibrate under it, and get work again when you have passed" in notice.words.text
