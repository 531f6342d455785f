"""Balance transactions: every change of an account's balance at Stripe."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from billing.stripe.calls.sending import PAGE, called, listed, within
from billing.stripe.fields import Fields

STATUSES = ("available", "pending")


@dataclass(frozen=True, slots=True)
class BalanceTransaction:
    """A change of the balance: `net_minor` = `amount_minor` − `fee_minor`, signed as the account's owner sees it.

    `source` is the id of the charge, refund, dispute, transfer or payout that it belongs to.
    """

    id: str
    type: str
    category: str
    source: str
    status: str
    amount_minor: int
    fee_minor: int
    net_minor: int
    currency: str
    words: str
    created_at: datetime
    available_at: datetime


def retrieve(transaction: str, *, account: str = "") -> BalanceTransaction:
    """Return a transaction of the platform, or of a connected account."""
    return read(
        called(
            lambda stripe: stripe.v1.balance_transactions.retrieve(
                transaction, options=within(account)
            )
        )
    )


def after(last: str, *, account: str = "") -> Iterator[BalanceTransaction]:
    """Yield the transactions that came after the one with the id `last`, the oldest first, page after page.

    With "" all are yielded; to find the oldest one, all pages are read first.
    """
    if not last:
        oldest = deque(listed(lambda stripe: _page(stripe, {}, account)), maxlen=1)
        if not oldest:
            return
        first = read(oldest[0])
        yield first
        last = first.id
    for found in listed(lambda stripe: _page(stripe, {"ending_before": last}, account)):
        yield read(found)


def _page(stripe: Any, cursor: dict[str, str], account: str) -> Any:
    return stripe.v1.balance_transactions.list({"limit": PAGE, **cursor}, within(account))


def read(found: Fields) -> BalanceTransaction:
    """Return a transaction that is written out in another object."""
    return BalanceTransaction(
        id=found.text("id"),
        type=found.text("type"),
        category=found.text("reporting_category"),
        source=found.id_of("source"),
        status=found.one_of("status", STATUSES),
        amount_minor=found.integer("amount"),
        fee_minor=found.integer("fee"),
        net_minor=found.integer("net"),
        currency=found.currency(),
        words=found.text_or_empty("description"),
        created_at=found.moment("created"),
        available_at=found.moment("available_on"),
    )
