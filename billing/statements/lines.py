"""The lines of a person's statement: each answer and each bonus, what was decided, and where its money is."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any

from django.db import connection
from psycopg import adapters
from psycopg.pq import Format

from billing.statements.carriers import Carrier, Carriers, Part, carriers_of
from projects.review.own.outcomes import Outcome, Pay, outcomes_of
from projects.work.models import Annotation

PAGE = 50
#: So many lines of the days on a page are summed up at most.
MOST_SUMMED = 2_000
_FIRST_PAGE = "infinity"
_LAST_ID = uuid.UUID(int=2**128 - 1)
_TIMES = adapters.get_loader(adapters.types["timestamptz"].oid, Format.TEXT)


class MoneyState(StrEnum):
    """Where the money of a line is."""

    REVIEW = "review"
    HELD = "held"
    NOT_PAID = "not_paid"
    BOOKING = "booking"
    UNCLEAR = "unclear"
    PAYABLE = "payable"
    ON_ITS_WAY = "on_its_way"
    SENT = "sent"
    IN_BANK = "in_bank"


#: What these states are called in a table for a machine or an accountant.
MONEY_WORDS = {
    MoneyState.REVIEW: "waits for a decision",
    MoneyState.HELD: "on hold",
    MoneyState.NOT_PAID: "not paid",
    MoneyState.BOOKING: "accepted, being booked",
    MoneyState.UNCLEAR: "earned, not clear yet",
    MoneyState.PAYABLE: "owed to you",
    MoneyState.ON_ITS_WAY: "on its way",
    MoneyState.SENT: "sent to your account at Stripe",
    MoneyState.IN_BANK: "in the bank",
}
#: Who accepted an answer, by how the decision was made. Nobody is named.
ACCEPTED_BY = {
    "person": "by a reviewer",
    "review": "by paid reviewers",
    "clock": "automatically, in time",
}


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a line's money, where it is, and the payout that carries it. Most lines have one share."""

    amount_minor: int
    money: MoneyState
    payout: Carrier | None = None


@dataclass(slots=True)
class Line:
    """An answer or a bonus. Times are None for what has not happened.

    `price_version` is the number of the project's price that its batch was funded at, and `price_since` when that
    price was set. `answers` is how many answers a top-up is for; 0 for a bonus that has a `reason`. `clear_until` is
    where its money ends among all that ever became payable, and `parts` says which payouts carry it.
    """

    kind: str
    id: uuid.UUID
    enrollment_id: uuid.UUID
    workspace_id: uuid.UUID
    workspace: str
    project: str
    pseudonym: str
    is_archived: bool
    at: datetime
    amount_minor: int
    currency: str
    state: str
    decide_by: datetime | None
    reason: str
    answers: int
    price_version: int | None
    price_since: datetime | None
    accepted_by: str
    accepted_at: datetime | None
    booked_at: datetime | None
    clear_at: datetime | None
    clear_until: int | None
    outcome: Outcome | None = None
    parts: list[Part] = field(default_factory=list)

    @property
    def is_bonus(self) -> bool:
        return self.kind == "bonus"

    @property
    def may_have_outcome(self) -> bool:
        """Whether it may have been rejected or sent back in a way that shows: not a bonus, nor simply accepted."""
        return not self.is_bonus and not self.accepted_by

    @property
    def step(self) -> str:
        """What to say of the answer: its state, or how far the decisions on it are."""
        return self.outcome.step if self.outcome else self.state

    @property
    def accepted_words(self) -> str:
        """Who accepted it, in words; empty if it is not accepted, or after an appeal."""
        return ACCEPTED_BY.get(self.accepted_by, "")

    @property
    def shares(self) -> list[Share]:
        """Where its money is now: one share, or several if payouts or reversals have divided it."""
        if self.parts:
            return [
                Share(one.amount_minor, _money_of(one.carrier), one.carrier) for one in self.parts
            ]
        return [Share(self.amount_minor, self._money_before)]

    @property
    def is_not_paid(self) -> bool:
        return self.shares[0].money == MoneyState.NOT_PAID

    @property
    def _money_before(self) -> MoneyState:
        """Where its money is before any of it can be paid out."""
        if self.state == Annotation.State.REJECTED:
            final = self.outcome is not None and self.outcome.pay == Pay.NOT_PAID
            return MoneyState.NOT_PAID if final else MoneyState.HELD
        if self.state != Annotation.State.ACCEPTED:
            return MoneyState.REVIEW
        return MoneyState.UNCLEAR if self.booked_at else MoneyState.BOOKING


def _money_of(payout: Carrier | None) -> MoneyState:
    if payout is None:
        return MoneyState.PAYABLE
    if payout.bank_at:
        return MoneyState.IN_BANK
    return MoneyState.SENT if payout.is_sent else MoneyState.ON_ITS_WAY


@dataclass(frozen=True, slots=True)
class DayTotal:
    """Sums of one day (UTC) in one currency, over all its lines, also those on other pages.

    `in_payouts_minor` is how much of them was paid out or is on its way.
    """

    currency: str
    lines: int
    submitted_minor: int
    accepted_minor: int
    waiting_minor: int
    held_minor: int
    in_payouts_minor: int


@dataclass(frozen=True, slots=True)
class Day:
    """One day (UTC) of a page: its lines there, and the sums of the whole day. Without `totals` it has too many."""

    day: date
    totals: list[DayTotal]
    lines: list[Line]


def lines(
    person_id: uuid.UUID,
    carriers: Carriers,
    before: tuple[datetime, uuid.UUID] | None,
    most: int = PAGE + 1,
) -> list[Line]:
    """Return up to `most` lines of all workspaces before that time and id, the newest first. Door plane."""
    until, until_id = before or (_FIRST_PAGE, _LAST_ID)
    query = "SELECT * FROM door_statement(%s, %s, %s, %s)"
    return _read(person_id, carriers, query, [person_id, until, until_id, most])


def line(person_id: uuid.UUID, answer_id: uuid.UUID) -> Line | None:
    """Return the line of one of this person's answers; None if it is not theirs. Door plane."""
    query = "SELECT * FROM door_statement_line(%s, %s)"
    found = _read(person_id, carriers_of(person_id), query, [person_id, answer_id])
    return found[0] if found else None


def _read(person_id: uuid.UUID, carriers: Carriers, query: str, values: list[Any]) -> list[Line]:
    with connection.cursor() as cursor:
        # Django's loader of times is written in Python, and would take most of the time of a long file.
        cursor.adapters.register_loader("timestamptz", _TIMES)
        cursor.execute(query, values)
        found = [Line(*row) for row in cursor.fetchall()]
    outcomes = outcomes_of(person_id, [one.id for one in found if one.may_have_outcome])
    for one in found:
        outcome = outcomes.get(one.id)
        if outcome and (outcome.rejected_at or outcome.returned_at):
            one.outcome = outcome
        if one.clear_until is not None:
            one.parts = carriers.parts(one.currency, one.amount_minor, one.clear_until)
    return found


def by_day(person_id: uuid.UUID, found: Sequence[Line], carriers: Carriers) -> list[Day]:
    """Group the lines of a page by day, with the sums of each day. Door plane."""
    if not found:
        return []
    days = [(day, list(of)) for day, of in groupby(found, key=lambda one: _day_of(one.at))]
    totals = _totals(person_id, days[-1][0], days[0][0], carriers)
    return [Day(day, totals.get(day, []), of) for day, of in days]


def _totals(
    person_id: uuid.UUID, first: date, last: date, carriers: Carriers
) -> dict[date, list[DayTotal]]:
    since = datetime.combine(first, time(), UTC)
    till = datetime.combine(last, time(), UTC) + timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM door_statement_days(%s, %s, %s, %s)",
            [person_id, since, till, MOST_SUMMED + 1],
        )
        rows = cursor.fetchall()
    found: dict[date, list[DayTotal]] = {}
    if sum(row[2] for row in rows) <= MOST_SUMMED:
        for day, currency, *sums, amounts, ends in sorted(rows):
            clear = zip(amounts or [], ends or [], strict=True)
            carried = sum(_carried(carriers, currency, *one) for one in clear)
            found.setdefault(day, []).append(DayTotal(*(currency, *sums, carried)))
    return found


def _carried(carriers: Carriers, currency: str, amount_minor: int, until_minor: int) -> int:
    """Return how much of a line is in payouts."""
    parts = carriers.parts(currency, amount_minor, until_minor)
    return sum(part.amount_minor for part in parts if part.carrier)


def _day_of(at: datetime) -> date:
    return at.astimezone(UTC).date()
