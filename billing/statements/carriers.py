"""Which payouts carry which money of a person.

Money leaves what is owed to a person in the order in which it came there. So all that ever became payable in a currency
is one row of minor units, of which each payout took the next ones. What came back of a payout became payable again: at
the end of that row as it was then, from where a later payout took it. A reversal takes back the last units of its
payout that no earlier one took.
"""

import uuid
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Carrier:
    """A payout: it took the `amount_minor` units that end at `until_minor`.

    `back` has amount and end of what became payable again of it, the oldest first. `bank_at` is when the payout reached
    the bank; None if it has not, as far as we know.
    """

    id: uuid.UUID
    currency: str
    begun_at: datetime
    is_sent: bool
    bank_at: datetime | None
    amount_minor: int
    until_minor: int
    back: tuple[Span, ...]

    @property
    def left_minor(self) -> int:
        """How much of it did not come back."""
        return self.amount_minor - sum(amount for amount, _ in self.back)

    def came_back(self, first: int, end: int) -> Iterator[Span]:
        """Yield where those of these units are now that came back: first and end of each span."""
        top = self.until_minor
        for amount, until in self.back:
            low = top - amount
            moved = until - top
            if max(first, low) < min(end, top):
                yield max(first, low) + moved, min(end, top) + moved
            top = low


@dataclass(frozen=True, slots=True)
class Part:
    """A part of some money, and the payout that carries it; None if it is owed now."""

    amount_minor: int
    carrier: Carrier | None


class Carriers:
    """All payouts of a person, by which the way of their money is found."""

    def __init__(self, payouts: Iterable[Carrier]) -> None:
        self.payouts = sorted(payouts, key=lambda one: one.until_minor)
        self._of: dict[str, list[Carrier]] = defaultdict(list)
        self._ends: dict[str, list[int]] = defaultdict(list)
        self._kept: dict[str, list[int]] = defaultdict(list)
        for payout in self.payouts:
            self._of[payout.currency].append(payout)
            self._ends[payout.currency].append(payout.until_minor)
            # Where its units end that did not come back: they are its first ones.
            self._kept[payout.currency].append(
                payout.until_minor - payout.amount_minor + payout.left_minor
            )

    def parts(self, currency: str, amount_minor: int, until_minor: int) -> list[Part]:
        """Return which payouts carry the units that end at `until_minor`, in the payouts' order, what is owed last."""
        payouts, ends = self._of.get(currency, []), self._ends.get(currency, [])
        sums: Counter[int] = Counter()
        todo = [(until_minor - amount_minor, until_minor)]
        while todo:
            first, end = todo.pop()
            at = bisect_right(ends, first)
            if at == len(payouts):
                sums[at] += end - first
                continue
            if ends[at] < end:
                todo.append((ends[at], end))
                end = ends[at]
            kept = min(end, self._kept[currency][at])
            sums[at] += max(0, kept - first)
            if kept < end:
                todo += payouts[at].came_back(first, end)
        return [
            Part(amount, payouts[at] if at < len(payouts) else None)
            for at, amount in sorted(sums.items())
            if amount
        ]


def carriers_of(person_id: uuid.UUID) -> Carriers:
    """Return the person's payouts, also those of which all came back. Door plane."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_carriers(%s)", [person_id])
        rows = cursor.fetchall()
    return Carriers(
        Carrier(*(*row, tuple(zip(amounts, ends, strict=True)))) for *row, amounts, ends in rows
    )
