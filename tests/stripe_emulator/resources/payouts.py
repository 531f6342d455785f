"""/v1/payouts: money from a balance to a bank account, every day for connected accounts."""

from tests.stripe_emulator import currencies, money
from tests.stripe_emulator.clock import DAY
from tests.stripe_emulator.errors import Refusal
from tests.stripe_emulator.jobs import job
from tests.stripe_emulator.operations import PAGED, operation
from tests.stripe_emulator.recipients import bank_account_of, fails_with, note_bank_account
from tests.stripe_emulator.resources.balance import settings
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.views import listed, merged_metadata
from tests.stripe_emulator.world import Call, World

KIND = "payout"
TRAVELS = DAY
MESSAGES = {
    "account_closed": "The bank account has been closed.",
    "no_account": "The bank account could not be located.",
    "insufficient_funds": "Your Stripe account has insufficient funds to cover the payout.",
    "debit_not_authorized": "Debit transactions are not approved on your bank account.",
    "invalid_currency": "The bank was unable to process this payout because of its currency.",
}


@job("payouts.schedule")
def schedule(world: World, account: str, currency: str) -> None:
    """Plan the next daily payout of a balance, at the next midnight UTC. A second one will find nothing to pay."""
    if money.available(world, account, currency) > 0:
        world.later(
            DAY - world.now % DAY, "payouts.pay_balance", account=account, currency=currency
        )


@job("payouts.pay_balance")
def pay_balance(world: World, account: str, currency: str) -> None:
    """Pay out all that is available, if there is a bank account that works."""
    amount = money.available(world, account, currency)
    bank = bank_account_of(world, account)
    daily = settings(world, account)["interval"] != "manual"
    if amount > 0 and bank and bank["status"] != "errored" and daily:
        _send(world, account, amount, currency, bank["id"], automatic=True)


def _send(
    world: World,
    account: str,
    amount: int,
    currency: str,
    bank: str,
    *,
    automatic: bool,
    **fields: object,
) -> Object:
    payout = world.new(
        account,
        KIND,
        "po",
        amount=amount,
        currency=currency,
        arrival_date=world.now + TRAVELS,
        automatic=automatic,
        destination=bank,
        method="standard",
        reconciliation_status="in_progress" if automatic else "not_applicable",
        source_type="card",
        status="pending",
        type="bank_account",
        **{"metadata": {}} | fields,
    )
    taken = money.record(world, account, "payout", -amount, currency, payout["id"])
    world.change(payout, balance_transaction=taken["id"])
    if automatic:
        _claim_transactions(world, account, currency, payout["id"])
    world.emit("payout.created", payout)
    world.later(60, "payouts.depart", payout=payout["id"])
    world.later(TRAVELS, "payouts.arrive", payout=payout["id"])
    return payout


def _claim_transactions(world: World, account: str, currency: str, payout: str) -> None:
    """Note which transactions an automatic payout pays out: all available ones that no earlier one did."""
    world.store.database.execute(
        "UPDATE objects SET body = json_set(body, '$._payout', ?) WHERE account = ? AND kind = 'balance_transaction'"
        " AND body ->> 'status' = 'available' AND body ->> 'currency' = ? AND body ->> '_payout' IS NULL",
        (payout, account, currency),
    )


@job("payouts.depart")
def depart(world: World, payout: str) -> None:
    """Hand a payout to the bank."""
    found = world.store.get(payout)
    if found and found["status"] == "pending":
        world.change(found, "payout.updated", status="in_transit")


@job("payouts.arrive")
def arrive(world: World, payout: str) -> None:
    """Let a payout arrive, or fail if its bank account does not work."""
    found = world.store.get(payout)
    if found is None or found["status"] not in ("pending", "in_transit"):
        return
    bank = world.store.get(found["destination"])
    if code := fails_with(bank):
        fail(world, payout, code)
        return
    trace = {"status": "supported", "value": f"FED{payout[-12:]}"}
    done = "completed" if found["automatic"] else "not_applicable"
    world.change(found, status="paid", reconciliation_status=done, trace_id=trace)
    world.emit("payout.paid", found)
    if found["automatic"]:
        world.emit("payout.reconciliation_completed", found)


def fail(world: World, payout: str, code: str) -> None:
    """Fail a payout. Its money comes back, and no other is made before the bank account is changed."""
    found = world.store.get(payout)
    if found is None or found["object"] != KIND or found["status"] in ("failed", "canceled"):
        raise Refusal(f"{payout} is no payout that could fail")
    account = world.store.owner(payout) or world.platform
    back = money.record(
        world, account, "payout_failure", found["amount"], found["currency"], payout
    )
    world.change(
        found, status="failed", failure_code=code, failure_message=MESSAGES.get(code, code),
        failure_balance_transaction=back["id"],
    )  # fmt: skip
    world.emit("payout.failed", found)
    note_bank_account(world, account, found["destination"], "errored")


@operation(
    "POST /v1/payouts",
    "amount",
    "currency",
    "description",
    "metadata",
    "destination",
    "statement_descriptor",
)
def create(call: Call) -> Object:
    """Pay out by hand."""
    currency, amount = currencies.checked(call.get("currency")), call.get("amount")
    bank = bank_account_of(call.world, call.account)
    if bank is None and call.account != call.world.platform:
        raise Refusal(
            "Sorry, you don't have any external accounts in that currency.",
            code="payouts_not_allowed",
        )
    if money.available(call.world, call.account, currency) < amount:
        raise Refusal(
            "You have insufficient funds in your Stripe account for this payout.",
            code="balance_insufficient",
        )
    metadata = merged_metadata({}, call.get("metadata"))
    fields = call.given("description", "statement_descriptor")
    destination = bank["id"] if bank else None
    return _send(
        call.world,
        call.account,
        amount,
        currency,
        destination,
        automatic=False,
        metadata=metadata,
        **fields,
    )


@operation("POST /v1/payouts/{payout}/cancel")
def cancel(call: Call) -> Object:
    """Take back a payout that has not left."""
    payout = retrieve(call)
    if payout["status"] != "pending":
        raise Refusal(
            f"Payouts can only be canceled while they are pending; this one is {payout['status']}."
        )
    money.record(
        call.world,
        call.account,
        "payout_cancel",
        payout["amount"],
        payout["currency"],
        payout["id"],
    )
    call.world.change(payout, status="canceled")
    call.world.emit("payout.canceled", payout)
    return payout


@operation("GET /v1/payouts/{payout}")
def retrieve(call: Call) -> Object:
    """Return one payout."""
    return call.world.find(call.account, KIND, call.path["payout"])


@operation("GET /v1/payouts", *PAGED, "destination", "status")
def list_payouts(call: Call) -> Object:
    """Return the account's payouts."""
    return listed(call, KIND, "/v1/payouts")
