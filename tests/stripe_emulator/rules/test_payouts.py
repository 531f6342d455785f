"""Payouts of connected accounts: every day, to a bank account that works or does not."""

import pytest
import stripe

from tests.stripe_emulator.clock import DAY, HOUR
from tests.stripe_emulator.control import Control


def start(emulator: Control, client: stripe.StripeClient, bank: str) -> dict[str, str]:
    """Return a connected account with 500 in its balance. Returns the options of requests for it."""
    account = emulator.recipient(client, bank=bank)
    emulator.fund(1_000)
    client.v1.transfers.create({"amount": 500, "currency": "usd", "destination": account})
    return {"stripe_account": account}


def test_a_balance_is_paid_out_the_next_day(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    theirs = start(stripe_emulator, stripe_client, "good")
    assert stripe_client.v1.payouts.list({}, theirs).data == []
    stripe_emulator.advance(DAY - stripe_emulator.get("clock")["now"] % DAY)
    payout = stripe_client.v1.payouts.list({}, theirs).data[0]
    assert (payout.status, payout.amount, payout.automatic) == ("pending", 500, True)
    stripe_emulator.advance(HOUR)
    assert stripe_client.v1.payouts.retrieve(payout.id, {}, theirs).status == "in_transit"
    stripe_emulator.advance(DAY)
    assert stripe_client.v1.payouts.retrieve(payout.id, {}, theirs).status == "paid"
    paid_out = stripe_client.v1.balance_transactions.list({"payout": payout.id}, theirs).data
    assert [each.type for each in paid_out] == ["payout", "payment"]
    kinds = [event.type for event in stripe_client.v1.events.list({}, theirs).data]
    assert {"payout.created", "payout.updated", "payout.paid"} <= set(kinds)


def test_a_payout_to_a_bad_bank_account_fails_and_no_other_is_made(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    theirs = start(stripe_emulator, stripe_client, "bad")
    stripe_emulator.advance(3 * DAY)
    (payout,) = stripe_client.v1.payouts.list(
        {"expand": ["data.failure_balance_transaction"]}, theirs
    ).data
    assert (payout.status, payout.failure_code) == ("failed", "no_account")
    assert payout.failure_balance_transaction.reporting_category == "payout_reversal"
    assert stripe_client.v1.balance.retrieve({}, theirs).available[0].amount == 500
    account = theirs["stripe_account"]
    (bank,) = stripe_client.v1.accounts.external_accounts.list(account).data
    assert (bank.status, stripe_client.v1.accounts.retrieve(account).payouts_enabled) == (
        "errored",
        False,
    )
    assert (
        stripe_client.v1.balance_settings.retrieve({}, theirs).payments.payouts.status == "disabled"
    )
    stripe_emulator.advance(5 * DAY)
    assert len(stripe_client.v1.payouts.list({}, theirs).data) == 1
    stripe_emulator.post("accounts", account=account, bank="good")
    stripe_emulator.advance(2 * DAY)
    assert [each.status for each in stripe_client.v1.payouts.list({}, theirs).data] == [
        "paid",
        "failed",
    ]


def test_without_a_bank_account_the_money_waits(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    theirs = start(stripe_emulator, stripe_client, "none")
    stripe_emulator.advance(5 * DAY)
    assert stripe_client.v1.payouts.list({}, theirs).data == []
    stripe_emulator.post("accounts", account=theirs["stripe_account"], bank="good")
    stripe_emulator.advance(2 * DAY + HOUR)
    assert [each.status for each in stripe_client.v1.payouts.list({}, theirs).data] == ["paid"]


def test_a_manual_schedule_pays_out_by_hand_alone(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    theirs = start(stripe_emulator, stripe_client, "good")
    manual = {"payments": {"payouts": {"schedule": {"interval": "manual"}}}}
    settings = stripe_client.v1.balance_settings.update(manual, theirs)
    assert settings.payments.payouts.schedule.interval == "manual"
    stripe_emulator.advance(3 * DAY)
    assert stripe_client.v1.payouts.list({}, theirs).data == []
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe_client.v1.payouts.create({"amount": 501, "currency": "usd"}, theirs)
    assert refused.value.code == "balance_insufficient"
    payout = stripe_client.v1.payouts.create({"amount": 200, "currency": "usd"}, theirs)
    assert (
        payout.automatic,
        stripe_client.v1.balance.retrieve({}, theirs).available[0].amount,
    ) == (False, 300)
    stripe_client.v1.payouts.cancel(payout.id, {}, theirs)
    assert stripe_client.v1.balance.retrieve({}, theirs).available[0].amount == 500
