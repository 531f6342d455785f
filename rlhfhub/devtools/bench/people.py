"""A workspace with money, projects, and annotators with keys: made by the site's own verbs."""

import uuid
from dataclasses import dataclass
from typing import Any

from django_scopes import scope

from billing.funding import services as funding
from projects.enrollment import services as enrollment
from projects.items import services as batches
from projects.items.models import Batch
from projects.plan import services as plan
from projects.plan.models import GuidelineVersion, Project
from rlhfhub.tenancy import planes, services
from rlhfhub.tenancy.models import User, Workspace
from rlhfhub.tenancy.planes import Plane

DEPOSIT_MINOR = 10**12
PRICE_MINOR = 25
OVERLAP = 3


@dataclass(frozen=True)
class Person:
    """An annotator and their desk key."""

    id: uuid.UUID
    token: str


@dataclass(frozen=True)
class Place:
    """An annotator in a project."""

    person: Person
    enrollment_id: uuid.UUID


@dataclass
class Plot:
    """A project with one batch, and who works in it."""

    project: Project
    batch: Batch
    places: list[Place]

    @property
    def tokens(self) -> list[str]:
        return [place.person.token for place in self.places]

    def ids(self, place: Place, fee_minor: int) -> dict[str, Any]:
        """What all rows of one annotator share, for plain SQL."""
        project = self.project
        ids = {
            "workspace": project.workspace_id,
            "project": project.pk,
            "batch": self.batch.pk,
            "enrollment": place.enrollment_id,
            "person": place.person.id,
            "form": project.form_id,
            "guideline": project.guideline_version_id,
        }
        money = {"price": project.price_minor, "fee": fee_minor, "currency": project.currency}
        return {name: str(value) for name, value in ids.items()} | money


class House:
    """The benchmark's workspace."""

    def __init__(self) -> None:
        with planes.at_door():
            self.owner = User.objects.create_user("bench-owner@bench.example", None)
            self.workspace: Workspace = services.create_workspace(
                user=self.owner, name="Bench", slug="bench"
            )
        with planes.entered(Plane.STAFF):
            funding.deposit(
                workspace_id=self.workspace.pk,
                currency=self.workspace.currency,
                amount_minor=DEPOSIT_MINOR,
                reference="bench",
                actor_id=self.owner.pk,
                note="",
            )
        self.api_key = self._key(list(services.SCOPES), self.owner.pk)
        self.crowd: list[Person] = []

    def _key(self, scopes: list[str], by: uuid.UUID, annotator: uuid.UUID | None = None) -> str:
        # Only the owner's login makes an annotator's key before they have a place.
        owner = scope(workspace=self.workspace.pk)
        with owner if annotator else planes.in_workspace(self.workspace.pk):
            _, secret = services.create_key(
                workspace_id=self.workspace.pk,
                name="bench",
                scopes=scopes,
                by_id=by,
                annotator_id=annotator,
            )
        return secret

    def people(self, count: int) -> list[Person]:
        """The first `count` of the crowd, which grows as needed."""
        while len(self.crowd) < count:
            self.crowd.append(self.newcomer(f"crowd-{len(self.crowd)}"))
        return self.crowd[:count]

    def newcomer(self, name: str) -> Person:
        """Somebody with a desk key, in no project yet."""
        with planes.at_door():
            user = User.objects.create_user(f"{name}@bench.example", None)
        return Person(user.pk, self._key(["desk"], user.pk, user.pk))

    def project(self, name: str) -> Project:
        """A paid project with guidelines in force."""
        with planes.in_workspace(self.workspace.pk):
            project = plan.create_project(
                workspace=self.workspace,
                name=name,
                template="pairwise",
                created_by_id=self.owner.pk,
                access=Project.Access.MARKET,
                price_minor=PRICE_MINOR,
                overlap=OVERLAP,
            )
            version = plan.draft_guideline(
                project=project, text="Be fair.", change="major", created_by_id=self.owner.pk
            )
            plan.publish_guideline(version=version, actor_id=self.owner.pk)
            return Project.objects.select_related("form", "guideline_version").get(pk=project.pk)

    def batch(self, project: Project, name: str = "") -> Batch:
        """An empty batch."""
        with planes.in_workspace(self.workspace.pk):
            return batches.create_batch(project=project, name=name, actor_id=self.owner.pk)

    def join(self, project: Project, person: Person) -> Place:
        """The person enrolls and accepts the guidelines."""
        with planes.at_desk(person.id, self.workspace.pk, project.pk):
            row = enrollment.enroll(project=project, annotator_id=person.id)
            number = GuidelineVersion.objects.filter(project=project).latest("number").number
            enrollment.accept_guideline(enrollment=row, number=number)
        return Place(person, row.pk)
