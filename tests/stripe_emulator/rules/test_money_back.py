"""Money that goes back: refunds, and disputes."""

import pytest
import stripe

from tests.stripe_emulator.clock import DAY
from tests.stripe_emulator.control import Control
from tests.stripe_emulator.rules.paying import balance, pay


def test_a_charge_is_refunded_in_parts_up_to_its_amount(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    intent = pay(stripe_client)
    stripe_emulator.advance(2 * DAY + 1)
    stripe_emulator.fund(320)
    refund = stripe_client.v1.refunds.create(
        {"payment_intent": intent.id, "amount": 4_000, "metadata": {"r": "1"}}
    )
    assert (refund.status, balance(stripe_client)) == ("succeeded", (0, 6_000))
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.refunds.create({"payment_intent": intent.id, "amount": 6_001})
    stripe_client.v1.refunds.create({"charge": intent.latest_charge})
    charge = stripe_client.v1.charges.retrieve(intent.latest_charge, {"expand": ["refunds"]})
    assert (charge.refunded, len(charge.refunds.data), balance(stripe_client)) == (True, 2, (0, 0))
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe_client.v1.refunds.create({"charge": intent.latest_charge})
    assert refused.value.code == "charge_already_refunded"


def test_a_refund_waits_for_money(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    refund = stripe_client.v1.refunds.create(
        {"payment_intent": pay(stripe_client).id, "amount": 5_000}
    )
    assert (refund.status, refund.pending_reason) == ("pending", "insufficient_funds")
    stripe_emulator.advance(2 * DAY + 7_200)
    assert stripe_client.v1.refunds.retrieve(refund.id).status == "succeeded"
    assert balance(stripe_client) == (0, 4_680)


def test_a_refund_can_fail_after_it_succeeded(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    stripe_emulator.fund(10_000)
    intent = pay(stripe_client, method="pm_card_refundFail")
    refund = stripe_client.v1.refunds.create({"payment_intent": intent.id})
    assert (refund.status, balance(stripe_client)[1]) == ("succeeded", 0)
    stripe_emulator.advance(7_200)
    failed = stripe_client.v1.refunds.retrieve(
        refund.id, {"expand": ["failure_balance_transaction"]}
    )
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert failed.failure_balance_transaction.reporting_category == "refund_failure"
    assert balance(stripe_client)[1] == 10_000
    assert stripe_client.v1.charges.retrieve(intent.latest_charge).amount_refunded == 0
    assert "refund.failed" in [
        event.type for event in stripe_client.v1.events.list({"limit": 5}).data
    ]


def test_a_bank_debit_cannot_be_refunded_after_180_days(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    intent = pay(stripe_client, method="pm_usBankAccount_success")
    stripe_emulator.advance(181 * DAY)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe_client.v1.refunds.create({"payment_intent": intent.id})
    assert refused.value.code == "charge_not_refundable"


@pytest.mark.parametrize(
    ("evidence", "held"), [("winning_evidence", -1_500), ("losing_evidence", -11_500)]
)
def test_a_dispute_takes_the_money_and_its_fee(
    stripe_emulator: Control, stripe_client: stripe.StripeClient, evidence: str, held: int
) -> None:
    intent = pay(stripe_client, method="pm_card_createDispute")
    dispute = stripe_client.v1.disputes.list({"payment_intent": intent.id}).data[0]
    assert (dispute.status, dispute.amount, dispute.balance_transactions[0].net) == (
        "needs_response",
        10_000,
        -11_500,
    )
    assert balance(stripe_client) == (9_680, -11_500)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe_client.v1.refunds.create({"payment_intent": intent.id})
    assert refused.value.code == "charge_disputed"
    stripe_client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": evidence}})
    closed = stripe_client.v1.disputes.retrieve(dispute.id)
    assert closed.status == ("won" if held == -1_500 else "lost")
    assert balance(stripe_client) == (9_680, held)


@pytest.mark.parametrize(("status", "held"), [("won", -1_500), ("lost", -11_500)])
def test_a_dispute_is_decided_by_a_control_call(
    stripe_emulator: Control, stripe_client: stripe.StripeClient, status: str, held: int
) -> None:
    charge = pay(stripe_client).latest_charge
    dispute = stripe_emulator.post("disputes", charge=charge)["id"]
    stripe_emulator.post("disputes", dispute=dispute, status=status)
    assert stripe_client.v1.disputes.retrieve(dispute).status == status
    assert balance(stripe_client)[1] == held
    kinds = [event.type for event in stripe_client.v1.events.list({"limit": 3}).data]
    assert ("charge.dispute.funds_reinstated" in kinds) == (status == "won")
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.disputes.close(dispute)


def test_a_dispute_that_nobody_answers_is_lost(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    intent = pay(stripe_client)
    identifier = stripe_emulator.post("disputes", charge=intent.latest_charge, amount=500)["id"]
    stripe_emulator.advance(10 * DAY)
    assert stripe_client.v1.disputes.retrieve(identifier).status == "lost"
    kinds = [event.type for event in stripe_client.v1.events.list({"limit": 20}).data]
    assert {
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
    } <= set(kinds)
