"""What a person should do now about decisions on their answers, in all workspaces; and their money on hold."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

#: So many projects are named at most, those with the nearest deadlines.
MOST = 20


@dataclass(frozen=True, slots=True)
class Need:
    """What waits for an annotator in one project: answers to revise, and rejections against which they can appeal.

    `revise_by` and `appeal_by` are the nearest deadlines; None if nothing of the kind waits.
    """

    enrollment_id: uuid.UUID
    project: str
    workspace: str
    revise: int
    revise_by: datetime | None
    appeal: int
    appeal_by: datetime | None


def needs_of(person_id: uuid.UUID) -> list[Need]:
    """Return what waits for a person, by project, the nearest deadline first. Door plane."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_own_needs(%s, %s)", [person_id, MOST])
        return [Need(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Held:
    """What a person's rejected answers in one project would pay, in minor units, until the rejections end."""

    enrollment_id: uuid.UUID
    currency: str
    answers: int
    amount_minor: int


def held_of(person_id: uuid.UUID) -> list[Held]:
    """Return a person's money on hold, one entry for each project and currency. Door or annotator plane.

    In the annotator plane of a workspace it is that of the workspace.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_own_held(%s)", [person_id])
        return [Held(*row) for row in cursor.fetchall()]
