"""A customer with money and projects, and annotators with keys, made by the site's own services."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from django_scopes import scope

from annotators.profiles import services as profiles
from annotators.profiles.models import DOCUMENTS
from annotators.profiles.selectors import terms_in_force
from billing.funding import services as funding
from projects.enrollment import services as enrollment
from projects.items import services as batches
from projects.items.models import Batch
from projects.plan import services as plan
from projects.plan.models import GuidelineVersion, Project
from rlhfhub.tenancy import planes, services
from rlhfhub.tenancy.models import User
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
class Workload:
    """A project with one batch of `size` items, and the annotators in it."""

    project: Project
    batch: Batch
    size: int
    places: list[Place] = field(default_factory=list)


class Customer:
    """The benchmark's workspace."""

    def __init__(self) -> None:
        with planes.at_door():
            self.owner = User.objects.create_user("bench-owner@bench.example", None)
            self.workspace = services.create_workspace(user=self.owner, name="Bench", slug="bench")
        with planes.entered(Plane.STAFF):
            funding.deposit(
                workspace_id=self.workspace.pk,
                currency=self.workspace.currency,
                amount_minor=DEPOSIT_MINOR,
                reference="bench",
                actor_id=self.owner.pk,
                note="",
            )
        with planes.in_workspace(self.workspace.pk):
            self.api_key = self._key(self.owner, scopes=list(services.SCOPES))

    def _key(self, user: User, **more: Any) -> str:
        return services.create_key(
            workspace_id=self.workspace.pk, name="bench", by_id=user.pk, **more
        )[1]

    def newcomer(self, name: str) -> Person:
        """Make a person with a desk key, enrolled in no project yet."""
        with planes.at_door():
            user = User.objects.create_user(f"{name}@bench.example", None)
        with planes.at_desk(user.pk):
            profiles.save_profile(person_id=user.pk, is_adult=True, country="DE")
            profiles.accept_terms(
                person_id=user.pk, number=terms_in_force().number, documents=DOCUMENTS
            )
        with scope(workspace=self.workspace.pk):
            return Person(user.pk, self._key(user, scopes=["desk"], annotator_id=user.pk))

    def workload(self, name: str, size: int, **measured: int) -> Workload:
        """Make a paid project with guidelines in force and an empty batch; `measured` is the gold in its plan."""
        with planes.in_workspace(self.workspace.pk):
            project = plan.create_project(
                workspace=self.workspace,
                name=name,
                template="pairwise",
                created_by_id=self.owner.pk,
                access=Project.Access.MARKET,
                price_minor=PRICE_MINOR,
                overlap=OVERLAP,
                programs=True,
            )
            version = plan.draft_guideline(
                project=project, text="Be fair.", change="major", created_by_id=self.owner.pk
            )
            plan.publish_guideline(version=version, actor_id=self.owner.pk)
            project = Project.objects.get(pk=project.pk)
            shape = batches.Plan(OVERLAP, **measured)
            batch = batches.create_batch(
                project=project, name="", plan=shape, actor_id=self.owner.pk
            )
        return Workload(project, batch, size)

    def join(self, work: Workload, person: Person) -> Place:
        """Let the person enroll and accept the guidelines."""
        project = work.project
        with planes.at_desk(person.id, self.workspace.pk, project.pk):
            row = enrollment.enroll(project=project, annotator_id=person.id)
            number = GuidelineVersion.objects.filter(project=project).latest("number").number
            enrollment.accept_guideline(enrollment=row, number=number, attested=True)
        return Place(person, row.pk)
