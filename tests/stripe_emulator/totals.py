"""The emulator's own ledger, by account, currency and category, which tests compare with the site's."""

from typing import Any

from tests.stripe_emulator.money import balances
from tests.stripe_emulator.world import World


def totals(world: World) -> dict[str, Any]:
    """Every account's balances, and the sums of its balance transactions by category.

    `accounts[ACCOUNT][CURRENCY]` has `pending`, `available` and `categories[CATEGORY]` (amount, fee, net, count);
    `in_order` says that each balance is the sum of its transactions.
    """
    rows = world.store.rows(
        "SELECT account, body ->> 'currency' AS currency, body ->> 'reporting_category' AS category,"
        " sum(body ->> 'amount') AS amount, sum(body ->> 'fee') AS fee, sum(body ->> 'net') AS net, count(*) AS count"
        " FROM objects WHERE kind = 'balance_transaction' GROUP BY 1, 2, 3"
    )
    accounts: dict[str, Any] = {}
    for row in rows:
        held = accounts.setdefault(row["account"], {}).setdefault(
            row["currency"], {"categories": {}}
        )
        held["categories"][row["category"]] = {
            name: row[name] for name in ("amount", "fee", "net", "count")
        }
    in_order = True
    for account, currencies in accounts.items():
        for currency, (pending, available) in balances(world, account).items():
            held = currencies[currency]
            held |= {"pending": pending, "available": available}
            in_order &= pending + available == sum(
                each["net"] for each in held["categories"].values()
            )
    return {"platform": world.platform, "accounts": accounts, "in_order": in_order}
