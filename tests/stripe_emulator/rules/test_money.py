"""Payments, balances, transfers and reversals: where money goes, and what is refused."""

from typing import Any

import pytest
import stripe

from tests.stripe_emulator.clock import DAY
from tests.stripe_emulator.control import Control
from tests.stripe_emulator.rules.paying import balance, pay


@pytest.fixture
def recipient(stripe_emulator: Control, stripe_client: stripe.StripeClient) -> str:
    """A connected account that can receive transfers."""
    return stripe_emulator.recipient(stripe_client)


def send(client: stripe.StripeClient, destination: str, amount: int, **more: Any) -> Any:
    return client.v1.transfers.create(
        {"amount": amount, "currency": "usd", "destination": destination} | more
    )


def test_card_money_is_pending_for_two_days(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    intent = pay(stripe_client, transfer_group="g", metadata={"deposit": "d1"})
    assert intent.status == "succeeded"
    expanded = {"expand": ["latest_charge.balance_transaction"]}
    charge = stripe_client.v1.payment_intents.retrieve(intent.id, expanded).latest_charge
    transaction = charge.balance_transaction
    assert (transaction.amount, transaction.fee, transaction.net) == (10_000, 320, 9_680)
    assert (transaction.status, transaction.reporting_category, transaction.source) == (
        "pending",
        "charge",
        charge.id,
    )
    assert (charge.transfer_group, charge.metadata["deposit"]) == ("g", "d1")
    assert balance(stripe_client) == (9_680, 0)
    stripe_emulator.advance(2 * DAY + 1)
    assert balance(stripe_client) == (0, 9_680)
    assert stripe_client.v1.balance_transactions.retrieve(transaction.id).status == "available"


@pytest.mark.parametrize(
    ("currency", "amount", "fee"), [("jpy", 1_000, 59), ("eur", 5_050, 176), ("kwd", 10_000, 590)]
)  # fmt: skip
def test_fees_follow_the_decimals_of_a_currency(
    stripe_client: stripe.StripeClient, currency: str, amount: int, fee: int
) -> None:
    pay(stripe_client, amount, currency=currency)
    assert balance(stripe_client, currency=currency) == (amount - fee, 0)
    for wanted, found in ((currency, [amount]), ("usd", [])):
        listed = stripe_client.v1.balance_transactions.list(
            {"currency": wanted, "type": "charge"}
        ).data
        assert [each.amount for each in listed] == found


@pytest.mark.parametrize(
    ("currency", "amount"),
    [("usd", 49), ("jpy", 49), ("kwd", 10_001), ("xyz", 1_000), ("usd", 100_000_000)],
)
def test_an_amount_that_cannot_be_charged_is_refused(
    stripe_client: stripe.StripeClient, currency: str, amount: int
) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        pay(stripe_client, amount, currency=currency)


def test_a_declined_card_leaves_its_intent_to_be_paid_again(
    stripe_client: stripe.StripeClient,
) -> None:
    with pytest.raises(stripe.CardError) as declined:
        pay(stripe_client, method="pm_card_chargeDeclined")
    assert declined.value.code == "card_declined"
    intent = stripe_client.v1.payment_intents.list().data[0]
    assert (intent.status, intent.last_payment_error.decline_code) == (
        "requires_payment_method",
        "generic_decline",
    )
    assert balance(stripe_client) == (0, 0)
    paid = stripe_client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert paid.status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe_client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert refused.value.code == "payment_intent_unexpected_state"


@pytest.mark.parametrize(
    ("method", "status", "held"),
    [
        ("pm_usBankAccount_success", "succeeded", (0, 9_920)),
        ("pm_usBankAccount_insufficientFunds", "requires_payment_method", (0, 0)),
    ],
)
def test_a_bank_debit_ends_days_later(
    stripe_emulator: Control,
    stripe_client: stripe.StripeClient,
    method: str,
    status: str,
    held: tuple[int, int],
) -> None:
    intent = pay(stripe_client, method=method)
    assert (intent.status, balance(stripe_client)) == ("processing", (0, 0))
    stripe_emulator.advance(4 * DAY + 1)
    assert stripe_client.v1.payment_intents.retrieve(intent.id).status == status
    assert balance(stripe_client) == held


def test_a_transfer_needs_available_money(
    stripe_emulator: Control, stripe_client: stripe.StripeClient, recipient: str
) -> None:
    pay(stripe_client)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        send(stripe_client, recipient, 5_000)
    assert refused.value.code == "balance_insufficient"
    stripe_emulator.advance(2 * DAY + 1)
    transfer = send(stripe_client, recipient, 5_000, transfer_group="g", metadata={"item": "1"})
    assert (balance(stripe_client), balance(stripe_client, recipient)) == ((0, 4_680), (0, 5_000))
    assert [each.id for each in stripe_client.v1.transfers.list({"transfer_group": "g"}).data] == [
        transfer.id
    ]
    assert (
        stripe_client.v1.transfers.list({"transfer_group": "g", "destination": "acct_2"}).data == []
    )
    received = stripe_client.v1.balance_transactions.list({}, {"stripe_account": recipient}).data
    assert [(each.type, each.net, each.source) for each in received] == [
        ("payment", 5_000, transfer.destination_payment)
    ]


@pytest.mark.parametrize("status", ["restricted", "pending", "rejected"])
def test_a_transfer_needs_the_capability_of_its_destination(
    stripe_emulator: Control, stripe_client: stripe.StripeClient, recipient: str, status: str
) -> None:
    stripe_emulator.fund(1_000)
    stripe_emulator.post("accounts", account=recipient, stripe_transfers=status)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        send(stripe_client, recipient, 100)
    assert refused.value.code == "insufficient_capabilities_for_transfer"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        send(stripe_client, "acct_nobody", 100)
    assert refused.value.code == "resource_missing"


def test_a_transfer_is_reversed_up_to_its_amount(
    stripe_emulator: Control, stripe_client: stripe.StripeClient, recipient: str
) -> None:
    stripe_emulator.fund(1_000)
    transfer = send(stripe_client, recipient, 600)
    stripe_client.v1.transfers.reversals.create(transfer.id, {"amount": 200})
    other = send(stripe_client, recipient, 300)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe_client.v1.transfers.reversals.create(transfer.id, {"amount": 401})
    assert refused.value.param == "amount"
    stripe_client.v1.transfers.reversals.create(other.id)
    assert stripe_client.v1.transfers.retrieve(transfer.id).amount_reversed == 200
    stripe_client.v1.transfers.reversals.create(transfer.id)
    reversed_ = stripe_client.v1.transfers.retrieve(transfer.id)
    assert (reversed_.reversed, reversed_.amount_reversed, len(reversed_.reversals.data)) == (
        True,
        600,
        2,
    )
    assert (balance(stripe_client), balance(stripe_client, recipient)) == ((0, 1_000), (0, 0))
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.transfers.reversals.create(transfer.id)


def test_money_that_was_paid_out_cannot_be_taken_back(
    stripe_emulator: Control, stripe_client: stripe.StripeClient, recipient: str
) -> None:
    stripe_emulator.fund(1_000)
    transfer = send(stripe_client, recipient, 600)
    stripe_emulator.advance(2 * DAY)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe_client.v1.transfers.reversals.create(transfer.id)
    assert refused.value.code == "balance_insufficient"


def test_every_balance_is_the_sum_of_its_transactions(
    stripe_emulator: Control, stripe_client: stripe.StripeClient, recipient: str
) -> None:
    pay(stripe_client)
    stripe_emulator.advance(3 * DAY)
    send(stripe_client, recipient, 2_500)
    stripe_emulator.advance(3 * DAY)
    totals = stripe_emulator.get("totals")
    assert totals["in_order"] is True
    own = totals["accounts"][totals["platform"]]["usd"]
    assert (
        own["available"],
        own["categories"]["charge"]["fee"],
        own["categories"]["transfer"]["net"],
    ) == (7_180, 320, -2_500)
    theirs = totals["accounts"][recipient]["usd"]
    assert (theirs["available"], theirs["categories"]["payout"]["net"]) == (0, -2_500)
