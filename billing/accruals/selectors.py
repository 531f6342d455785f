"""What a person earned in all workspaces: booked and waiting amounts, by project and by day.

The door functions read a person's own pay, also of archived projects; booked money is read in the annotator plane.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import QuerySet, Sum
from django.utils import timezone

from billing.bonuses.selectors import OwnBonus, own_bonuses
from billing.ledger.models import Account
from projects.enrollment.selectors import EnrollmentTotals, OwnEnrollment, totals_of
from projects.review.own.needs import Held
from projects.review.own.outcomes import Outcome, outcomes_of
from projects.work.models import Annotation
from projects.work.selectors import Day, days_of

LINES = 10
DAYS = 14


@dataclass(frozen=True, slots=True)
class AnswerPay:
    """One answer and what it pays. `decide_by` is when it is accepted automatically if nobody decides before.

    `outcome` is that of an answer that is rejected or sent back, or was; else None.
    """

    id: uuid.UUID
    submitted_at: datetime
    price_minor: int
    currency: str
    state: str
    decide_by: datetime | None
    outcome: Outcome | None = None

    @property
    def step(self) -> str:
        """What to say of the answer: its state, or how far the decisions on it are."""
        return self.outcome.step if self.outcome else self.state


@dataclass(frozen=True, slots=True)
class ProjectEarnings:
    """What a person earned in one project: `payable_minor` is booked, `pending_minor` waits for a decision.

    `held_minor` is on hold: what rejected answers would pay until their rejections end.
    `answers` counts all their answers in it. `lines` are the newest of them; `has_more` tells whether there are others.
    `bonuses` are the newest ones; they are in no other sum here. `is_paid` is false for work in one's own workspace.
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
    held_minor: int
    lines: list[AnswerPay]
    has_more: bool
    bonuses: list[OwnBonus]
    is_paid: bool


@dataclass(frozen=True, slots=True)
class Total:
    """A person's pay in one currency: booked, waiting for a decision, on hold, of today (UTC), of the last 7 days.

    `unclear_minor` is booked too, and can be paid out only when the customer's first payment is some days old.
    """

    currency: str
    payable_minor: int
    unclear_minor: int
    pending_minor: int
    held_minor: int
    today_minor: int
    week_minor: int


def payable(person_id: uuid.UUID) -> dict[str, int]:
    """Return what is booked and not yet paid out, in minor units by currency. Annotator plane without a workspace."""
    return _booked(person_id, Account.Kind.ANNOTATOR_PAYABLE)


def unclear(person_id: uuid.UUID) -> dict[str, int]:
    """Return what is booked and cannot be paid out yet, because its workspace has just begun to pay by card."""
    return _booked(person_id, Account.Kind.ANNOTATOR_PENDING)


def _booked(person_id: uuid.UUID, kind: str) -> dict[str, int]:
    rows = Account.objects.filter(kind=kind, person_id=person_id)
    return {
        currency: int(n)
        for currency, n in rows.values_list("currency").annotate(n=Sum("balance_minor")).order_by()
    }


def by_project(
    person_id: uuid.UUID, enrollments: Sequence[OwnEnrollment], held: Iterable[Held]
) -> list[ProjectEarnings]:
    """Return one entry for each enrollment with answers or bonuses, and the newest of them. Door plane."""
    bonuses = own_bonuses(person_id, [one.id for one in enrollments])
    done = totals_of(person_id, enrollments)
    paid = [one for one in enrollments if one.id in done or bonuses[one.id]]
    newest = _newest(person_id, paid)
    on_hold = {one.enrollment_id: one.amount_minor for one in held}
    return [
        in_project(
            one,
            totals := done.get(one.id, EnrollmentTotals()),
            newest[one.id],
            held_minor=on_hold.get(one.id, 0),
            has_more=totals.answers > LINES,
            bonuses=bonuses[one.id],
        )
        for one in paid
    ]


def in_project(
    enrollment: OwnEnrollment,
    done: EnrollmentTotals,
    lines: list[AnswerPay],
    *,
    held_minor: int,
    has_more: bool,
    bonuses: list[OwnBonus],
) -> ProjectEarnings:
    """Return one project's earnings with the given lines and bonuses."""
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
        held_minor=held_minor,
        lines=lines,
        has_more=has_more,
        bonuses=bonuses,
        is_paid=enrollment.price_minor > 0,
    )


def _newest(
    person_id: uuid.UUID, enrollments: Sequence[OwnEnrollment]
) -> dict[uuid.UUID, list[AnswerPay]]:
    with connection.cursor() as cursor:
        ids = [enrollment.id for enrollment in enrollments]
        cursor.execute("SELECT * FROM door_newest_answers(%s, %s, %s)", [person_id, ids, LINES])
        rows = cursor.fetchall()
    lines = with_outcomes(person_id, [AnswerPay(*line) for _, *line in rows])
    found: dict[uuid.UUID, list[AnswerPay]] = defaultdict(list)
    for (enrollment_id, *_), line in zip(rows, lines, strict=True):
        found[enrollment_id].append(line)
    return found


_PAY = ("id", "submitted_at", "price_minor", "currency", "state", "decide_by")


def answers_in(enrollment_id: uuid.UUID) -> QuerySet[Annotation]:
    """Return the annotator's own answers in a project, for `pay_of`. Annotator plane of its workspace."""
    return Annotation.objects.filter(enrollment_id=enrollment_id).only(*_PAY)


def pay_of(answers: Iterable[Annotation]) -> list[AnswerPay]:
    """Return what each of these answers pays, in their order."""
    return [AnswerPay(*(getattr(answer, name) for name in _PAY)) for answer in answers]


def with_outcomes(person_id: uuid.UUID, lines: Sequence[AnswerPay]) -> list[AnswerPay]:
    """Return these answers of a person with their outcomes. Door or annotator plane."""
    outcomes = outcomes_of(person_id, [line.id for line in lines])
    return [
        replace(line, outcome=outcome)
        if (outcome := outcomes.get(line.id)) and (outcome.rejected_at or outcome.returned_at)
        else line
        for line in lines
    ]


def totals(
    person_id: uuid.UUID, booked: dict[str, int], not_clear: dict[str, int], held: Iterable[Held]
) -> list[Total]:
    """Return one total for each currency. Unpaid projects are not in them. Door plane.

    `booked` and `not_clear` are the pay that is not yet paid out, as `payable` and `unclear` return it.
    """
    now = timezone.now()
    with connection.cursor() as cursor:
        values = person_id, _midnight(now), now - timedelta(days=7)
        cursor.execute("SELECT * FROM door_pay(%s, %s, %s)", values)
        waiting = {row[0]: row[1:] for row in cursor.fetchall()}
    on_hold: Counter[str] = Counter()
    for one in held:
        on_hold[one.currency] += one.amount_minor
    found = []
    earned = {c for sums in (booked, not_clear) for c, n in sums.items() if n}
    for currency in sorted(waiting.keys() | earned):
        booked_in = booked.get(currency, 0), not_clear.get(currency, 0)
        pending, today, week = waiting.get(currency, (0, 0, 0))
        found.append(Total(currency, *booked_in, pending, on_hold[currency], today, week))
    return found


def per_day(person_id: uuid.UUID, currency: str) -> list[tuple[date, int]]:
    """Return the pay of each of the last 14 days in one currency, in minor units. Door plane."""
    midnight = _midnight(timezone.now())
    found: list[Day] = days_of(person_id, midnight - timedelta(days=DAYS - 1))
    sums = Counter({one.day: one.pay_minor for one in found if one.currency == currency})
    days = [midnight.date() - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]
    return [(day, sums[day]) for day in days]


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
