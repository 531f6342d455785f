"""What a person may work on, asked at the door; and the guidelines they are shown."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection

from projects.enrollment.models import Clearance, Enrollment
from projects.plan.models import GuidelineVersion


@dataclass(frozen=True, slots=True)
class Place:
    """A project this person is enrolled in."""

    id: uuid.UUID
    workspace_id: uuid.UUID
    project_id: uuid.UUID
    workspace: str
    project: str
    state: str
    price_minor: int
    currency: str
    estimated_seconds: int

    @property
    def hourly_minor(self) -> int:
        """What an hour brings at the estimated pace."""
        return hourly(self.price_minor, self.estimated_seconds)


@dataclass(frozen=True, slots=True)
class Listed:
    """A project this person could join."""

    workspace_id: uuid.UUID
    project_id: uuid.UUID
    workspace: str
    project: str
    access: str
    price_minor: int
    currency: str
    estimated_seconds: int

    @property
    def hourly_minor(self) -> int:
        """What an hour brings at the estimated pace."""
        return hourly(self.price_minor, self.estimated_seconds)


def hourly(price_minor: int, seconds: int) -> int:
    """Minor units an hour, rounded down: an estimate must not promise more."""
    return price_minor * 3600 // max(seconds, 1)


def places_of(person_id: uuid.UUID) -> list[Place]:
    """The person's enrollments in active projects, newest first. Door plane."""
    return [Place(*row) for row in _ask("SELECT * FROM door_enrollments(%s)", person_id)]


def listing_for(person_id: uuid.UUID, project_id: uuid.UUID | None = None) -> list[Listed]:
    """Active projects open to this person, newest first, 200 at most; or the one named. Door plane."""
    rows = _ask("SELECT * FROM door_listing(%s, %s)", person_id, project_id)
    return [Listed(*row) for row in rows]


def _ask(query: str, *values: uuid.UUID | None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def with_guideline(enrollment_id: uuid.UUID) -> Enrollment:
    """The enrollment, its project and the guidelines in force. Annotator plane."""
    return Enrollment.objects.select_related("project__guideline_version").get(pk=enrollment_id)


def accepted_before(enrollment: Enrollment) -> int | None:
    """The number of the last version this annotator was cleared for."""
    numbers = Clearance.objects.filter(enrollment=enrollment).values_list(
        "guideline_version__number", flat=True
    )
    return max(numbers, default=None)


def is_cleared(enrollment: Enrollment, version: GuidelineVersion) -> bool:
    """Whether this annotator may lease under this version."""
    return Clearance.objects.filter(enrollment=enrollment, guideline_version=version).exists()
