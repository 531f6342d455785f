"""What is asked for an invoice's customer, its ways to pay and its payments, and how the answers are read."""

from typing import Any

import pytest

from billing.stripe.calls import bank_transfers, customers, invoices
from tests.stripe import answers
from tests.stripe.scripted import Scripted

HOLDER = {"account_holder_name": "RLHFHub"}
ADDRESSES: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "USD": (
        {"type": "aba", "aba": {**HOLDER, "routing_number": "110000000", "account_number": "42"}},
        [("Routing number", "110000000"), ("Account number", "42")],
    ),
    "EUR": (
        {"type": "iban", "iban": {**HOLDER, "iban": "DE00", "bic": "TESTDE"}},
        [("IBAN", "DE00"), ("BIC", "TESTDE")],
    ),
    "GBP": (
        {
            "type": "sort_code",
            "sort_code": {**HOLDER, "sort_code": "10-88", "account_number": "42"},
        },
        [("Sort code", "10-88"), ("Account number", "42")],
    ),
    "MXN": (
        {"type": "spei", "spei": {**HOLDER, "bank_name": "STP", "clabe": "646"}},
        [("Bank", "STP"), ("CLABE", "646")],
    ),
    "JPY": (
        {
            "type": "zengin",
            "zengin": {**HOLDER, "bank_name": "MUFG", "branch_name": None, "account_number": "42"},
        },
        [("Bank", "MUFG"), ("Account number", "42")],
    ),
}


def instructions(*addresses: dict[str, Any]) -> dict[str, Any]:
    return {"object": "funding_instructions", "bank_transfer": {"financial_addresses": addresses}}


def test_where_invoices_are_mailed(api: Scripted) -> None:
    api.say({"id": "cus_1", "object": "customer", "name": "Harbour", "email": "b@h.example"})
    changed = customers.mail_to(key="mail:1", customer="cus_1", email="b@h.example")
    assert changed.email == "b@h.example"
    (asked,) = api.asked
    assert (asked.path, asked.parameters) == ("/v1/customers/cus_1", {"email": "b@h.example"})
    assert asked.headers["idempotency-key"] == "mail:1"


@pytest.mark.parametrize("currency", ADDRESSES)
def test_where_a_bank_transfer_is_sent(api: Scripted, currency: str) -> None:
    address, pairs = ADDRESSES[currency]
    api.say(instructions({"type": "new_kind"}, address))
    found = bank_transfers.details_of(key="bank:1", customer="cus_1", currency=currency)
    assert found == [("Account holder", "RLHFHub"), *pairs]
    (asked,) = api.asked
    assert asked.parameters["bank_transfer[type]"] == bank_transfers.TYPES[currency]
    country = asked.parameters.get("bank_transfer[eu_bank_transfer][country]")
    assert country == ("DE" if currency == "EUR" else None)


def test_where_no_bank_transfer_is_sent(api: Scripted) -> None:
    assert bank_transfers.details_of(key="bank:1", customer="cus_1", currency="CHF") == []
    assert api.asked == []
    api.say(instructions({"type": "new_kind"}))
    assert bank_transfers.details_of(key="bank:1", customer="cus_1", currency="USD") == []


@pytest.mark.parametrize(("currency", "types"), [("USD", 2), ("CHF", 1)])
def test_how_an_invoice_can_be_paid(api: Scripted, currency: str, types: int) -> None:
    api.say(answers.invoice(currency=currency.lower()))
    invoices.create(
        key="i:1",
        customer="cus_1",
        currency=currency,
        days_until_due=30,
        metadata={},
        reference="PO 7",
    )
    (asked,) = api.asked
    named = [name for name in asked.parameters if "payment_method_types" in name]
    assert len(named) == types
    assert asked.parameters["custom_fields[0][value]"] == "PO 7"
    funded = asked.parameters.get(
        "payment_settings[payment_method_options][customer_balance][bank_transfer][type]"
    )
    assert funded == ("us_bank_transfer" if types == 2 else None)


def test_which_invoice_a_payment_pays(api: Scripted) -> None:
    bare = answers.invoice(metadata={"deposit": "d-1"})
    del bare["payments"]
    api.listing(answers.invoice_payment(invoice=bare))
    found = invoices.of_payment("pi_1")
    assert found and (found.id, found.metadata, found.payments) == ("in_1", {"deposit": "d-1"}, ())
    (asked,) = api.asked
    assert asked.parameters["payment[payment_intent]"] == "pi_1"
    api.answers.clear()
    api.listing()
    assert invoices.of_payment("pi_2") is None
