"""Bank transfers: to which account of Stripe's a customer sends money, in the currencies in which there is one."""

from collections.abc import Iterator
from typing import Any

from billing.stripe.calls.sending import called, sent, under
from billing.stripe.fields import Fields

#: What Stripe calls a bank transfer in each currency.
TYPES = {
    "USD": "us_bank_transfer",
    "EUR": "eu_bank_transfer",
    "GBP": "gb_bank_transfer",
    "JPY": "jp_bank_transfer",
    "MXN": "mx_bank_transfer",
}
#: Stripe opens a European account in the country that is named. Transfers from other countries reach it too.
EUROPEAN_COUNTRY = "DE"
# What the fields of an address are called, by the address's type, in the order in which people write them.
_NAMES = {
    "aba": {"routing_number": "Routing number", "account_number": "Account number"},
    "iban": {"iban": "IBAN", "bic": "BIC"},
    "sort_code": {"sort_code": "Sort code", "account_number": "Account number"},
    "spei": {"bank_name": "Bank", "clabe": "CLABE"},
    "swift": {"swift_code": "SWIFT code", "account_number": "Account number"},
    "zengin": {
        "bank_name": "Bank",
        "branch_name": "Branch",
        "account_type": "Kind of account",
        "account_number": "Account number",
    },
}


def parameters(currency: str) -> dict[str, Any]:
    """Return what Stripe is to be asked for; empty if it takes no bank transfers in this currency."""
    if currency not in TYPES:
        return {}
    kind = TYPES[currency]
    more = {kind: {"country": EUROPEAN_COUNTRY}} if kind == "eu_bank_transfer" else {}
    return {"type": kind, **more}


def details_of(*, key: str, customer: str, currency: str) -> list[tuple[str, str]]:
    """Return where a customer sends a bank transfer, as pairs of a name and a value; empty if there is no such place.

    Stripe makes the account when it is first asked for, and names the same one ever after.
    """
    if not (transfer := parameters(currency)):
        return []
    found = called(
        lambda stripe: stripe.v1.customers.funding_instructions.create(
            customer,
            {
                "currency": sent(currency),
                "funding_type": "bank_transfer",
                "bank_transfer": transfer,  # type: ignore[typeddict-item]  # made above
            },
            under(key),
        )
    )
    for address in found.part("bank_transfer").parts("financial_addresses"):
        if pairs := list(_pairs(address)):
            return pairs
    return []


def _pairs(address: Fields) -> Iterator[tuple[str, str]]:
    """Yield the pairs of one address; nothing for one of a type that we do not know."""
    kind = address.text("type")
    if kind not in _NAMES:
        return
    part = address.part(kind)
    if holder := part.text_or_empty("account_holder_name"):
        yield "Account holder", holder
    for field, name in _NAMES[kind].items():
        if value := part.text_or_empty(field):
            yield name, value
