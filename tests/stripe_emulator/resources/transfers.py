"""/v1/transfers and their reversals: money between the platform and connected accounts."""

from typing import Any

from tests.stripe_emulator import currencies, money
from tests.stripe_emulator.errors import Refusal, missing, parameter_missing
from tests.stripe_emulator.operations import PAGED, operation
from tests.stripe_emulator.recipients import can_receive
from tests.stripe_emulator.resources.payment_methods import BILLING
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.views import listed, listing, merged_metadata, public
from tests.stripe_emulator.world import Call, World

KIND = "transfer"
FIELDS = ("description", "transfer_group")


@operation(
    "POST /v1/transfers",
    *FIELDS,
    "amount",
    "currency",
    "destination",
    "metadata",
    "source_type",
)
def create(call: Call) -> Object:
    """Send money that is available now to a connected account. Stripe does not try again by itself."""
    world, amount, destination = call.world, call.get("amount"), call.get("destination")
    currency = currencies.checked(call.get("currency"))
    _check(call, amount, currency)
    transfer = world.new(
        call.account,
        KIND,
        "tr",
        amount=amount,
        currency=currency,
        destination=destination,
        description=call.get("description"),
        metadata=merged_metadata({}, call.get("metadata")),
        amount_reversed=0,
        reversed=False,
        source_type=call.get("source_type", "card"),
        transfer_group=call.get("transfer_group"),
    )
    sent = money.record(world, call.account, "transfer", -amount, currency, transfer["id"])
    payment = _arrive(world, transfer)
    url = f"/v1/transfers/{transfer['id']}/reversals"
    fields: Any = {
        "balance_transaction": sent["id"],
        "destination_payment": payment["id"],
        "reversals": listing([], url),
    }
    world.change(transfer, **fields)
    world.emit("transfer.created", transfer)
    return transfer


def _check(call: Call, amount: Any, currency: str) -> None:
    """Raise Refusal if the account cannot send the money, or the destination cannot get it."""
    world, destination = call.world, call.get("destination")
    if amount is None:
        raise parameter_missing("amount")
    if amount < 1:
        raise Refusal("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    account = world.store.get(destination)
    if account is None or account["object"] != "v2.core.account" or account["closed"]:
        raise missing("destination", destination, "destination")
    if not can_receive(account):
        raise Refusal(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers,"
            " crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
        )
    if money.available(world, call.account, currency) < amount:
        message = "You have insufficient available funds in your Stripe account."
        raise Refusal(message, code="balance_insufficient")


def _arrive(world: World, transfer: Object) -> Object:
    """Make the payment that the money of a transfer is in the connected account."""
    account, amount = transfer["destination"], transfer["amount"]
    payment = world.new(
        account,
        "charge",
        "py",
        amount=amount,
        amount_captured=amount,
        amount_refunded=0,
        billing_details=dict(BILLING),
        captured=True,
        currency=transfer["currency"],
        disputed=False,
        metadata={},
        paid=True,
        payment_method_details={"type": "stripe_account", "stripe_account": {}},
        refunded=False,
        source_transfer=transfer["id"],
        status="succeeded",
    )
    received = money.record(world, account, "payment", amount, transfer["currency"], payment["id"])
    return world.change(payment, balance_transaction=received["id"])


@operation("POST /v1/transfers/{id}/reversals", "amount", "description", "metadata")
def reverse(call: Call) -> Object:
    """Take a transfer back, or a part of it. The connected account must still have the money."""
    world = call.world
    transfer = world.find(call.account, KIND, call.path["id"])
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = call.get("amount", left)
    _check_reversal(world, transfer, left, amount)
    payment = world.find(transfer["destination"], "charge", transfer["destination_payment"])
    reversal = world.new(
        call.account,
        "transfer_reversal",
        "trr",
        amount=amount,
        currency=transfer["currency"],
        metadata=merged_metadata({}, call.get("metadata")),
        transfer=transfer["id"],
    )
    back = money.record(
        world, call.account, "transfer_refund", amount, transfer["currency"], reversal["id"]
    )
    refund = _refund(world, transfer, payment, amount)
    world.change(reversal, balance_transaction=back["id"], destination_payment_refund=refund["id"])
    reversals = {
        **transfer["reversals"],
        "data": [public(reversal), *transfer["reversals"]["data"]][:10],
    }
    world.change(
        transfer, "transfer.reversed",
        amount_reversed=transfer["amount_reversed"] + amount, reversed=amount == left, reversals=reversals,
    )  # fmt: skip
    return reversal


def _check_reversal(world: World, transfer: Object, left: int, amount: int) -> None:
    if left == 0:
        raise Refusal(
            f"Transfer {transfer['id']} is already fully reversed.",
            code="transfer_already_reversed",
        )
    if not 0 < amount <= left:
        message = (
            f"Reversal amount ({amount}) is greater than unreversed amount on transfer ({left})"
        )
        raise Refusal(message, param="amount")
    if money.available(world, transfer["destination"], transfer["currency"]) < amount:
        message = "The recipient does not have enough available balance to reverse this transfer."
        raise Refusal(message, code="balance_insufficient")


def _refund(world: World, transfer: Object, payment: Object, amount: int) -> Object:
    """Take the money from the connected account, as a refund of the payment that it came in."""
    account, currency = transfer["destination"], transfer["currency"]
    refund = world.new(
        account, "refund", "pyr",
        amount=amount, charge=payment["id"], currency=currency, metadata={}, status="succeeded",
    )  # fmt: skip
    taken = money.record(world, account, "payment_refund", -amount, currency, refund["id"])
    refunded = payment["amount_refunded"] + amount
    world.change(payment, amount_refunded=refunded, refunded=refunded == payment["amount"])
    return world.change(refund, balance_transaction=taken["id"])


@operation("GET /v1/transfers/{transfer}")
def retrieve(call: Call) -> Object:
    """Return one transfer."""
    return call.world.find(call.account, KIND, call.path["transfer"])


@operation("POST /v1/transfers/{transfer}", "description", "metadata")
def update(call: Call) -> Object:
    """Change what is written about a transfer."""
    transfer = retrieve(call)
    metadata = merged_metadata(transfer["metadata"], call.get("metadata"))
    return call.world.change(
        transfer, "transfer.updated", **call.given("description"), metadata=metadata
    )


@operation("GET /v1/transfers", *PAGED, "destination", "transfer_group")
def list_transfers(call: Call) -> Object:
    """Return the account's transfers."""
    return listed(call, KIND, "/v1/transfers")


@operation("GET /v1/transfers/{id}/reversals", *PAGED)
def list_reversals(call: Call) -> Object:
    """Return the reversals of a transfer."""
    transfer = call.world.find(call.account, KIND, call.path["id"])
    url = f"/v1/transfers/{transfer['id']}/reversals"
    return listed(call, "transfer_reversal", url, "body ->> 'transfer' = ?", transfer["id"])


@operation("GET /v1/transfers/{transfer}/reversals/{id}")
def retrieve_reversal(call: Call) -> Object:
    """Return one reversal."""
    return call.world.find(call.account, "transfer_reversal", call.path["id"])
