"""Disputes: a bank takes a payment back until it is decided whose the money is."""

from dataclasses import dataclass
from datetime import datetime

from billing.stripe.calls import balance_transactions
from billing.stripe.calls.balance_transactions import BalanceTransaction
from billing.stripe.calls.sending import called

#: Inquiries and what was prevented in time: no money was taken.
WITHOUT_MONEY = ("warning_needs_response", "warning_under_review", "warning_closed", "prevented")
OPEN = ("needs_response", "under_review", "appeal_needs_response", "appeal_under_review")
CLOSED = ("won", "lost")
STATUSES = (*WITHOUT_MONEY, *OPEN, *CLOSED)


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute, with the balance transactions by which it took money and gave it back."""

    id: str
    status: str
    reason: str
    payment_intent: str
    charge: str
    amount_minor: int
    currency: str
    answer_by: datetime | None
    transactions: tuple[BalanceTransaction, ...]
    created_at: datetime


def retrieve(dispute: str) -> Dispute:
    """Return a dispute as it is now."""
    found = called(lambda stripe: stripe.v1.disputes.retrieve(dispute))
    return Dispute(
        id=found.text("id"),
        status=found.one_of("status", STATUSES),
        reason=found.text("reason"),
        payment_intent=found.id_of("payment_intent"),
        charge=found.id_of("charge"),
        amount_minor=found.integer("amount"),
        currency=found.currency(),
        answer_by=found.part("evidence_details").moment_or_none("due_by"),
        transactions=tuple(map(balance_transactions.read, found.parts("balance_transactions"))),
        created_at=found.moment("created"),
    )
