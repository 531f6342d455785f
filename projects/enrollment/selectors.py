"""A person's enrollments and the projects they may join, read through doors; the guidelines they must accept."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.db import connection
from django.db.models import Q

from projects.enrollment.asked import Asked
from projects.enrollment.models import Clearance, Enrollment, GuidelineAcceptance
from projects.plan.hourly import HourlyPay
from projects.plan.models import GuidelineVersion, Project


@dataclass(frozen=True, slots=True)
class OwnEnrollment:
    """An enrollment as its annotator may see it, with the names of its project and workspace."""

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
class EnrollmentTotals:
    """The number of answers a person gave in one project, and their pay in minor units, pending and accepted."""

    answers: int = 0
    pending_minor: int = 0
    accepted_minor: int = 0


@dataclass(frozen=True, slots=True)
class ListedProject:
    """A project that this person may join, and what it asks for.

    `reviewed` is the name of the project whose answers are judged there, if its `purpose` is a review.
    """

    workspace_id: uuid.UUID
    project_id: uuid.UUID
    workspace: str
    project: str
    access: str
    price_minor: int
    currency: str
    estimated_seconds: int
    calibration: str
    purpose: str
    reviewed: str | None
    asked: Asked
    pay: HourlyPay

    @classmethod
    def of_row(cls, row: tuple[Any, ...], measured: tuple[Any, ...]) -> Self:
        """Return the project of a row of `door_listing`; `measured` is that of `door_measured_pay`, empty if none."""
        asked = Asked(row[4] == Project.Access.MARKET, *row[11:])
        return cls(*(*row[:11], asked, HourlyPay(row[5], row[7], *measured)))


def own_enrollments(
    person_id: uuid.UUID, *, over: bool | None, before: uuid.UUID | None, most: int
) -> list[OwnEnrollment]:
    """Return up to `most` of the person's enrollments with ids below `before`, newest first. Door plane.

    An enrollment is over if it has ended or its project is archived. `over` selects such ones, the others, or (None)
    both.
    """
    values = person_id, None, over, before, most
    return [
        OwnEnrollment(*row)
        for row in _fetch_all("SELECT * FROM door_enrollments(%s, %s, %s, %s, %s)", *values)
    ]


def own_enrollment(person_id: uuid.UUID, enrollment_id: uuid.UUID) -> OwnEnrollment | None:
    """Return this enrollment, over or not; None if it is not the person's. Door plane."""
    values = person_id, enrollment_id, None, None, 1
    rows = _fetch_all("SELECT * FROM door_enrollments(%s, %s, %s, %s, %s)", *values)
    return OwnEnrollment(*rows[0]) if rows else None


def workspaces_of(person_id: uuid.UUID) -> dict[uuid.UUID, str]:
    """Return {id: name} of up to 200 workspaces where the person has an enrollment that is not over. Door plane."""
    return dict(_fetch_all("SELECT * FROM door_desks(%s)", person_id))


def enrollment_id_in(person_id: uuid.UUID, project_id: uuid.UUID) -> uuid.UUID | None:
    """Return the id of the person's enrollment in an active project; None if there is none. Door plane."""
    rows = _fetch_all("SELECT id FROM door_own_enrollment(%s, NULL, %s)", person_id, project_id)
    return rows[0][0] if rows else None


def totals_of(
    person_id: uuid.UUID, enrollments: Sequence[OwnEnrollment]
) -> dict[uuid.UUID, EnrollmentTotals]:
    """Return the totals of these enrollments by their ids. One without answers is left out. Door plane."""
    ids = [enrollment.id for enrollment in enrollments]
    rows = _fetch_all("SELECT * FROM door_done(%s, %s)", person_id, ids)
    return {row[0]: EnrollmentTotals(*row[1:]) for row in rows}


def listing_for(
    person_id: uuid.UUID, *, before: uuid.UUID | None = None, most: int
) -> list[ListedProject]:
    """Return up to `most` projects that the person may join and that have open work, newest first. Door plane."""
    rows = _fetch_all("SELECT * FROM door_listing(%s, NULL, %s, %s)", person_id, before, most)
    return _with_pay(person_id, rows)


def joinable_project(person_id: uuid.UUID, project_id: uuid.UUID) -> ListedProject | None:
    """Return the project, with or without open work; None if this person may not join it. Door plane."""
    rows = _fetch_all("SELECT * FROM door_listing(%s, %s, NULL, 1)", person_id, project_id)
    return next(iter(_with_pay(person_id, rows)), None)


def _with_pay(person_id: uuid.UUID, rows: Sequence[tuple[Any, ...]]) -> list[ListedProject]:
    ids = [row[1] for row in rows]
    found = _fetch_all("SELECT * FROM door_measured_pay(%s, %s)", person_id, ids) if ids else []
    measured = {each[0]: each[1:] for each in found}
    return [ListedProject.of_row(row, measured.get(row[1], ())) for row in rows]


def _fetch_all(query: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def with_guideline(enrollment_id: uuid.UUID) -> Enrollment:
    """Return the enrollment with its project and the guidelines in force. Annotator plane."""
    return Enrollment.objects.select_related("project__guideline_version").get(pk=enrollment_id)


def last_accepted_number(enrollment: Enrollment) -> int | None:
    """Return the number of the newest version that the annotator accepted; None if there is none."""
    numbers = GuidelineAcceptance.objects.filter(enrollment=enrollment).values_list(
        "guideline_version__number", flat=True
    )
    return max(numbers, default=None)


def owes_attestation(enrollment: Enrollment) -> bool:
    """Return whether the annotator must attest, before the next lease, that they write their texts themselves."""
    rows = _fetch_all("SELECT enrollment_owes_attestation(%s)", enrollment.pk)
    return bool(rows[0][0])


def is_cleared(enrollment: Enrollment, version: GuidelineVersion) -> bool:
    """Return whether the annotator is cleared for this version: for main work, or for the calibration it asks for."""
    return Clearance.objects.filter(
        Q(phase="main") | Q(guideline_version__project__calibration="required"),
        enrollment=enrollment,
        guideline_version=version,
    ).exists()


def has_accepted(enrollment: Enrollment, version: GuidelineVersion) -> bool:
    """Return whether the annotator accepted this very version. A minor one is in force for them without that."""
    accepted = GuidelineAcceptance.objects.filter(enrollment=enrollment, guideline_version=version)
    return accepted.exists()
