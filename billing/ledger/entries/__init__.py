"""Pure builders of balanced journals, by what they are about."""

from billing.ledger.entries.base import (
    Entry,
    Purse,
    available,
    budget,
    hold,
    payable,
    platform,
    promised,
    reserve,
)
from billing.ledger.entries.bonuses import bonus, promise
from billing.ledger.entries.corrections import reversal
from billing.ledger.entries.funding import deposit, draw, fund, release
from billing.ledger.entries.payouts import by_hand, payout, payout_failed, transfer, transferred
from billing.ledger.entries.work import Work, accrual, rejection, rejection_final

__all__ = [
    "Entry",
    "Purse",
    "Work",
    "accrual",
    "available",
    "bonus",
    "budget",
    "by_hand",
    "deposit",
    "draw",
    "fund",
    "hold",
    "payable",
    "payout",
    "payout_failed",
    "platform",
    "promise",
    "promised",
    "rejection",
    "rejection_final",
    "release",
    "reserve",
    "reversal",
    "transfer",
    "transferred",
]
