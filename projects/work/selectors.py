"""What the desk shows beside the lease itself."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Count, Subquery, Sum
from django.utils import timezone
from django.utils.crypto import salted_hmac

from projects.enrollment.models import Enrollment
from projects.kinds import form as forms
from projects.kinds.protocol import Question
from projects.work.models import Annotation, Draft, Lease
from projects.work.services import annotations


@dataclass(frozen=True, slots=True)
class Today:
    """What was done since midnight UTC."""

    submitted: int
    earned_minor: int
    currency: str


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
    lease = Lease.objects.filter(pk=lease_id).values("annotator_id", "item_id")
    keys = {"annotator_id": Subquery(lease.values("annotator_id"))}
    mine = Draft.objects.filter(item_id=Subquery(lease.values("item_id")), **keys)
    return mine.values_list("saved_at", flat=True).first()


KEPT = 50


@dataclass(frozen=True, slots=True)
class Kept:
    """What was typed about an item and not submitted, a text for each question, and whether it is at the desk now.

    Choices come back with their item alone: without its responses they say nothing.
    """

    saved_at: datetime
    texts: list[str]
    at_desk: bool


def kept_in(enrollment: Enrollment) -> list[Kept]:
    """The newest drafts of an enrollment, 50 at most. Annotator plane."""
    live = Lease.objects.filter(enrollment=enrollment, ended_at=None)
    at_desk = set(live.values_list("item_id", flat=True))
    rows = Draft.objects.filter(enrollment=enrollment).order_by("-saved_at")[:KEPT]
    return [Kept(row.saved_at, _typed(row), row.item_id in at_desk) for row in rows]


def _typed(row: Draft) -> list[str]:
    questions = annotations.form_questions(row.form_id)
    judged = forms.scales_of(questions)
    return forms.summary_of([q for q in questions if q["name"] not in judged], row.answer, [])


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions of a lease, and the keys its responses have in an answer."""

    questions: Sequence[Question]
    keys: list[str]


def asked_of(lease_id: uuid.UUID, enrollment_id: uuid.UUID) -> Asked | None:
    """What a lease of this enrollment asks, live or not; None when there is no such lease."""
    lease = Lease.objects.filter(pk=lease_id, enrollment_id=enrollment_id)
    found = lease.values_list("form_id", "keys").first()
    return Asked(annotations.form_questions(found[0]), found[1]) if found else None
