"""/v1/payment_intents."""

from tests.stripe_emulator import currencies
from tests.stripe_emulator.errors import Refusal, not_implemented
from tests.stripe_emulator.operations import PAGED, operation
from tests.stripe_emulator.payments import PAYABLE, confirm, intent_for, unexpected_state
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.views import listed, merged_metadata
from tests.stripe_emulator.world import Call

KIND = "payment_intent"
FIELDS = (
    "description",
    "receipt_email",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
)
CHOICES = ("allowed_payment_method_types", "excluded_payment_method_types")
TYPES = ["card", "us_bank_account"]


def method_types(call: Call) -> list[str]:
    """Return the types of payment methods that a request leaves."""
    allowed, excluded = call.get(CHOICES[0]) or TYPES, call.get(CHOICES[1]) or ()
    return [kind for kind in TYPES if kind in allowed and kind not in excluded]


@operation(
    "POST /v1/payment_intents",
    *FIELDS, *CHOICES, "amount", "currency", "customer", "metadata", "payment_method", "confirm",
    "automatic_payment_methods", "capture_method", "return_url", "off_session",
)  # fmt: skip
def create(call: Call) -> Object:
    """Make an intent, and pay it if `confirm` says so."""
    currency = currencies.checked(call.get("currency"))
    currencies.check_charge(call.get("amount"), currency)
    if call.get("capture_method") == "manual":
        raise not_implemented("payment intents that are captured by hand")
    if call.get("customer"):
        call.world.find(call.account, "customer", call.get("customer"), "customer")
    intent = intent_for(
        call.world,
        call.account,
        call.get("amount"),
        currency,
        **call.given(*FIELDS, *CHOICES, "customer", "capture_method"),
        metadata=merged_metadata({}, call.get("metadata")),
        automatic_payment_methods=call.get("automatic_payment_methods", {"enabled": True}),
        payment_method_types=method_types(call),
    )
    if call.get("confirm"):
        return confirm(call.world, intent, call.get("payment_method") or _no_method())
    if call.get("payment_method"):
        call.world.change(
            intent, status="requires_confirmation", _chosen=call.get("payment_method")
        )
    return intent


def _no_method() -> str:
    message = "You cannot confirm this PaymentIntent because it's missing a payment method."
    raise Refusal(message, code="payment_intent_unexpected_state")


@operation("GET /v1/payment_intents/{intent}", "client_secret")
def retrieve(call: Call) -> Object:
    """Return one intent."""
    return call.world.find(call.account, KIND, call.path["intent"], "intent")


@operation("POST /v1/payment_intents/{intent}", *FIELDS, "amount", "metadata")
def update(call: Call) -> Object:
    """Change an intent that is not paid yet, or its metadata."""
    intent = retrieve(call)
    fields = call.given(*FIELDS, "amount")
    if fields and intent["status"] not in PAYABLE:
        raise unexpected_state(intent, "update")
    metadata = merged_metadata(intent["metadata"], call.get("metadata"))
    return call.world.change(intent, **fields, metadata=metadata)


@operation(
    "POST /v1/payment_intents/{intent}/confirm", "payment_method", "return_url", "off_session"
)
def confirm_intent(call: Call) -> Object:
    """Pay an intent."""
    intent = retrieve(call)
    return confirm(
        call.world, intent, call.get("payment_method") or intent.get("_chosen") or _no_method()
    )


@operation("POST /v1/payment_intents/{intent}/cancel", "cancellation_reason")
def cancel(call: Call) -> Object:
    """Give an intent up."""
    intent = retrieve(call)
    if intent["status"] not in PAYABLE:
        raise unexpected_state(intent, "cancel")
    reason = call.get("cancellation_reason")
    call.world.change(
        intent, status="canceled", canceled_at=call.world.now, cancellation_reason=reason
    )
    call.world.emit("payment_intent.canceled", intent)
    return intent


@operation("GET /v1/payment_intents", *PAGED, "customer")
def list_intents(call: Call) -> Object:
    """Return the account's intents."""
    return listed(call, KIND, "/v1/payment_intents")
