"""People for tests: users, members, annotators with their keys, and a client of the REST API."""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection
from django_scopes import scope
from rest_framework.test import APIClient

from annotators.profiles import services as profiles
from annotators.profiles.models import DOCUMENTS
from annotators.profiles.selectors import terms_in_force
from projects.enrollment import services as enrollment
from projects.enrollment.models import Enrollment
from projects.enrollment.states import services as states
from projects.enrollment.states.models import EnrollmentChange
from projects.plan.models import GuidelineVersion, Project
from rlhfhub.tenancy import planes, services
from rlhfhub.tenancy.models import Membership, User, Workspace
from rlhfhub.tenancy.roles import Role

PASSWORD = "a-long-password-for-tests"
# The fields of a lease in REST: an annotator gets no others.
LEASE_FIELDS = {
    *("id", "project", "expires_at", "seconds_left", "price", "guideline_version", "form"),
    *("prompt", "responses", "context", "draft"),
}


class Client(APIClient):
    """DRF's test client: sends JSON by default, and always the same API key."""

    default_format = "json"

    def __init__(self, secret: str = "", **defaults: Any) -> None:
        super().__init__(**defaults)
        if secret:
            self.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")


def client_for(secret: str = "") -> Client:
    """Return a client that sends `secret` as its API key, or no key if it is empty."""
    return Client(secret)


def make_user(
    name: str = "Somebody", email: str = "", *, is_staff: bool = False, may_be_paid: bool = True
) -> User:
    """Create a user who can sign in with PASSWORD. The owner's login creates staff, outside the planes.

    Unless `may_be_paid` is false, they have a profile and have accepted the terms, as paid work needs.
    """
    email = email or f"{uuid.uuid4().hex[:12]}@people.example"
    if is_staff:
        return User.objects.create_superuser(email, PASSWORD, name=name)
    with planes.at_door():
        user = User.objects.create_user(email, PASSWORD, name=name)
    if may_be_paid:
        allow_pay(user)
    return user


def allow_pay(user: User, country: str = "DE") -> None:
    """Let the user fill in their profile and accept the terms, as paid work needs."""
    with planes.at_desk(user.pk):
        profiles.save_profile(person_id=user.pk, is_adult=True, country=country, languages=["en"])
        profiles.accept_terms(
            person_id=user.pk, number=terms_in_force().number, documents=DOCUMENTS
        )


def make_member(workspace: Workspace, role: str = Role.REVIEWER, user: User | None = None) -> User:
    """Give the user (by default a new one) a role in the workspace."""
    user = user or make_user(f"A {role}")
    with planes.in_workspace(workspace.pk):
        Membership.objects.create(workspace=workspace, user=user, role=role)
    return user


def make_key(workspace: Workspace, user: User, *scopes: str) -> str:
    """Create an integrator's key by `user`, with all scopes unless some are named. Returns its secret."""
    with planes.in_workspace(workspace.pk):
        _key, secret = services.create_key(
            workspace_id=workspace.pk,
            name="test",
            scopes=list(scopes or services.SCOPES),
            by_id=user.pk,
        )
    return secret


def make_desk_key(workspace: Workspace, user: User) -> str:
    """Create a desk key by the owner's login: the user may be in no project yet. Returns its secret."""
    with scope(workspace=workspace.pk):
        return _desk_key(workspace, user)


def _desk_key(workspace: Workspace, user: User) -> str:
    _key, secret = services.create_key(
        workspace_id=workspace.pk,
        name="desk",
        scopes=["desk"],
        by_id=user.pk,
        annotator_id=user.pk,
    )
    return secret


@dataclass
class Annotator:
    """An annotator who works over REST."""

    user: User
    enrollment: Enrollment
    secret: str
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = client_for(self.secret)

    def lease(self) -> dict[str, Any] | None:
        """Return the live lease, else the next one; None when nothing is left to do."""
        response = self.client.post(
            "/api/v1/desk/lease/", {"project": str(self.enrollment.project_id)}
        )
        assert response.status_code in (200, 204), response.content
        return None if response.status_code == 204 else response.json()

    def submit(
        self, lease: dict[str, Any], choice: int | str = 0, reason: str = "Because it is better."
    ) -> Any:
        """Submit the response at shown position `choice`, or `tie`. Returns the HTTP response."""
        key = choice if choice == "tie" else lease["responses"][int(choice)]["key"]
        answer = {"preference": {"choice": key}, "reason": reason}
        return self.client.post(f"/api/v1/desk/leases/{lease['id']}/submit/", {"answer": answer})

    def prefer(
        self, lease: dict[str, Any], text: str, reason: str = "Because it is better."
    ) -> Any:
        """Submit the response whose text is `text`. Returns the HTTP response."""
        texts = [shown["messages"][-1]["content"] for shown in lease["responses"]]
        return self.submit(lease, texts.index(text), reason)


def age(lease: dict[str, Any], minutes: int = 60) -> None:
    """Move a live lease into the past, by the owner and past the trigger that refuses it."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_work_lease DISABLE TRIGGER ended")
        cursor.execute(
            "UPDATE projects_work_lease SET leased_at = leased_at - %(t)s, expires_at = expires_at - %(t)s "
            "WHERE id = %(id)s",
            {"t": timedelta(minutes=minutes), "id": lease["id"]},
        )
        cursor.execute("ALTER TABLE projects_work_lease ENABLE TRIGGER ended")


def enroll(user: User, project: Project) -> Enrollment:
    """Let the user join and accept the published guidelines, and attest only what is asked. Returns the enrollment."""
    with planes.at_desk(user.pk, project.workspace_id, project.pk):
        row = enrollment.enroll(project=project, annotator_id=user.pk)
        number = GuidelineVersion.objects.get(project=project, pk=_in_force(project)).number
        attested = enrollment.must_attest(row.project)
        return enrollment.accept_guideline(enrollment=row, number=number, attested=attested)


def _in_force(project: Project) -> Any:
    return Project.objects.values_list("guideline_version_id", flat=True).get(pk=project.pk)


WHY = "Answers 3 and 7 break rule R1."


def _owner_of(workspace_id: uuid.UUID) -> uuid.UUID:
    owner = Membership.objects.filter(workspace_id=workspace_id, role=Role.OWNER)
    found: uuid.UUID = owner.values_list("user_id", flat=True)[0]
    return found


def pause(row: Enrollment, *, reason: str = "quality", note: str = WHY) -> EnrollmentChange:
    """Let an owner of the workspace pause the enrollment."""
    with planes.in_workspace(row.workspace_id):
        enrollment = Enrollment.objects.select_related("project").get(pk=row.pk)
        actor_id = _owner_of(row.workspace_id)
        return states.pause(enrollment=enrollment, reason=reason, note=note, actor_id=actor_id)


def end(row: Enrollment, *, reason: str = "quality", note: str = WHY) -> EnrollmentChange:
    """Let an owner of the workspace end the enrollment."""
    with planes.in_workspace(row.workspace_id):
        enrollment = Enrollment.objects.select_related("project").get(pk=row.pk)
        actor_id = _owner_of(row.workspace_id)
        return states.end(enrollment=enrollment, reason=reason, note=note, actor_id=actor_id)


def resume(row: Enrollment) -> EnrollmentChange:
    """Let an owner of the workspace give a paused enrollment back."""
    with planes.in_workspace(row.workspace_id):
        enrollment = Enrollment.objects.select_related("project").get(pk=row.pk)
        return states.resume(enrollment=enrollment, actor_id=_owner_of(row.workspace_id))


def leave(row: Enrollment) -> EnrollmentChange:
    """Let the annotator leave."""
    with planes.at_desk(row.annotator_id, row.workspace_id, row.project_id):
        return states.leave(enrollment=Enrollment.objects.get(pk=row.pk))[0]


def restore(row: Enrollment) -> EnrollmentChange:
    """Let an owner of the workspace take back the end of the enrollment."""
    with planes.in_workspace(row.workspace_id):
        enrollment = Enrollment.objects.get(pk=row.pk)
        return states.restore(enrollment=enrollment, actor_id=_owner_of(row.workspace_id))


def make_annotator(
    project: Project, name: str = "Annotator", user: User | None = None
) -> Annotator:
    """Enroll a user in the project, as a member of its workspace if the project is for members only."""
    user = user or make_user(name)
    with planes.in_workspace(project.workspace_id):
        workspace = Workspace.objects.get(pk=project.workspace_id)
        member = Membership.objects.filter(user=user).exists()
    if project.access == Project.Access.MEMBERS and not member:
        make_member(workspace, Role.VIEWER, user)
    row = enroll(user, project)
    with planes.at_desk(user.pk, workspace.pk):
        return Annotator(user, row, _desk_key(workspace, user))
