"""What a person earned and was paid in a calendar year (UTC), by workspace and currency, as the ledger has it."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from rlhfhub.tenancy import clock


@dataclass(frozen=True, slots=True)
class Earned:
    """What was booked for a person from one workspace in one currency: for answers, and as bonuses, in minor units."""

    workspace_id: uuid.UUID
    workspace: str
    currency: str
    work_minor: int
    bonus_minor: int

    @property
    def total_minor(self) -> int:
        return self.work_minor + self.bonus_minor


@dataclass(frozen=True, slots=True)
class PaidOut:
    """What left for a person in one currency, and what came back or was corrected (signed), in minor units."""

    currency: str
    sent_minor: int
    corrected_minor: int


@dataclass(frozen=True, slots=True)
class CurrencyTotal:
    """All of a year in one currency. `open_minor` is how much more than before is owed at its end (signed)."""

    currency: str
    work_minor: int
    bonus_minor: int
    corrected_minor: int
    sent_minor: int

    @property
    def earned_minor(self) -> int:
        return self.work_minor + self.bonus_minor

    @property
    def open_minor(self) -> int:
        return self.earned_minor + self.corrected_minor - self.sent_minor


@dataclass(frozen=True, slots=True)
class Year:
    """A person's year. `is_over` says whether it has ended (UTC)."""

    year: int
    earned: list[Earned]
    totals: list[CurrencyTotal]
    is_over: bool


def years_of(person_id: uuid.UUID) -> list[int]:
    """Return the years in which money of this person moved, and the present one, newest first. Door plane."""
    now = clock.now().year
    first, last = _fetch("SELECT * FROM door_earning_years(%s)", [person_id])[0]
    if first is None:
        return [now]
    return list(range(max(last.astimezone(UTC).year, now), first.astimezone(UTC).year - 1, -1))


def year_of(person_id: uuid.UUID, year: int) -> Year:
    """Return the totals of one calendar year (UTC). Door plane."""
    since, till = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    values: list[Any] = [person_id, since, till]
    earned = [Earned(*row) for row in _fetch("SELECT * FROM door_earned(%s, %s, %s)", values)]
    paid = [PaidOut(*row) for row in _fetch("SELECT * FROM door_paid_out(%s, %s, %s)", values)]
    return Year(year, earned, _totals(earned, paid), is_over=clock.now() >= till)


def _totals(earned: list[Earned], paid: list[PaidOut]) -> list[CurrencyTotal]:
    moved = {one.currency: one for one in paid}
    found = []
    for currency in sorted({one.currency for one in earned} | moved.keys()):
        mine = [one for one in earned if one.currency == currency]
        out = moved.get(currency, PaidOut(currency, 0, 0))
        found.append(
            CurrencyTotal(
                currency=currency,
                work_minor=sum(one.work_minor for one in mine),
                bonus_minor=sum(one.bonus_minor for one in mine),
                corrected_minor=out.corrected_minor,
                sent_minor=out.sent_minor,
            )
        )
    return found


def _fetch(query: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
