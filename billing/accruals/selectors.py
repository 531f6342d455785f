"""What a person earned in all workspaces: booked and waiting amounts, by project and by day.

The door functions read a person's own pay, also of archived projects; booked money is read in the annotator plane.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import QuerySet, Sum
from django.utils import timezone

from billing.ledger.models import Account
from projects.enrollment.selectors import EnrollmentTotals, OwnEnrollment, totals_of
from projects.work.models import Annotation
from projects.work.selectors import Day, days_of

LINES = 10
DAYS = 14


@dataclass(frozen=True, slots=True)
class AnswerPay:
    """One answer and what it pays. `decide_by` is when it is accepted automatically if nobody decides before."""

    submitted_at: datetime
    price_minor: int
    currency: str
    state: str
    decide_by: datetime | None


@dataclass(frozen=True, slots=True)
class ProjectEarnings:
    """What a person earned in one project: `payable_minor` is booked, `pending_minor` waits for a decision.

    `answers` counts all their answers in it. `lines` are the newest of them; `has_more` tells whether there are others.
    """

    enrollment_id: uuid.UUID
    name: str
    workspace_name: str
    is_archived: bool
    pseudonym: str
    currency: str
    answers: int
    pending_minor: int
    payable_minor: int
    lines: list[AnswerPay]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Total:
    """A person's pay in one currency: booked, waiting for a decision, submitted today (UTC), in the last seven days."""

    currency: str
    payable_minor: int
    pending_minor: int
    today_minor: int
    week_minor: int


def payable(person_id: uuid.UUID) -> dict[str, int]:
    """Return what is booked and not yet paid out, in minor units by currency. Annotator plane without a workspace."""
    rows = Account.objects.filter(kind=Account.Kind.ANNOTATOR_PAYABLE, person_id=person_id)
    return {
        currency: int(n)
        for currency, n in rows.values_list("currency").annotate(n=Sum("balance_minor")).order_by()
    }


def by_project(person_id: uuid.UUID, enrollments: Sequence[OwnEnrollment]) -> list[ProjectEarnings]:
    """Return one entry for each enrollment that has answers, with its newest answers. Door plane."""
    done = totals_of(person_id, enrollments)
    newest = _newest(person_id, [one for one in enrollments if one.id in done])
    return [
        in_project(one, done[one.id], newest[one.id], has_more=done[one.id].answers > LINES)
        for one in enrollments
        if one.id in done
    ]


def in_project(
    enrollment: OwnEnrollment, done: EnrollmentTotals, lines: list[AnswerPay], *, has_more: bool
) -> ProjectEarnings:
    """Return one project's earnings with the given lines."""
    return ProjectEarnings(
        enrollment_id=enrollment.id,
        name=enrollment.project,
        workspace_name=enrollment.workspace,
        is_archived=enrollment.is_archived,
        pseudonym=enrollment.pseudonym,
        currency=enrollment.currency,
        answers=done.answers,
        pending_minor=done.pending_minor,
        payable_minor=done.accepted_minor,
        lines=lines,
        has_more=has_more,
    )


def _newest(
    person_id: uuid.UUID, enrollments: Sequence[OwnEnrollment]
) -> dict[uuid.UUID, list[AnswerPay]]:
    found: dict[uuid.UUID, list[AnswerPay]] = defaultdict(list)
    with connection.cursor() as cursor:
        ids = [enrollment.id for enrollment in enrollments]
        cursor.execute("SELECT * FROM door_newest_answers(%s, %s, %s)", [person_id, ids, LINES])
        for enrollment_id, *line in cursor.fetchall():
            found[enrollment_id].append(AnswerPay(*line))
    return found


_PAY = ("submitted_at", "price_minor", "currency", "state", "decide_by")


def answers_in(enrollment_id: uuid.UUID) -> QuerySet[Annotation]:
    """Return the annotator's own answers in a project, for `pay_of`. Annotator plane of its workspace."""
    return Annotation.objects.filter(enrollment_id=enrollment_id).only(*_PAY)


def pay_of(answers: Iterable[Annotation]) -> list[AnswerPay]:
    """Return what each of these answers pays, in their order."""
    return [AnswerPay(*(getattr(answer, name) for name in _PAY)) for answer in answers]


def totals(person_id: uuid.UUID, booked: dict[str, int]) -> list[Total]:
    """Return one total for each currency. Unpaid projects are not in them. Door plane.

    `booked` is the pay that is not yet paid out, in minor units by currency, as `payable` returns it.
    """
    now = timezone.now()
    with connection.cursor() as cursor:
        values = person_id, _midnight(now), now - timedelta(days=7)
        cursor.execute("SELECT * FROM door_pay(%s, %s, %s)", values)
        waiting = {row[0]: row[1:] for row in cursor.fetchall()}
    currencies = sorted(waiting.keys() | {c for c, n in booked.items() if n})
    return [Total(c, booked.get(c, 0), *waiting.get(c, (0, 0, 0))) for c in currencies]


def per_day(person_id: uuid.UUID, currency: str) -> list[tuple[date, int]]:
    """Return the pay of each of the last 14 days in one currency, in minor units. Door plane."""
    midnight = _midnight(timezone.now())
    found: list[Day] = days_of(person_id, midnight - timedelta(days=DAYS - 1))
    sums = Counter({one.day: one.pay_minor for one in found if one.currency == currency})
    days = [midnight.date() - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]
    return [(day, sums[day]) for day in days]


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
