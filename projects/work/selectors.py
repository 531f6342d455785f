"""What the desk shows beside the lease itself."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.crypto import salted_hmac

from projects.enrollment.models import Enrollment
from projects.work.models import Annotation, Draft, Lease
from projects.work.services import annotations


@dataclass(frozen=True, slots=True)
class Today:
    """What was done since midnight UTC."""

    submitted: int
    earned_minor: int
    currency: str


def place_of(enrollment_id: uuid.UUID) -> Enrollment:
    """The enrollment with its project and the guidelines in force. Annotator plane."""
    return Enrollment.objects.select_related("project__guideline_version").get(pk=enrollment_id)


def today_of(enrollment: Enrollment) -> Today:
    """Counted on the index (enrollment, submitted_at)."""
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    done = Annotation.objects.filter(enrollment=enrollment, submitted_at__gte=midnight)
    sums = done.aggregate(submitted=Count("id"), earned=Sum("price_minor"))
    return Today(sums["submitted"], sums["earned"] or 0, enrollment.project.currency)


@dataclass(frozen=True, slots=True)
class Day:
    """What a person did in a day, in one currency."""

    currency: str
    day: date
    answers: int
    pay_minor: int


def days_of(person_id: uuid.UUID, since: datetime) -> list[Day]:
    """A person's answers and their price by day and currency, in all workspaces. Door plane."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_pay_by_day(%s, %s)", [person_id, since])
        return [Day(*row) for row in cursor.fetchall()]


def today_everywhere(person_id: uuid.UUID) -> Today:
    """Since midnight UTC; of several currencies, the one most was earned in. Door plane."""
    days = days_of(person_id, timezone.now().replace(hour=0, minute=0, second=0, microsecond=0))
    most = max(days, key=lambda day: day.pay_minor, default=None)
    answers = sum(day.answers for day in days)
    return Today(answers, most.pay_minor if most else 0, most.currency if most else "")


def draft_key(enrollment_id: uuid.UUID, item_id: uuid.UUID) -> str:
    """The name under which the annotator's browser keeps a draft of an item, whatever the lease.

    A keyed hash, for an item's id tells when it was made, and so a gold item or a repeat from the others.
    """
    return salted_hmac("projects.work.draft", f"{enrollment_id}:{item_id}").hexdigest()[:24]


def draft_saved_at(lease_id: uuid.UUID) -> datetime | None:
    """When the draft of a live lease was kept last."""
    return Draft.objects.filter(lease_id=lease_id).values_list("saved_at", flat=True).first()


def questions_of(lease_id: uuid.UUID, enrollment_id: uuid.UUID) -> list[dict[str, Any]] | None:
    """The questions of a lease of this enrollment, live or not; None when there is no such lease."""
    form_id = (
        Lease.objects.filter(pk=lease_id, enrollment_id=enrollment_id)
        .values_list("form_id", flat=True)
        .first()
    )
    return annotations.form_questions(form_id) if form_id else None
