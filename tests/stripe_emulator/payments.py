"""How a PaymentIntent is paid: at once by card or bank transfer, days later by bank debit, or not."""

from collections.abc import Callable

from tests.stripe_emulator.clock import DAY
from tests.stripe_emulator.errors import Refusal
from tests.stripe_emulator.jobs import job
from tests.stripe_emulator.resources import charges
from tests.stripe_emulator.resources.payment_methods import Method, method_of, used
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.views import public
from tests.stripe_emulator.world import World

DEBIT_TAKES = 4 * DAY
PAYABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
# What belongs to a Checkout session or an invoice learns of its payment here: by the kind of what the intent is for.
FOLLOWERS: dict[str, Callable[[World, str, Object], None]] = {}
MESSAGES = {
    "card_declined": "Your card was declined.",
    "expired_card": "Your card has expired.",
    "insufficient_funds": "The customer's account has insufficient funds to cover this payment.",
}


def intent_for(
    world: World,
    account: str,
    amount: int,
    currency: str,
    *,
    purpose: tuple[str, str] | None = None,
    **fields: object,
) -> Object:
    """Make a PaymentIntent. `purpose` names what it is for: ("checkout.session", id)."""
    defaults: Object = {
        "amount_capturable": 0,
        "amount_received": 0,
        "capture_method": "automatic_async",
        "confirmation_method": "automatic",
        "metadata": {},
        "payment_method_types": ["card", "us_bank_account"],
        "status": "requires_payment_method",
    }
    intent = world.new(
        account, "payment_intent", "pi", amount=amount, currency=currency, **defaults | fields
    )
    secret = f"{intent['id']}_secret_{intent['id'][-12:]}"
    world.change(intent, client_secret=secret, _purpose=purpose)
    world.emit("payment_intent.created", intent)
    return intent


def confirm(world: World, intent: Object, method_name: str) -> Object:
    """Pay an intent. Raises: Refusal (402) if the card is declined; what it did to intent and charge stands."""
    if intent["status"] not in PAYABLE:
        raise unexpected_state(intent, "confirm")
    account = world.store.owner(intent["id"]) or world.platform
    body = used(world, account, method_name, intent["customer"])
    method = method_of(body)
    if method.outcome == "declined":
        _decline(world, account, intent, body, method)
    status = "succeeded" if method.outcome == "paid" else "pending"
    charge = charges.make(world, account, intent, body, status)
    world.change(
        intent,
        payment_method=body["id"],
        latest_charge=charge["id"],
        last_payment_error=None,
        next_action=None,
    )
    if status == "pending":
        world.change(intent, status="processing")
        world.emit("charge.pending", charge)
        world.emit("payment_intent.processing", intent)
        world.later(DEBIT_TAKES, "payments.end_debit", intent=intent["id"])
    else:
        _succeed(world, intent, charge)
    _tell(world, intent)
    return intent


def _succeed(world: World, intent: Object, charge: Object) -> None:
    charges.succeed(world, charge)
    world.change(intent, status="succeeded", amount_received=intent["amount"])
    world.emit("payment_intent.succeeded", intent)


def _decline(world: World, account: str, intent: Object, body: Object, method: Method) -> None:
    charge = charges.fail(
        world,
        charges.make(world, account, intent, body, "failed"),
        method.code,
        MESSAGES[method.code],
    )
    error = _fail(world, intent, charge, method.code, "card_error", method.decline_code)
    raise Refusal(
        MESSAGES[method.code],
        status=402,
        type="card_error",
        code=method.code,
        keep=True,
        charge=charge["id"],
        decline_code=method.decline_code,
        payment_intent=public(intent),
        payment_method=error["payment_method"],
    )


def _fail(
    world: World,
    intent: Object,
    charge: Object,
    code: str,
    kind: str,
    decline_code: str | None = None,
) -> Object:
    """Ask for another payment method. Returns the error that the intent then has."""
    method = world.store.get(charge["payment_method"])
    assert method is not None
    error: Object = {"type": kind, "code": code, "message": MESSAGES[code], "charge": charge["id"]}
    error |= {"decline_code": decline_code, "payment_method": public(method)}
    world.change(
        intent,
        status="requires_payment_method",
        payment_method=None,
        latest_charge=charge["id"],
        last_payment_error={name: value for name, value in error.items() if value is not None},
    )
    world.emit("payment_intent.payment_failed", intent)
    return error


@job("payments.end_debit")
def end_debit(world: World, intent: str) -> None:
    """Settle or fail a bank debit."""
    found = world.store.get(intent)
    charge = world.store.get(found["latest_charge"]) if found else None
    assert found is not None and charge is not None
    method = method_of(charge)
    if method.outcome == "settles":
        _succeed(world, found, charge)
    else:
        charges.fail(world, charge, method.code, MESSAGES[method.code])
        _fail(world, found, charge, method.code, "invalid_request_error")
    _tell(world, found)


def _tell(world: World, intent: Object) -> None:
    """Tell the Checkout session or invoice that an intent is for how its payment goes."""
    if intent["_purpose"]:
        kind, identifier = intent["_purpose"]
        FOLLOWERS[kind](world, identifier, intent)


def unexpected_state(intent: Object, verb: str) -> Refusal:
    """Return the refusal of a verb that an intent's status does not allow."""
    return Refusal(
        f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state",
        payment_intent=public(intent),
    )
