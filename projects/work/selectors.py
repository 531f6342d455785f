"""Queries for the desk and the annotator's home, beside the lease itself."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Count, Q, Subquery, Sum
from django.utils import timezone
from django.utils.crypto import salted_hmac

from projects.enrollment.models import Enrollment
from projects.kinds import form as forms
from projects.kinds.protocol import Question
from projects.work.models import Annotation, Draft, Lease
from projects.work.services import annotations


@dataclass(frozen=True, slots=True)
class Today:
    """Answers submitted since midnight UTC, and the price of those that are not rejected, in minor units.

    It is paid for those that are accepted, or will be.
    """

    submitted: int
    pay_minor: int
    currency: str


def today_of(enrollment: Enrollment) -> Today:
    """Return what the annotator did today in one enrollment. Annotator plane."""
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    done = Annotation.objects.filter(enrollment=enrollment, submitted_at__gte=midnight)
    paid = ~Q(state=Annotation.State.REJECTED)
    sums = done.aggregate(submitted=Count("id"), pay=Sum("price_minor", filter=paid))
    return Today(sums["submitted"], sums["pay"] or 0, enrollment.project.currency)


@dataclass(frozen=True, slots=True)
class Day:
    """A person's answers of one UTC day in one currency, and the price of those not rejected, in minor units."""

    currency: str
    day: date
    answers: int
    pay_minor: int


def days_of(person_id: uuid.UUID, since: datetime) -> list[Day]:
    """Return a person's answers since `since` by day and currency, in all workspaces. Door plane."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_pay_by_day(%s, %s)", [person_id, since])
        return [Day(*row) for row in cursor.fetchall()]


def today_everywhere(person_id: uuid.UUID) -> Today:
    """Return what a person did today in all workspaces. Door plane.

    All answers count. The pay is that in one currency, the one with the highest amount.
    """
    days = days_of(person_id, timezone.now().replace(hour=0, minute=0, second=0, microsecond=0))
    most = max(days, key=lambda day: day.pay_minor, default=None)
    answers = sum(day.answers for day in days)
    return Today(answers, most.pay_minor if most else 0, most.currency if most else "")


def draft_key(enrollment_id: uuid.UUID, item_id: uuid.UUID) -> str:
    """Return the name under which the annotator's browser stores a draft of an item, the same under every lease.

    It is a keyed hash and not the item's id: the id contains the time when the item was made, by which gold items
    and repeats could be recognized.
    """
    return salted_hmac("projects.work.draft", f"{enrollment_id}:{item_id}").hexdigest()[:24]


def draft_saved_at(lease_id: uuid.UUID) -> datetime | None:
    """Return when the draft of a lease's item was last saved; None if there is none."""
    lease = Lease.objects.filter(pk=lease_id).values("annotator_id", "item_id")
    keys = {"annotator_id": Subquery(lease.values("annotator_id"))}
    mine = Draft.objects.filter(item_id=Subquery(lease.values("item_id")), **keys)
    return mine.values_list("saved_at", flat=True).first()


MOST_DRAFTS = 50


@dataclass(frozen=True, slots=True)
class KeptText:
    """What was written so far in answer to a question, which `title` names."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """The texts of a draft, one for each text question that has an answer.

    `at_desk` is true if the annotator holds the draft's item now. The draft's choices are left out: without the
    item's responses they mean nothing.
    """

    saved_at: datetime
    texts: list[KeptText]
    at_desk: bool


def kept_drafts(enrollment: Enrollment) -> list[KeptDraft]:
    """Return the newest drafts of an enrollment, at most 50. Annotator plane."""
    live = Lease.objects.filter(enrollment=enrollment, ended_at=None)
    at_desk = set(live.values_list("item_id", flat=True))
    rows = Draft.objects.filter(enrollment=enrollment).order_by("-saved_at")[:MOST_DRAFTS]
    return [KeptDraft(row.saved_at, _texts(row), row.item_id in at_desk) for row in rows]


def _texts(row: Draft) -> list[KeptText]:
    questions = annotations.form_questions(row.form_id)
    judged = forms.scales_of(questions)
    written = [question for question in questions if question["name"] not in judged]
    return [KeptText(*pair) for pair in forms.titled_summary_of(written, row.answer, [])]


@dataclass(frozen=True, slots=True)
class LeaseForm:
    """The questions of a lease's form, and the keys that name the lease's responses in an answer."""

    questions: Sequence[Question]
    keys: list[str]


def form_of_lease(lease_id: uuid.UUID, enrollment_id: uuid.UUID) -> LeaseForm | None:
    """Return the form of a lease, live or ended; None if this enrollment has no such lease."""
    lease = Lease.objects.filter(pk=lease_id, enrollment_id=enrollment_id)
    found = lease.values_list("form_id", "keys").first()
    return LeaseForm(annotations.form_questions(found[0]), found[1]) if found else None
