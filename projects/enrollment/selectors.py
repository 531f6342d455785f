"""What a person may work on, asked at the door; and the guidelines they are shown."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from projects.enrollment.models import Clearance, Enrollment
from projects.plan.models import GuidelineVersion


@dataclass(frozen=True, slots=True)
class OwnEnrollment:
    """An enrollment as its annotator is told of it, with its project and workspace."""

    id: uuid.UUID
    workspace_id: uuid.UUID
    project_id: uuid.UUID
    workspace: str
    project: str
    pseudonym: str
    state: str
    is_archived: bool
    price_minor: int
    currency: str
    estimated_seconds: int


@dataclass(frozen=True, slots=True)
class Done:
    """What a person gave in one project, and what it earned."""

    answers: int = 0
    pending_minor: int = 0
    accepted_minor: int = 0


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
        """What an hour brings at the estimated pace, rounded down: an estimate must not promise more."""
        return self.price_minor * 3600 // max(self.estimated_seconds, 1)


def own_enrollments(
    person_id: uuid.UUID, *, over: bool | None, before: uuid.UUID | None, most: int
) -> list[OwnEnrollment]:
    """Where the person works, newest first; what is over (ended, archived); or both. Door plane, as all below."""
    values = person_id, None, over, before, most
    return [
        OwnEnrollment(*row)
        for row in _ask("SELECT * FROM door_enrollments(%s, %s, %s, %s, %s)", *values)
    ]


def own_enrollment(person_id: uuid.UUID, enrollment_id: uuid.UUID) -> OwnEnrollment | None:
    """One of the person's enrollments, over or not; somebody else's is None."""
    values = person_id, enrollment_id, None, None, 1
    rows = _ask("SELECT * FROM door_enrollments(%s, %s, %s, %s, %s)", *values)
    return OwnEnrollment(*rows[0]) if rows else None


def workspaces_of(person_id: uuid.UUID) -> dict[uuid.UUID, str]:
    """Workspaces, by name, where the person has an enrollment that is not over; 200 at most."""
    return dict(_ask("SELECT * FROM door_desks(%s)", person_id))


def joined(person_id: uuid.UUID, project_id: uuid.UUID) -> uuid.UUID | None:
    """The person's enrollment in an active project."""
    rows = _ask("SELECT id FROM door_place(%s, NULL, %s)", person_id, project_id)
    return rows[0][0] if rows else None


def done_in(person_id: uuid.UUID, enrollments: Sequence[OwnEnrollment]) -> dict[uuid.UUID, Done]:
    """What the person gave under each of these enrollments, by its id."""
    ids = [enrollment.id for enrollment in enrollments]
    rows = _ask("SELECT * FROM door_done(%s, %s)", person_id, ids)
    return {row[0]: Done(*row[1:]) for row in rows}


def listing_for(
    person_id: uuid.UUID, *, before: uuid.UUID | None = None, most: int
) -> list[Listed]:
    """Projects with work for this person now that they are not in yet, newest first."""
    rows = _ask("SELECT * FROM door_listing(%s, NULL, %s, %s)", person_id, before, most)
    return [Listed(*row) for row in rows]


def offered(person_id: uuid.UUID, project_id: uuid.UUID) -> Listed | None:
    """The project named, where it is open to this person, whether there is work in it now or not."""
    rows = _ask("SELECT * FROM door_listing(%s, %s, NULL, 1)", person_id, project_id)
    return Listed(*rows[0]) if rows else None


def _ask(query: str, *values: Any) -> list[tuple[Any, ...]]:
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
