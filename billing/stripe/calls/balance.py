"""The balance of an account at Stripe."""

from collections.abc import Iterator
from dataclasses import dataclass

from billing.stripe.calls.sending import called, within
from billing.stripe.fields import Fields


@dataclass(frozen=True, slots=True)
class Balance:
    """Minor units by currency. What is pending becomes available by itself."""

    available: dict[str, int]
    pending: dict[str, int]


def retrieve(*, account: str = "") -> Balance:
    """Return the balance of the platform, or of a connected account."""
    found = called(lambda stripe: stripe.v1.balance.retrieve(options=within(account)))
    return Balance(
        available=_by_currency(found.parts("available")),
        pending=_by_currency(found.parts("pending")),
    )


def _by_currency(parts: Iterator[Fields]) -> dict[str, int]:
    return {part.currency(): part.integer("amount") for part in parts}
