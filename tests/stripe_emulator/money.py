"""Balances, and the balance transactions that are all that changes them."""

from typing import Any

from tests.stripe_emulator.jobs import job
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.world import World

# What a type is called in reports.
CATEGORIES = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund_failure",
    "transfer": "transfer",
    "transfer_refund": "transfer_reversal",
    "payout": "payout",
    "payout_failure": "payout_reversal",
    "payout_cancel": "payout_reversal",
}


def record(
    world: World,
    account: str,
    kind: str,
    amount: int,
    currency: str,
    source: str,
    *,
    fee: int = 0,
    available_on: int | None = None,
    category: str | None = None,
) -> Object:
    """Move money into (or, negative, out of) an account's balance. It is available at once if no time is given."""
    available_on = max(available_on or world.now, world.now)
    details = [
        {
            "amount": fee,
            "application": None,
            "currency": currency,
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }
    ]
    waits = available_on > world.now
    transaction = world.new(
        account,
        "balance_transaction",
        "txn",
        amount=amount,
        available_on=available_on,
        balance_type="payments",
        currency=currency,
        fee=fee,
        fee_details=details if fee else [],
        net=amount - fee,
        reporting_category=category or CATEGORIES[kind],
        source=source,
        status="pending" if waits else "available",
        type=kind,
    )
    _add(world, account, currency, **{"pending" if waits else "available": amount - fee})
    if waits:
        world.later(available_on - world.now, "money.settle", transaction=transaction["id"])
    return transaction


def _add(world: World, account: str, currency: str, pending: int = 0, available: int = 0) -> None:
    world.store.database.execute(
        "INSERT INTO balances VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
        " SET pending = pending + excluded.pending, available = available + excluded.available",
        (account, currency, pending, available),
    )
    if available > 0 and account != world.platform:
        world.later(0, "payouts.schedule", account=account, currency=currency)


@job("money.settle")
def settle(world: World, transaction: str) -> None:
    """Make pending money available."""
    found = world.store.get(transaction)
    account = world.store.owner(transaction)
    assert found is not None and account is not None
    world.change(found, status="available")
    _add(world, account, found["currency"], pending=-found["net"], available=found["net"])
    world.emit("balance.available", balance(world, account), account=account)


def balances(world: World, account: str) -> dict[str, tuple[int, int]]:
    """Pending and available money of an account, by currency."""
    rows = world.store.rows("SELECT * FROM balances WHERE account = ? ORDER BY currency", account)
    return {row["currency"]: (row["pending"], row["available"]) for row in rows}


def available(world: World, account: str, currency: str) -> int:
    """Return what an account can send away now."""
    return balances(world, account).get(currency, (0, 0))[1]


def balance(world: World, account: str) -> Object:
    """Return the balance as the API shows it."""
    held = balances(world, account) or {"usd": (0, 0)}

    def part(index: int) -> list[dict[str, Any]]:
        return [
            {"amount": each[index], "currency": currency, "source_types": {"card": each[index]}}
            for currency, each in held.items()
        ]

    return {"object": "balance", "livemode": False, "pending": part(0), "available": part(1)}
