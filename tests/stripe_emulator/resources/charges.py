"""/v1/charges: what a payment took from a card or a bank account."""

from typing import Any

from tests.stripe_emulator import currencies, money
from tests.stripe_emulator.clock import DAY
from tests.stripe_emulator.jobs import job
from tests.stripe_emulator.operations import PAGED, operation
from tests.stripe_emulator.resources.payment_methods import BILLING, Method, details, method_of
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.views import EXPANSIONS, listed, listing, merged_metadata
from tests.stripe_emulator.world import Call, World

KIND = "charge"
CARD_IS_PENDING_FOR = 2 * DAY
FEES = {"card": currencies.card_fee, "us_bank_account": currencies.debit_fee}


def make(world: World, account: str, intent: Object, method: Object, status: str) -> Object:
    """Charge a payment method. A charge is `succeeded`, `pending` (a bank debit) or `failed`."""
    known = method_of(method)
    paid = status == "succeeded"
    outcome = {
        "network_status": "approved_by_network",
        "type": "authorized",
        "seller_message": "Payment complete.",
    }
    charge = world.new(
        account,
        KIND,
        "ch" if known.type == "card" else "py",
        amount=intent["amount"],
        amount_captured=intent["amount"] if paid else 0,
        amount_refunded=0,
        billing_details=dict(BILLING),
        captured=status != "failed",
        disputed=False,
        outcome=outcome,
        paid=status != "failed",
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details=_method_details(known),
        refunded=False,
        status=status,
        _method=method["_method"],
        **{name: intent[name] for name in COPIED},
    )
    if paid:
        charge = world.change(charge, receipt_url=f"{world.address}/receipts/{charge['id']}")
    return charge


COPIED = (
    "currency",
    "customer",
    "description",
    "metadata",
    "receipt_email",
    "statement_descriptor",
    "transfer_group",
)


def _method_details(method: Method) -> Object:
    known: dict[str, Any] = details(method)
    if method.type == "card":
        known |= {"network": "visa", "three_d_secure": None, "wallet": None}
    return {"type": method.type, method.type: known}


def fail(world: World, charge: Object, code: str, message: str) -> Object:
    """Note that a charge failed."""
    fields = {
        "status": "failed",
        "paid": False,
        "captured": False,
        "failure_code": code,
        "failure_message": message,
    }
    world.change(
        charge,
        **fields,
        outcome={"network_status": "declined_by_network", "type": "issuer_declined"},
    )
    world.emit("charge.failed", charge)
    return charge


def succeed(world: World, charge: Object) -> Object:
    """Note that a charge succeeded. Its money arrives in the balance a moment later, as with Stripe."""
    receipt = f"{world.address}/receipts/{charge['id']}"
    world.change(charge, status="succeeded", amount_captured=charge["amount"], receipt_url=receipt)
    world.emit("charge.succeeded", charge)
    world.later(0, "charges.enter_balance", charge=charge["id"])
    if method_of(charge).disputed:
        world.later(0, "disputes.open", charge=charge["id"])
    return charge


@job("charges.enter_balance")
def enter_balance(world: World, charge: str) -> None:
    """Put a charge's money, less Stripe's fee, into the balance."""
    found = world.store.get(charge)
    assert found is not None
    method = method_of(found)
    fee = FEES[method.type](found["amount"], found["currency"]) if method.type in FEES else 0
    waits = method.type == "card" and not method.at_once
    transaction = money.record(
        world,
        world.store.owner(charge) or world.platform,
        "charge" if method.type == "card" else "payment",
        found["amount"],
        found["currency"],
        charge,
        fee=fee,
        available_on=world.now + CARD_IS_PENDING_FOR if waits else None,
    )
    world.change(found, "charge.updated", balance_transaction=transaction["id"])


def refunds_of(world: World, account: str, charge: str) -> Object:
    """Return the refunds of a charge, which `expand` shows."""
    found = world.store.select(account, "refund", "body ->> 'charge' = ?", charge, limit=10)
    return listing(found, f"/v1/charges/{charge}/refunds")


EXPANSIONS[KIND, "refunds"] = refunds_of


@operation("GET /v1/charges/{charge}")
def retrieve(call: Call) -> Object:
    """Return one charge."""
    return call.world.find(call.account, KIND, call.path["charge"])


@operation(
    "POST /v1/charges/{charge}", "description", "metadata", "receipt_email", "transfer_group"
)
def update(call: Call) -> Object:
    """Change what is written about a charge."""
    charge = retrieve(call)
    metadata = merged_metadata(charge["metadata"], call.get("metadata"))
    fields = call.given("description", "receipt_email", "transfer_group")
    return call.world.change(charge, "charge.updated", **fields, metadata=metadata)


@operation("GET /v1/charges", *PAGED, "customer", "payment_intent", "transfer_group")
def list_charges(call: Call) -> Object:
    """Return the account's charges."""
    return listed(call, KIND, "/v1/charges")
