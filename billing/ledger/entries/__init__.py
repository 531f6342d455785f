"""Pure builders of balanced journals, by what they are about."""

from billing.ledger.entries.base import (
    Entry,
    Purse,
    available,
    budget,
    hold,
    owed,
    payable,
    pending,
    platform,
    promised,
    reserve,
)
from billing.ledger.entries.bonuses import bonus, promise, unpromise
from billing.ledger.entries.corrections import reversal
from billing.ledger.entries.disputes import (
    dispute,
    dispute_appeal,
    dispute_lost,
    dispute_money,
    dispute_won,
)
from billing.ledger.entries.funding import deposit, draw, fund, release
from billing.ledger.entries.mirrors import bank_move, own_fee, unmatched
from billing.ledger.entries.payments import clearing, payment, repayment, stripe_fee
from billing.ledger.entries.payouts import (
    by_hand,
    payout,
    payout_failed,
    taken_back,
    transfer,
    transferred,
)
from billing.ledger.entries.refunds import refund, refund_ask, refund_bank, refund_fail
from billing.ledger.entries.work import Work, accrual, cleared, rejection, rejection_final

__all__ = [
    "Entry",
    "Purse",
    "Work",
    "accrual",
    "available",
    "bank_move",
    "bonus",
    "budget",
    "by_hand",
    "cleared",
    "clearing",
    "deposit",
    "dispute",
    "dispute_appeal",
    "dispute_lost",
    "dispute_money",
    "dispute_won",
    "draw",
    "fund",
    "hold",
    "owed",
    "own_fee",
    "payable",
    "payment",
    "payout",
    "payout_failed",
    "pending",
    "platform",
    "promise",
    "promised",
    "refund",
    "refund_ask",
    "refund_bank",
    "refund_fail",
    "rejection",
    "rejection_final",
    "release",
    "repayment",
    "reserve",
    "reversal",
    "stripe_fee",
    "taken_back",
    "transfer",
    "transferred",
    "unmatched",
    "unpromise",
]
