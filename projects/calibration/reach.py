"""Whom a round reaches: those who wait and have had none of its items. Workspace plane."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Q

from projects.calibration.models import Round, RoundItem
from projects.calibration.needs import who_waits
from projects.work.models import Lease

_HAD = Q(ended_as=None) | Q(ended_as__in=[Lease.EndedAs.SUBMITTED, Lease.EndedAs.RETURNED])


def had_by(
    people: Collection[uuid.UUID], items: Collection[uuid.UUID]
) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Return which of these annotators have had each item, for whatever purpose; items that none had are left out."""
    found: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    if people and items:
        rows = Lease.objects.filter(_HAD, annotator_id__in=people, item__in=items)
        for item, person in rows.order_by().values_list("item_id", "annotator_id").distinct():
            found[item].add(person)
    return found


def losses_of(had: Mapping[uuid.UUID, Collection[uuid.UUID]]) -> dict[uuid.UUID, int]:
    """Return for each item that somebody has had how much a round loses by it.

    Who has had most items counts least, for a set that is new to them is the hardest to find; an item counts like the
    one of those who have had it that counts most. So items drawn in this order keep out as few people as possible.
    """
    counts = Counter(person for people in had.values() for person in people)
    ranked = sorted(counts, key=lambda person: (-counts[person], person))
    rank = {person: at for at, person in enumerate(ranked, 1)}
    return {item: max(rank[person] for person in people) for item, people in had.items()}


@dataclass(frozen=True, slots=True)
class Reach:
    """How many annotators wait for a round, and how many of them have had no item of one round's first attempt."""

    waiting: int
    able: int

    @property
    def kept_out(self) -> int:
        """How many have had some of its items, and so cannot take it."""
        return self.waiting - self.able


def reach_of(of: Round) -> Reach:
    """Return how many of those who wait can take a round."""
    people = list(who_waits(of.project).values_list("annotator_id", flat=True))
    rows = RoundItem.objects.filter(round=of, attempt=1)
    had = had_by(people, list(rows.values_list("item_id", flat=True)))
    return Reach(len(people), len(people) - len(set().union(*had.values())))
