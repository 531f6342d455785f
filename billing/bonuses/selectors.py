"""Bonuses as their annotator reads them."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

#: The newest bonuses of a project that an annotator's earnings list.
NEWEST = 5


@dataclass(frozen=True, slots=True)
class OwnBonus:
    """What somebody got beside the price of their answers: for a reason, or by a top-up of `answers` of theirs."""

    at: datetime
    amount_minor: int
    currency: str
    answers: int
    reason: str


def own_bonuses(
    person_id: uuid.UUID, enrollment_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, list[OwnBonus]]:
    """Return the newest bonuses in each of the person's enrollments. Door plane."""
    found: dict[uuid.UUID, list[OwnBonus]] = defaultdict(list)
    with connection.cursor() as cursor:
        values = person_id, list(enrollment_ids), NEWEST
        cursor.execute("SELECT * FROM door_own_bonuses(%s, %s, %s)", values)
        for enrollment_id, *row in cursor.fetchall():
            found[enrollment_id].append(OwnBonus(*row))
    return found
