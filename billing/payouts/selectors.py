"""A person's payouts and what is next, as their page and REST show it. Annotator plane of the person."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from billing.ledger.models import Account
from billing.payouts.models import BankPayout, Payout, PayoutRun, Reversal
from billing.recipients.selectors import how_paid
from rlhfhub.tenancy import clock

MOST_TO_BANK = 10


@dataclass(frozen=True, slots=True)
class Owed:
    """A person's money in one currency: owed, not clear yet, on its way, and sent so far and not taken back.

    `least_minor` is the least of a payout.
    """

    currency: str
    payable_minor: int
    unclear_minor: int
    in_payout_minor: int
    sent_minor: int
    least_minor: int

    @property
    def is_enough(self) -> bool:
        return self.payable_minor >= self.least_minor


@dataclass(frozen=True, slots=True)
class Next:
    """When the next payout begins (UTC), and whether this person can be paid then.

    `is_asked` says that they have asked for one now that is not made yet.
    """

    day: date
    can_be_paid: bool
    is_by_hand: bool
    is_asked: bool


def least(currency: str) -> int:
    """Return the least amount of a payout, in minor units."""
    return settings.PAYOUT_LEAST.get(currency, 1)


def owed(person_id: uuid.UUID) -> list[Owed]:
    """Return the person's money by currency. Currencies in which they never had any are left out."""
    kinds = Account.Kind
    mine = (kinds.ANNOTATOR_PAYABLE, kinds.ANNOTATOR_PENDING, kinds.ANNOTATOR_IN_PAYOUT)
    rows = Account.objects.filter(person_id=person_id, kind__in=mine)
    sums = rows.values_list("currency", "kind").annotate(total=Sum("balance_minor")).order_by()
    found = {(currency, kind): int(total) for currency, kind, total in sums}
    sent = dict(
        own(person_id)
        .filter(state=Payout.State.PAID)
        .values_list("currency")
        .annotate(total=Sum("amount_minor") - Sum("reversed_minor"))
        .order_by()
    )
    return [
        Owed(
            currency=currency,
            payable_minor=found.get((currency, kinds.ANNOTATOR_PAYABLE), 0),
            unclear_minor=found.get((currency, kinds.ANNOTATOR_PENDING), 0),
            in_payout_minor=found.get((currency, kinds.ANNOTATOR_IN_PAYOUT), 0),
            sent_minor=int(sent.get(currency, 0)),
            least_minor=least(currency),
        )
        for currency in sorted({currency for currency, _ in found})
    ]


def upcoming(person_id: uuid.UUID) -> Next:
    """Return when the person is paid next."""
    today = clock.now().date()
    how = how_paid(person_id)
    return Next(
        day=today + timedelta(days=(settings.PAYOUT_WEEKDAY - today.weekday() - 1) % 7 + 1),
        can_be_paid=how.can_be_paid,
        is_by_hand=how.is_by_hand,
        is_asked=PayoutRun.objects.filter(person_id=person_id, made_at=None).exists(),
    )


def own(person_id: uuid.UUID) -> QuerySet[Payout]:
    """Return this person's payouts, each with what was taken back of it as `reversed_minor`."""
    done = Reversal.objects.filter(payout=OuterRef("pk"), state=Reversal.State.DONE)
    total = done.values("payout").annotate(total=Sum("amount_minor")).values("total")
    rows = Payout.objects.filter(person_id=person_id)
    return rows.annotate(reversed_minor=Coalesce(Subquery(total), 0))


def to_bank(person_id: uuid.UUID) -> list[BankPayout]:
    """Return the newest payments from this person's account at Stripe to their bank, the newest first."""
    rows = BankPayout.objects.filter(person_id=person_id).order_by("-created_at")
    return list(rows[:MOST_TO_BANK])
