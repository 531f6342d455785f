"""How far a person's money has come in each currency, from the answer that waits to the bank."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from billing.accruals.selectors import Total
from billing.payouts.selectors import Owed
from billing.statements.carriers import Carriers
from rlhfhub.tenancy import clock
from rlhfhub.web.stacks import Part, Stack, stack
from rlhfhub.web.templatetags.amounts import money

#: What reached the bank within so many days is part of the picture; older money is only in the sum.
DAYS_IN_BANK = 30


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent in one currency: not in the bank as far as we know, there since `DAYS_IN_BANK` days, and ever."""

    at_stripe_minor: int = 0
    new_in_bank_minor: int = 0
    in_bank_minor: int = 0


@dataclass(frozen=True, slots=True)
class Stages:
    """A person's money in one currency by how far it has come, in minor units."""

    currency: str
    pending_minor: int
    held_minor: int
    unclear_minor: int
    payable_minor: int
    in_payout_minor: int
    sent: Sent
    today_minor: int
    week_minor: int

    @property
    def bar(self) -> Stack:
        """The way of the money in one bar."""
        parts = [
            Part("Waiting for a decision", self.pending_minor),
            Part(
                "On hold",
                self.held_minor,
                "rejected work that you can appeal, or whose appeal waits",
            ),
            Part(
                "Earned, not clear yet",
                self.unclear_minor,
                "it is yours; a new customer’s card payments wait some days before we pay out",
            ),
            Part("Earned and owed to you", self.payable_minor),
            Part("On its way", self.in_payout_minor),
            Part("Sent to your account at Stripe", self.sent.at_stripe_minor),
            Part(f"In the bank, last {DAYS_IN_BANK} days", self.sent.new_in_bank_minor),
        ]
        return stack(
            parts,
            name=f"way-{self.currency}",
            title=f"How far your {self.currency} have come",
            form=lambda minor: money(minor, self.currency),
        )


def sent(carriers: Carriers) -> dict[str, Sent]:
    """Return what was sent to a person by currency, without what came back. Executes a statement."""
    since = clock.now() - timedelta(days=DAYS_IN_BANK)
    found: dict[str, Sent] = {}
    for one in carriers.payouts:
        if one.is_sent:
            known, at = found.get(one.currency, Sent()), one.bank_at
            found[one.currency] = Sent(
                known.at_stripe_minor + (0 if at else one.left_minor),
                known.new_in_bank_minor + (one.left_minor if at and at >= since else 0),
                known.in_bank_minor + (one.left_minor if at else 0),
            )
    return found


def stages(
    totals: Sequence[Total], owed: Sequence[Owed], was_sent: dict[str, Sent]
) -> list[Stages]:
    """Return the stages of each currency in which the person ever earned something or has work that waits."""
    waiting = {total.currency: total for total in totals}
    booked = {one.currency: one for one in owed}
    found = []
    for currency in sorted(waiting.keys() | booked.keys()):
        total, one = waiting.get(currency), booked.get(currency)
        found.append(
            Stages(
                currency=currency,
                pending_minor=total.pending_minor if total else 0,
                held_minor=total.held_minor if total else 0,
                unclear_minor=one.unclear_minor if one else 0,
                payable_minor=one.payable_minor if one else 0,
                in_payout_minor=one.in_payout_minor if one else 0,
                sent=was_sent.get(currency, Sent()),
                today_minor=total.today_minor if total else 0,
                week_minor=total.week_minor if total else 0,
            )
        )
    return found
