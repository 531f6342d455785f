"""Who may join what, and what clearance follows from acceptance."""

import pytest

from projects.enrollment import services
from projects.enrollment.models import Clearance, Enrollment, GuidelineAcceptance
from projects.plan.models import Project
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy import services as tenancy
from rlhfhub.tenancy.models import User
from tests import people
from tests.factories import Tenant, make_project, publish_guidelines


def join(user: User, project: Project) -> Enrollment:
    with planes.at_desk(user.pk, project.workspace_id, project.pk):
        return services.enroll(project=Project.objects.get(pk=project.pk), annotator_id=user.pk)


def test_joining_twice_is_joining_once(project: Project) -> None:
    user = people.make_user()
    one, two = join(user, project), join(user, project)
    assert one.pk == two.pk
    assert one.state == "onboarding"
    assert one.pseudonym.startswith("A-")


def test_a_member_is_not_paid_by_their_own_workspace(workspace_a: Tenant, project: Project) -> None:
    with pytest.raises(Refused, match="not open to you"):
        join(workspace_a.owner, project)


def test_a_stranger_does_not_join_a_private_workforce(workspace_a: Tenant) -> None:
    private = make_project(workspace_a, access="members")
    with pytest.raises(Refused, match="not open to you"):
        join(people.make_user(), private)
    assert join(people.make_member(workspace_a.workspace), private).state == "onboarding"


def test_somebody_paid_here_cannot_become_a_member(workspace_a: Tenant, project: Project) -> None:
    user = people.make_user()
    join(user, project)
    with planes.in_workspace(workspace_a.pk):
        _, token = tenancy.invite(
            workspace=workspace_a.workspace, email=user.email, role="manager", by=workspace_a.owner
        )
    with planes.at_door(), pytest.raises(Refused, match="paid by this workspace"):
        tenancy.accept_invitation(user=user, token=token)


def test_only_the_version_in_force_is_accepted(project: Project) -> None:
    user = people.make_user()
    enrollment = join(user, project)
    publish_guidelines(project, "Second.", "major")
    with planes.at_desk(user.pk, project.workspace_id, project.pk):
        row = Enrollment.objects.select_related("project").get(pk=enrollment.pk)
        with pytest.raises(Refused, match="Another version"):
            services.accept_guideline(enrollment=row, number=1)
        assert not GuidelineAcceptance.objects.exists()
        services.accept_guideline(enrollment=row, number=2)
        assert Clearance.objects.get().guideline_version.number == 2
        assert Enrollment.objects.get(pk=enrollment.pk).state == "active"


def test_minor_versions_carry_clearance_only_since_the_last_major(project: Project) -> None:
    user = people.make_user()
    row = people.enroll(user, project)

    def carried() -> bool:
        with planes.at_desk(user.pk, project.workspace_id, project.pk):
            version = Project.objects.get(pk=project.pk).guideline_version_id
            return services.carry_over(enrollment_id=row.pk, version_id=version)

    publish_guidelines(project, "A comma.", "minor")
    assert carried()
    assert not carried(), "once"
    publish_guidelines(project, "All new.", "major")
    assert not carried()
    publish_guidelines(project, "All new, with a comma.", "minor")
    assert not carried(), "the major one in between was not accepted"
