"""Payment methods, as Stripe's test methods: what is known of each, and what happens when it is charged."""

from dataclasses import dataclass

from tests.stripe_emulator.errors import missing
from tests.stripe_emulator.operations import operation
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.world import Call, World

KIND = "payment_method"


@dataclass(frozen=True)
class Method:
    """A test method. `outcome` is paid or declined (a card), or settles or fails days later (a bank debit)."""

    type: str
    last4: str
    outcome: str = "paid"
    code: str = ""
    decline_code: str | None = None
    disputed: bool = False
    at_once: bool = False
    refund: str = "succeeded"


METHODS = {
    "pm_card_visa": Method("card", "4242"),
    "pm_card_mastercard": Method("card", "4444"),
    "pm_card_bypassPending": Method("card", "0077", at_once=True),
    "pm_card_createDispute": Method("card", "0259", disputed=True),
    "pm_card_refundFail": Method("card", "5126", refund="failed"),
    "pm_card_pendingRefund": Method("card", "7726", refund="pending"),
    "pm_card_chargeDeclined": Method(
        "card", "0002", "declined", "card_declined", "generic_decline"
    ),
    "pm_card_chargeDeclinedInsufficientFunds": Method(
        "card", "9995", "declined", "card_declined", "insufficient_funds"
    ),
    "pm_card_chargeDeclinedExpiredCard": Method("card", "0069", "declined", "expired_card"),
    "pm_usBankAccount_success": Method("us_bank_account", "6789", "settles", refund="pending"),
    "pm_usBankAccount_insufficientFunds": Method(
        "us_bank_account", "2227", "fails", "insufficient_funds"
    ),
    # The emulator's own name for money that a customer sends to the account number of an invoice.
    "pm_bank_transfer": Method("customer_balance", "7890", at_once=True),
}
BILLING = {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}


def used(world: World, account: str, name: str, customer: str | None) -> Object:
    """Return the method that a payment names: a test method becomes one of the account, as at Stripe."""
    if name not in METHODS:
        return world.find(account, KIND, name, "payment_method")
    method = METHODS[name]
    known = details(method)
    return world.new(
        account,
        KIND,
        "pm",
        billing_details=dict(BILLING),
        customer=customer,
        metadata={},
        type=method.type,
        _method=name,
        **({method.type: known} if method.type != "customer_balance" else {"customer_balance": {}}),
    )


def details(method: Method) -> Object:
    """Return what is known of a method."""
    if method.type == "card":
        brand = "mastercard" if method.last4 == "4444" else "visa"
        known = {
            "brand": brand,
            "country": "US",
            "exp_month": 12,
            "exp_year": 2034,
            "funding": "credit",
        }
        return {**known, "fingerprint": f"card{method.last4}", "last4": method.last4}
    if method.type == "us_bank_account":
        known = {
            "account_holder_type": "company",
            "account_type": "checking",
            "bank_name": "STRIPE TEST BANK",
        }
        return {
            **known,
            "last4": method.last4,
            "routing_number": "110000000",
            "fingerprint": f"bank{method.last4}",
        }
    return {}


def method_of(body: Object) -> Method:
    """Return what happens with a payment method."""
    return METHODS[body["_method"]]


@operation("GET /v1/payment_methods/{payment_method}")
def retrieve(call: Call) -> Object:
    """Return one payment method."""
    return call.world.find(call.account, KIND, call.path["payment_method"], "payment_method")


@operation("POST /v1/payment_methods/{payment_method}/attach", "customer")
def attach(call: Call) -> Object:
    """Keep a test method for a customer."""
    name = call.path["payment_method"]
    customer = call.world.find(call.account, "customer", call.get("customer", ""), "customer")
    if name not in METHODS:
        raise missing("PaymentMethod", name, "payment_method")
    return used(call.world, call.account, name, customer["id"])
