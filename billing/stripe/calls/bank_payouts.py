"""Payouts that Stripe makes from a recipient's balance to their bank."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from billing.stripe.calls.sending import PAGE, called, listed, within
from billing.stripe.fields import Fields

STATUSES = ("pending", "in_transit", "paid", "failed", "canceled")


@dataclass(frozen=True, slots=True)
class BankPayout:
    """A payout to a bank. One that was paid can still fail some days later."""

    id: str
    status: str
    amount_minor: int
    currency: str
    destination: str
    is_automatic: bool
    arrives_at: datetime
    failure_code: str
    failure_words: str
    created_at: datetime


def of_account(account: str, *, since: datetime) -> Iterator[BankPayout]:
    """Yield an account's payouts made since then, the newest first."""
    created: Any = {"gte": int(since.timestamp())}
    return map(
        _read,
        listed(
            lambda stripe: stripe.v1.payouts.list(
                {"created": created, "limit": PAGE}, within(account)
            )
        ),
    )


def retrieve(payout: str, *, account: str) -> BankPayout:
    """Return a payout of an account as it is now."""
    return _read(called(lambda stripe: stripe.v1.payouts.retrieve(payout, options=within(account))))


def _read(found: Fields) -> BankPayout:
    return BankPayout(
        id=found.text("id"),
        status=found.one_of("status", STATUSES),
        amount_minor=found.integer("amount"),
        currency=found.currency(),
        destination=found.id_of("destination"),
        is_automatic=found.flag("automatic"),
        arrives_at=found.moment("arrival_date"),
        failure_code=found.text_or_empty("failure_code"),
        failure_words=found.text_or_empty("failure_message"),
        created_at=found.moment("created"),
    )
