"""What reading a project's guidelines pays, in answers of REST."""

import uuid
from typing import Any

from rest_framework import serializers

from projects.enrollment.boards import READER, Reader
from rlhfhub.api.bodies import Money, money


class PaidReading(serializers.Serializer[Any]):
    amount = Money(help_text="Paid with your first accepted answer under the guidelines in force.")
    is_covered = serializers.BooleanField(
        help_text="Whether the project has set it aside. If not, the guidelines cannot be accepted until it has."
    )


def paid_reading(person_id: uuid.UUID, project_id: uuid.UUID) -> dict[str, Any] | None:
    """Return what the person gets for reading the project's guidelines; None if that is nothing."""
    due: Any = READER.panel("reading", Reader(person_id, project_id))
    if due is None:
        return None
    return {"amount": money(due.amount_minor, due.currency), "is_covered": due.is_covered}
