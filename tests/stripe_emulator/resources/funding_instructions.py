"""/v1/customers/{customer}/funding_instructions: the account to which a customer sends bank transfers."""

from tests.stripe_emulator.errors import not_implemented
from tests.stripe_emulator.operations import operation
from tests.stripe_emulator.resources.customers import retrieve
from tests.stripe_emulator.store import Object
from tests.stripe_emulator.world import Call

ADDRESS = {
    "city": "San Francisco",
    "country": "US",
    "line1": "354 Oyster Point Blvd",
    "line2": None,
    "postal_code": "94080",
    "state": "CA",
}
BANK = "STRIPE TEST BANK"


def account_number(customer: str) -> str:
    """Return the number of the account that is a customer's own."""
    return f"11{sum(customer.encode()):08}"


@operation(
    "POST /v1/customers/{customer}/funding_instructions",
    "bank_transfer",
    "currency",
    "funding_type",
)
def create(call: Call) -> Object:
    """Name the account, always the same one."""
    customer = retrieve(call)
    transfer = call.get("bank_transfer")
    if transfer["type"] != "us_bank_transfer":
        raise not_implemented(f"funding instructions of {transfer['type']}")
    account = {
        "account_holder_address": ADDRESS,
        "account_holder_name": "RLHFHub",
        "account_number": account_number(customer["id"]),
        "account_type": "checking",
        "bank_address": ADDRESS,
        "bank_name": BANK,
        "routing_number": "110000000",
    }
    return {
        "object": "funding_instructions",
        "bank_transfer": {
            "country": "US",
            "financial_addresses": [
                {"type": "aba", "aba": account, "supported_networks": ["ach", "domestic_wire_us"]}
            ],
            "type": transfer["type"],
        },
        "currency": call.get("currency"),
        "funding_type": "bank_transfer",
        "livemode": False,
    }
