"""/v1/balance, /v1/balance_transactions and /v1/balance_settings."""

from tests.stripe_emulator import money
from tests.stripe_emulator.errors import check_known, not_implemented
from tests.stripe_emulator.operations import PAGED, operation
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.views import listed
from tests.stripe_emulator.world import Call, World

KIND = "balance_transaction"


@operation("GET /v1/balance")
def retrieve_balance(call: Call) -> Object:
    """Return what the account has."""
    return money.balance(call.world, call.account)


@operation("GET /v1/balance_transactions", *PAGED, "currency", "payout", "source", "type")
def list_transactions(call: Call) -> Object:
    """Return what changed the account's balance; `payout` names those that a payout paid out."""
    if payout := call.get("payout"):
        call.world.find(call.account, "payout", payout, "payout")
        return listed(call, KIND, "/v1/balance_transactions", "body ->> '_payout' = ?", payout)
    return listed(call, KIND, "/v1/balance_transactions")


@operation("GET /v1/balance_transactions/{id}")
def retrieve_transaction(call: Call) -> Object:
    """Return one change of the balance."""
    return call.world.find(call.account, KIND, call.path["id"])


def settings(world: World, account: str) -> Object:
    """Return an account's stored balance settings; the platform is paid out by hand, other accounts every day."""
    found = world.store.select(account, "_balance_settings")
    interval = "manual" if account == world.platform else "daily"
    if found:
        return found[0]
    return world.new(account, "_balance_settings", "bs", interval=interval, descriptor=None)


@operation("GET /v1/balance_settings")
def retrieve_settings(call: Call) -> Object:
    """Return how the account is paid out."""
    return settings_view(call.world, call.account)


@operation("POST /v1/balance_settings", "payments")
def update_settings(call: Call) -> Object:
    """Change how the account is paid out."""
    stored = settings(call.world, call.account)
    payments = call.get("payments", {})
    check_known(payments, "payments", "payouts")
    payouts = payments.get("payouts", {})
    check_known(payouts, "payouts", "schedule", "statement_descriptor")
    interval = payouts.get("schedule", {}).get("interval", stored["interval"])
    if interval not in ("daily", "manual"):
        raise not_implemented(f"payouts that are {interval}")
    descriptor = payouts.get("statement_descriptor", stored["descriptor"])
    call.world.change(stored, interval=interval, descriptor=descriptor)
    view = settings_view(call.world, call.account)
    call.world.emit("balance_settings.updated", view, account=call.account)
    for currency in money.balances(call.world, call.account):
        call.world.later(0, "payouts.schedule", account=call.account, currency=currency)
    return view


def settings_view(world: World, account: str) -> Object:
    """Return an account's balance settings as the API shows them."""
    stored = settings(world, account)
    errored = world.store.select(account, "bank_account", "body ->> 'status' = 'errored'")
    payouts = {
        "minimum_balance_by_currency": None,
        "schedule": {"interval": stored["interval"]},
        "statement_descriptor": stored["descriptor"],
        "status": "disabled" if errored else "enabled",
    }
    timing = {"delay_days": 2, "delay_days_override": None}
    payments = {"debit_negative_balances": False, "payouts": payouts, "settlement_timing": timing}
    return {"object": "balance_settings", "payments": payments}
