"""The lines of a person's statement: each answer and each bonus, what was decided, and where its money is."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any

from django.db import connection

from billing.statements.own_payouts import PAYOUTS, VALUES
from projects.review.own.outcomes import Outcome, Pay, outcomes_of
from projects.work.models import Annotation
from rlhfhub.tenancy import planes

PAGE = 50
#: So many lines of the days on a page are summed up at most.
MOST_SUMMED = 2_000
_FIRST_PAGE = "infinity"
_LAST_ID = uuid.UUID(int=2**128 - 1)


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
class Sent:
    """The payout that carries a line's money, and when that reached the bank; None if it has not, as far as we know."""

    id: uuid.UUID
    begun_at: datetime
    is_sent: bool
    bank_at: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """An answer or a bonus. Times are None for what has not happened.

    `price_version` is the number of the project's price that its batch was funded at, and `price_since` when that
    price was set. `answers` is how many answers a top-up is for; 0 for a bonus that has a `reason`.
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
    outcome: Outcome | None = None
    payout: Sent | None = None

    @property
    def is_bonus(self) -> bool:
        return self.kind == "bonus"

    @property
    def step(self) -> str:
        """What to say of the answer: its state, or how far the decisions on it are."""
        return self.outcome.step if self.outcome else self.state

    @property
    def accepted_words(self) -> str:
        """Who accepted it, in words; empty if it is not accepted, or after an appeal."""
        return ACCEPTED_BY.get(self.accepted_by, "")

    @property
    def money(self) -> MoneyState:
        """Where its money is now."""
        if self.state == Annotation.State.REJECTED:
            final = self.outcome is not None and self.outcome.pay == Pay.NOT_PAID
            return MoneyState.NOT_PAID if final else MoneyState.HELD
        if self.state != Annotation.State.ACCEPTED:
            return MoneyState.REVIEW
        if self.payout is not None:
            return _money_of(self.payout)
        if self.booked_at is None:
            return MoneyState.BOOKING
        return MoneyState.PAYABLE if self.clear_at else MoneyState.UNCLEAR


def _money_of(payout: Sent) -> MoneyState:
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
    person_id: uuid.UUID, before: tuple[datetime, uuid.UUID] | None, most: int = PAGE + 1
) -> list[Line]:
    """Return up to `most` lines of all workspaces before that time and id, the newest first. Door plane."""
    until, until_id = before or (_FIRST_PAGE, _LAST_ID)
    return _read(
        person_id,
        "SELECT * FROM door_statement(%s, %s, %s, %s)",
        [person_id, until, until_id, most],
    )


def line(person_id: uuid.UUID, answer_id: uuid.UUID) -> Line | None:
    """Return the line of one of this person's answers; None if it is not theirs. Door plane."""
    values = [person_id, answer_id]
    found = _read(person_id, "SELECT * FROM door_statement_line(%s, %s)", values)
    return found[0] if found else None


def _read(person_id: uuid.UUID, query: str, values: list[Any]) -> list[Line]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found = [Line(*row) for row in cursor.fetchall()]
    return _with_payouts(person_id, _with_outcomes(person_id, found))


def _with_outcomes(person_id: uuid.UUID, found: Sequence[Line]) -> list[Line]:
    outcomes = outcomes_of(person_id, [one.id for one in found if not one.is_bonus])
    return [
        replace(one, outcome=outcome)
        if (outcome := outcomes.get(one.id)) and (outcome.rejected_at or outcome.returned_at)
        else one
        for one in found
    ]


# A payout takes all that is owed in a currency (or as much as Stripe takes at once), so a line is in the first one made
# after it became clear. If that failed or was wholly taken back, the next one took its money.
_PAYOUTS = f"""
    WITH p AS MATERIALIZED (SELECT * FROM ({PAYOUTS}) x WHERE x.left_minor > 0)
    SELECT t.id, first.id, first.created_at, first.is_sent, first.bank_at
    FROM unnest(%(ids)s::uuid[], %(times)s::timestamptz[], %(currencies)s::text[]) AS t (id, at, currency)
    CROSS JOIN LATERAL (
        SELECT * FROM p WHERE p.currency = t.currency AND p.created_at > t.at ORDER BY p.created_at LIMIT 1) first
"""  # noqa: S608  made of constants
_LAST = f"""
    SELECT p.currency, max(p.created_at) FROM ({PAYOUTS}) p WHERE p.left_minor > 0 GROUP BY p.currency
"""  # noqa: S608  made of constants


def _with_payouts(person_id: uuid.UUID, found: Sequence[Line]) -> list[Line]:
    clear = [(one.id, one.clear_at, one.currency) for one in found if one.clear_at]
    if not clear:
        return list(found)
    ids, times, currencies = (list(column) for column in zip(*clear, strict=True))
    values = VALUES | {"person": person_id, "ids": ids, "times": times, "currencies": currencies}
    with planes.at_desk(person_id), connection.cursor() as cursor:
        cursor.execute(_PAYOUTS, values)
        payouts = {row[0]: Sent(*row[1:]) for row in cursor.fetchall()}
    return [replace(one, payout=payouts.get(one.id)) for one in found]


def by_day(person_id: uuid.UUID, found: Sequence[Line]) -> list[Day]:
    """Group the lines of a page by day, with the sums of each day. Door plane."""
    if not found:
        return []
    days = [(day, list(of)) for day, of in groupby(found, key=lambda one: _day_of(one.at))]
    totals = _totals(person_id, days[-1][0], days[0][0])
    return [Day(day, totals.get(day, []), of) for day, of in days]


def _totals(person_id: uuid.UUID, first: date, last: date) -> dict[date, list[DayTotal]]:
    since = datetime.combine(first, time(), UTC)
    till = datetime.combine(last, time(), UTC) + timedelta(days=1)
    cuts = _last_payouts(person_id)
    values: list[Any] = [person_id, since, till, MOST_SUMMED + 1, list(cuts), list(cuts.values())]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_statement_days(%s, %s, %s, %s, %s, %s)", values)
        rows = cursor.fetchall()
    found: dict[date, list[DayTotal]] = {}
    if sum(row[2] for row in rows) <= MOST_SUMMED:
        for day, *sums in sorted(rows):
            found.setdefault(day, []).append(DayTotal(*sums))
    return found


def _last_payouts(person_id: uuid.UUID) -> dict[str, datetime]:
    """Return when the last payout of each currency was made whose money did not come back. Annotator plane."""
    with planes.at_desk(person_id), connection.cursor() as cursor:
        cursor.execute(_LAST, VALUES | {"person": person_id})
        return dict(cursor.fetchall())


def _day_of(at: datetime) -> date:
    return at.astimezone(UTC).date()
