"""/v1/refunds: money back to where it came from."""

from tests.stripe_emulator import money
from tests.stripe_emulator.clock import DAY, HOUR
from tests.stripe_emulator.errors import Refusal
from tests.stripe_emulator.jobs import job
from tests.stripe_emulator.operations import PAGED, operation
from tests.stripe_emulator.resources.payment_methods import method_of
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.views import listed, merged_metadata
from tests.stripe_emulator.world import Call, World

KIND = "refund"
OPEN = ("pending", "requires_action", "succeeded")
DEBIT_REFUNDABLE_FOR = 180 * DAY
PENDING_FOR = 5 * DAY
GIVES_UP_AFTER = 30 * DAY


@operation("POST /v1/refunds", "charge", "payment_intent", "amount", "reason", "metadata")
def create(call: Call) -> Object:
    """Refund a charge, or a part of it.

    It is pending while the balance is too small, and for some days if the money goes to a bank account.
    """
    charge = _charge(call)
    amount = call.get("amount", charge["amount"] - charge["amount_refunded"])
    _check(call.world, charge, amount)
    card = method_of(charge).type == "card"
    details = {"card": {"reference_status": "pending", "type": "refund"}, "type": "card"}
    refund = call.world.new(
        call.account,
        KIND,
        "re" if card else "pyr",
        amount=amount,
        currency=charge["currency"],
        charge=charge["id"],
        payment_intent=charge["payment_intent"],
        metadata=merged_metadata({}, call.get("metadata")),
        reason=call.get("reason"),
        status="pending",
        destination_details=details
        if card
        else {"us_bank_transfer": {}, "type": "us_bank_transfer"},
    )
    _count(call.world, charge, amount)
    call.world.emit("refund.created", refund)
    call.world.emit("charge.refunded", charge)
    _send(call.world, refund, call.world.now + GIVES_UP_AFTER)
    return refund


def _charge(call: Call) -> Object:
    """Return the charge to refund, named itself or by its intent."""
    if call.get("charge"):
        return call.world.find(call.account, "charge", call.get("charge"), "charge")
    if not call.get("payment_intent"):
        message = "One of the following params should be provided for this request: payment_intent or charge."
        raise Refusal(message, code="parameter_missing", executed=False)
    intent = call.world.find(
        call.account, "payment_intent", call.get("payment_intent"), "payment_intent"
    )
    if not intent["latest_charge"]:
        message = (
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        )
        raise Refusal(message, code="payment_intent_unexpected_state", param="payment_intent")
    return call.world.find(call.account, "charge", intent["latest_charge"], "payment_intent")


def _check(world: World, charge: Object, amount: int) -> None:
    """Raise Refusal if a charge cannot be refunded by an amount."""
    left = charge["amount"] - charge["amount_refunded"]
    if charge["status"] != "succeeded":
        raise Refusal(f"Charge {charge['id']} has not succeeded.", code="charge_not_refundable")
    if charge["disputed"]:
        raise Refusal(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    if left == 0:
        raise Refusal(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    if amount > left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise Refusal(message, param="amount")
    if amount < 1:
        raise Refusal("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if method_of(charge).type != "card" and charge["created"] + DEBIT_REFUNDABLE_FOR < world.now:
        raise Refusal(
            "This payment is more than 180 days old and can no longer be refunded.",
            code="charge_not_refundable",
        )


def _count(world: World, charge: Object, amount: int) -> None:
    """Add an amount to what was refunded of a charge; take it away again if it is negative."""
    refunded = charge["amount_refunded"] + amount
    world.change(charge, amount_refunded=refunded, refunded=refunded == charge["amount"])


def _send(world: World, refund: Object, until: int) -> None:
    """Take the money of a refund from the balance, or try again later if it is not there."""
    account = world.store.owner(refund["id"]) or world.platform
    charge = world.find(account, "charge", refund["charge"])
    card = method_of(charge).type == "card"
    if money.available(world, account, refund["currency"]) < refund["amount"]:
        world.change(refund, pending_reason="insufficient_funds")
        world.later(HOUR, "refunds.send", refund=refund["id"], until=until)
        return
    kind = "refund" if card else "payment_refund"
    transaction = money.record(
        world, account, kind, -refund["amount"], refund["currency"], refund["id"]
    )
    world.change(
        refund, balance_transaction=transaction["id"], pending_reason=None if card else "processing"
    )
    outcome = method_of(charge).refund
    if outcome == "pending":
        world.later(PENDING_FOR, "refunds.succeed", refund=refund["id"])
        return
    world.change(refund, status="succeeded")
    if outcome == "failed":
        world.later(HOUR, "refunds.fail", refund=refund["id"], reason="expired_or_canceled_card")


@job("refunds.send")
def send(world: World, refund: str, until: int) -> None:
    """Try again to send a refund that the balance was too small for."""
    found = world.store.get(refund)
    assert found is not None
    if world.now > until:
        fail(world, refund, "insufficient_funds")
    elif found["status"] == "pending":
        _send(world, found, until)
        if found["balance_transaction"]:
            world.emit("refund.updated", found)


@job("refunds.succeed")
def succeed(world: World, refund: str) -> None:
    """Note that a refund to a bank account arrived."""
    found = world.store.get(refund)
    assert found is not None
    if found["status"] == "pending":
        world.change(found, "refund.updated", status="succeeded", pending_reason=None)


@job("refunds.fail")
def fail(world: World, refund: str, reason: str = "unknown") -> None:
    """Fail a refund, also one that had succeeded: its money comes back into the balance."""
    found = world.store.get(refund)
    if found is None or found["object"] != KIND or found["status"] not in OPEN:
        raise Refusal(f"{refund} is no refund that could fail")
    account = world.store.owner(refund) or world.platform
    back = None
    if found["balance_transaction"]:
        back = money.record(
            world, account, "refund_failure", found["amount"], found["currency"], refund
        )["id"]
    _count(world, world.find(account, "charge", found["charge"]), -found["amount"])
    world.change(
        found,
        status="failed",
        failure_reason=reason,
        failure_balance_transaction=back,
        pending_reason=None,
    )
    world.emit("refund.failed", found)
    world.emit("refund.updated", found)
    world.emit("charge.refund.updated", found)


@operation("GET /v1/refunds/{refund}")
def retrieve(call: Call) -> Object:
    """Return one refund."""
    return call.world.find(call.account, KIND, call.path["refund"])


@operation("POST /v1/refunds/{refund}", "metadata")
def update(call: Call) -> Object:
    """Change a refund's metadata."""
    refund = retrieve(call)
    metadata = merged_metadata(refund["metadata"], call.get("metadata"))
    return call.world.change(refund, "refund.updated", metadata=metadata)


@operation("GET /v1/refunds", *PAGED, "charge", "payment_intent")
def list_refunds(call: Call) -> Object:
    """Return the account's refunds."""
    return listed(call, KIND, "/v1/refunds")
