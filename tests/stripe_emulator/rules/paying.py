"""How tests pay, and read a balance."""

from typing import Any

import stripe


def pay(
    client: stripe.StripeClient, amount: int = 10_000, method: str = "pm_card_visa", **more: Any
) -> Any:
    fields = {"amount": amount, "currency": "usd", "payment_method": method, "confirm": True}
    return client.v1.payment_intents.create(fields | more)


def balance(
    client: stripe.StripeClient, account: str | None = None, currency: str = "usd"
) -> tuple[int, int]:
    """Pending and available money."""
    held = client.v1.balance.retrieve({}, {"stripe_account": account} if account else {})
    return tuple(
        sum(part.amount for part in parts if part.currency == currency)
        for parts in (held.pending, held.available)
    )  # type: ignore[return-value]
