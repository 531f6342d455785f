"""What a person earned in all workspaces: booked and waiting amounts, by project and by day.

The door functions read a person's own pay, also of archived projects; booked money is read in the annotator plane.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum
from django.utils import timezone

from billing.ledger.models import Account
from projects.enrollment.selectors import EnrollmentTotals, OwnEnrollment, totals_of
from projects.work.models import Annotation
from projects.work.selectors import Day, days_of

LINES = 10
DAYS = 14


def payable(person_id: uuid.UUID) -> dict[str, int]:
    """Return what is booked and not yet paid out, in minor units by currency. Annotator plane without a workspace."""
    rows = Account.objects.filter(kind=Account.Kind.ANNOTATOR_PAYABLE, person_id=person_id)
    return {
        currency: int(n)
        for currency, n in rows.values_list("currency").annotate(n=Sum("balance_minor")).order_by()
    }


def by_project(person_id: uuid.UUID, enrollments: Sequence[OwnEnrollment]) -> list[dict[str, Any]]:
    """Return one entry for each enrollment that has answers, with its newest answers. Door plane."""
    done = totals_of(person_id, enrollments)
    newest = _newest(person_id, [one for one in enrollments if one.id in done])
    return [
        project(one, done[one.id]) | {"lines": newest[one.id]}
        for one in enrollments
        if one.id in done
    ]


def project(enrollment: OwnEnrollment, done: EnrollmentTotals) -> dict[str, Any]:
    """Return what the heading of one project's answers shows."""
    return {
        "enrollment_id": enrollment.id,
        "name": enrollment.project,
        "workspace_name": enrollment.workspace,
        "is_archived": enrollment.is_archived,
        "pseudonym": enrollment.pseudonym,
        "currency": enrollment.currency,
        "answers": done.answers,
        "pending_minor": done.pending_minor,
        "payable_minor": done.accepted_minor,
        "has_more": done.answers > LINES,
    }


_LINE = ("submitted_at", "price_minor", "currency", "state", "decide_by")


def _newest(
    person_id: uuid.UUID, enrollments: Sequence[OwnEnrollment]
) -> dict[uuid.UUID, list[dict[str, Any]]]:
    found: dict[uuid.UUID, list[dict[str, Any]]] = defaultdict(list)
    with connection.cursor() as cursor:
        ids = [enrollment.id for enrollment in enrollments]
        cursor.execute("SELECT * FROM door_newest_answers(%s, %s, %s)", [person_id, ids, LINES])
        for enrollment_id, *line in cursor.fetchall():
            found[enrollment_id].append(dict(zip(_LINE, line, strict=True)))
    return found


def answers_in(enrollment_id: uuid.UUID) -> QuerySet[Annotation]:
    """Return the annotator's own answers in a project, to show what each pays. Annotator plane of its workspace."""
    return Annotation.objects.filter(enrollment_id=enrollment_id).only(*_LINE)


def totals(person_id: uuid.UUID, booked: dict[str, int]) -> list[dict[str, Any]]:
    """Return one line for each currency. Unpaid projects make no line. Door plane."""
    now = timezone.now()
    with connection.cursor() as cursor:
        values = person_id, _midnight(now), now - timedelta(days=7)
        cursor.execute("SELECT * FROM door_pay(%s, %s, %s)", values)
        waiting = {row[0]: row[1:] for row in cursor.fetchall()}
    currencies = sorted(waiting.keys() | {c for c, n in booked.items() if n})
    names = ("pending_minor", "today_minor", "week_minor")
    return [
        {"currency": c, "payable_minor": booked.get(c, 0)}
        | dict(zip(names, waiting.get(c, (0, 0, 0)), strict=True))
        for c in currencies
    ]


def per_day(person_id: uuid.UUID, currency: str) -> list[tuple[date, int]]:
    """Return the pay of each of the last 14 days in one currency, in minor units. Door plane."""
    midnight = _midnight(timezone.now())
    found: list[Day] = days_of(person_id, midnight - timedelta(days=DAYS - 1))
    sums = Counter({one.day: one.pay_minor for one in found if one.currency == currency})
    days = [midnight.date() - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]
    return [(day, sums[day]) for day in days]


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
