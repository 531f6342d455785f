"""The typed calls against the emulator, which checks each request and answer by the schemas of the SDK."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from billing.stripe.calls import (
    account_links,
    accounts,
    balance,
    balance_transactions,
    bank_payouts,
    checkout,
    customers,
    disputes,
    external_accounts,
    payment_intents,
    refunds,
    transfers,
)
from billing.stripe.calls.accounts import RecipientAccount
from billing.stripe.calls.payment_intents import PaymentIntent
from billing.stripe.calls.transfers import Transfer
from billing.stripe.errors import NO_CODE, Refused, Unknown
from tests.stripe_emulator.control import Control

DAY = 86_400


def pay(emulator: Control, method: str = "pm_card_visa", key: str = "deposit:1:1") -> PaymentIntent:
    """Let a workspace pay 100 dollars on the page of a checkout session."""
    customer = customers.create(key="customer:1", name="Harbour", email="h@x.example", metadata={})
    session = checkout.create(
        key=key,
        customer=customer.id,
        amount_minor=10_000,
        currency="USD",
        words="Project funds",
        reference="d-1",
        metadata={"deposit": "d-1"},
        success_url="https://hub.example/back",
        cancel_url="https://hub.example/no",
    )
    assert session.url.startswith(emulator.address)
    paid = emulator.post("checkout", session=session.id, method=method)
    return payment_intents.retrieve(paid["payment_intent"])


def make_recipient(emulator: Control, country: str = "US") -> RecipientAccount:
    """Make an account that can be paid."""
    made = accounts.create(
        key="recipient:1", name="Ada", email="a@x.example", country=country, metadata={"p": "1"}
    )
    emulator.post("accounts", account=made.id, identity="verified", bank="good")
    return accounts.retrieve(made.id)


def send(destination: str, amount: int = 700, key: str = "payout:1:1") -> Transfer:
    return transfers.create(
        key=key,
        destination=destination,
        amount_minor=amount,
        currency="USD",
        group="run-1",
        metadata={"payout": "p-1"},
    )


def test_a_deposit_by_card(emulator: Control) -> None:
    paid = pay(emulator)
    assert (paid.status, paid.received_minor, paid.currency) == ("succeeded", 10_000, "USD")
    assert paid.metadata == {"deposit": "d-1"}
    charge = paid.charge
    assert charge and charge.transaction
    assert (charge.method, charge.status) == ("card", "succeeded")
    assert charge.transaction.net_minor == 10_000 - charge.transaction.fee_minor
    assert charge.transaction.status == "pending"
    assert balance.retrieve().pending == {"USD": charge.transaction.net_minor}
    (session,) = checkout.of_customer(paid.customer)
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", "")
    assert session.payment_intent == paid.id
    assert checkout.retrieve(session.id) == session
    emulator.advance(3 * DAY)
    cleared = balance_transactions.retrieve(charge.transaction.id)
    assert cleared.status == "available"
    assert balance.retrieve().available["USD"] == cleared.net_minor


def test_a_card_that_is_declined(emulator: Control) -> None:
    with pytest.raises(ValueError, match="declined"):
        pay(emulator, "pm_card_chargeDeclined")


def test_refunds(emulator: Control) -> None:
    emulator.fund(20_000)
    paid = pay(emulator)
    made = refunds.create(
        key="refund:1:1", payment_intent=paid.id, amount_minor=400, metadata={"refund": "r-1"}
    )
    assert (made.status, made.amount_minor, made.charge) == (
        "succeeded",
        400,
        paid.charge and paid.charge.id,
    )
    assert balance_transactions.retrieve(made.transaction).amount_minor == -400
    assert [each.id for each in refunds.of_payment(paid.id)] == [made.id]
    emulator.post("refunds/fail", refund=made.id)
    failed = refunds.retrieve(made.id)
    assert failed.status == "failed"
    assert failed.failure_transaction and failed.failure_reason
    with pytest.raises(Refused) as refused:
        refunds.create(key="refund:2:1", payment_intent=paid.id, amount_minor=20_000, metadata={})
    assert refused.value.code == NO_CODE
    assert "greater than unrefunded amount" in refused.value.message


def test_a_dispute(emulator: Control) -> None:
    paid = pay(emulator)
    assert paid.charge
    opened = emulator.post("disputes", charge=paid.charge.id)["id"]
    found = disputes.retrieve(opened)
    assert (found.status, found.payment_intent, found.amount_minor) == (
        "needs_response",
        paid.id,
        10_000,
    )
    assert [each.amount_minor for each in found.transactions] == [-10_000]
    assert found.answer_by
    emulator.post("disputes", dispute=opened, status="won")
    won = disputes.retrieve(opened)
    assert (won.status, len(won.transactions)) == ("won", 2)


def test_a_recipient_becomes_payable(emulator: Control) -> None:
    made = accounts.create(
        key="recipient:1", name="Ada", email="a@x.example", country="DE", metadata={"person": "1"}
    )
    assert (made.can_be_paid, made.country, made.metadata) == (False, "DE", {"person": "1"})
    assert made.requirements
    link = account_links.onboarding_link(
        key="link:1",
        account=made.id,
        return_url="https://hub.example/back",
        refresh_url="https://hub.example/again",
    )
    assert link.url.startswith(emulator.address)
    assert link.expires_at
    emulator.post("accounts", account=made.id, identity="verified", bank="good")
    found = accounts.retrieve(made.id)
    assert (found.transfers, found.can_be_paid, found.reasons) == ("active", True, ())
    assert account_links.login_link(key="login:1", account=made.id).url.startswith(emulator.address)
    (bank,) = external_accounts.of_account(made.id)
    assert (bank.kind, bank.is_default, bank.country) == ("bank_account", True, "DE")
    assert external_accounts.retrieve(bank.id, account=made.id) == bank
    emulator.post("accounts", account=made.id, stripe_transfers="restricted")
    assert accounts.retrieve(made.id).reasons


def test_transfers(emulator: Control) -> None:
    recipient = make_recipient(emulator)
    with pytest.raises(Refused) as refused:
        send(recipient.id)
    assert refused.value.code == "balance_insufficient"
    emulator.fund(5_000)
    made = send(recipient.id, key="payout:1:2")
    assert (made.destination, made.group, made.metadata) == (
        recipient.id,
        "run-1",
        {"payout": "p-1"},
    )
    assert list(transfers.of_group("run-1")) == [made]
    assert list(transfers.of_group("run-2")) == []
    back = transfers.reverse(key="back:1", transfer=made.id, amount_minor=200, metadata={"b": "1"})
    assert (back.transfer, back.amount_minor) == (made.id, 200)
    assert transfers.retrieve(made.id).reversed_minor == 200
    assert list(transfers.reversals_of(made.id)) == [back]
    assert balance.retrieve(account=recipient.id).available == {"USD": 500}


def test_the_bank_leg(emulator: Control) -> None:
    recipient = make_recipient(emulator)
    emulator.fund(5_000)
    send(recipient.id)
    emulator.advance(4 * DAY)
    began = datetime.now(UTC) - timedelta(days=1)
    (found,) = bank_payouts.of_account(recipient.id, since=began)
    assert (found.status, found.amount_minor, found.is_automatic) == ("paid", 700, True)
    emulator.post("payouts/fail", payout=found.id, code="account_closed")
    failed = bank_payouts.retrieve(found.id, account=recipient.id)
    assert (failed.status, failed.failure_code) == ("failed", "account_closed")
    (bank,) = external_accounts.of_account(recipient.id)
    assert bank.status == "errored"
    assert list(bank_payouts.of_account(recipient.id, since=datetime(2100, 1, 1, tzinfo=UTC))) == []


def test_transactions_are_read_from_a_cursor(emulator: Control) -> None:
    recipient = make_recipient(emulator)
    emulator.fund(50_000)
    for number in range(3):
        send(recipient.id, 100 + number, f"payout:{number}:1")
    everything = list(balance_transactions.after(""))
    assert [each.amount_minor for each in everything] == [50_000, -100, -101, -102]
    assert [each.category for each in everything] == ["topup", *["transfer"] * 3]
    assert everything[1].source.startswith("tr_")
    assert list(balance_transactions.after(everything[1].id)) == everything[2:]
    assert list(balance_transactions.after(everything[-1].id)) == []
    mine = balance_transactions.after("", account=recipient.id)
    assert [each.amount_minor for each in mine] == [100, 101, 102]


def test_a_page_holds_a_hundred(emulator: Control) -> None:
    recipient = make_recipient(emulator)
    emulator.fund(500_000)
    for number in range(105):
        send(recipient.id, 100, f"payout:{number}:1")
    found = list(balance_transactions.after(""))
    assert len(found) == len({each.id for each in found}) == 106
    assert [each.id for each in balance_transactions.after(found[2].id)] == [
        each.id for each in found[3:]
    ]
    assert len(list(transfers.of_group("run-1"))) == 105


@pytest.mark.parametrize("fault", ["drop_after", "drop_before", "conflict"])
def test_a_lost_answer_moves_money_once(emulator: Control, fault: str) -> None:
    """The SDK sends the request again under the same key."""
    recipient = make_recipient(emulator)
    emulator.fund(5_000)
    emulator.fault("POST /v1/transfers", fault, count=2)
    made = send(recipient.id)
    assert list(transfers.of_group("run-1")) == [made]


@pytest.mark.parametrize(("fault", "moved"), [("error_after", 1), ("error_before", 0)])
def test_an_error_at_stripe_tells_nothing(emulator: Control, fault: str, moved: int) -> None:
    recipient = make_recipient(emulator)
    emulator.fund(5_000)
    emulator.fault("POST /v1/transfers", fault)
    for _ in range(2):
        with pytest.raises(Unknown):
            send(recipient.id)
    assert len(list(transfers.of_group("run-1"))) == moved


def test_a_key_is_of_one_body(emulator: Control) -> None:
    """The key was used for something else, which has happened: it is not refused, and nothing new is tried."""
    recipient = make_recipient(emulator)
    emulator.fund(5_000)
    first = send(recipient.id)
    assert send(recipient.id) == first
    with pytest.raises(Unknown):
        send(recipient.id, 701)


@pytest.mark.parametrize(
    "call",
    [
        lambda: payment_intents.retrieve("pi_none"),
        lambda: refunds.retrieve("re_none"),
        lambda: transfers.retrieve("tr_none"),
        lambda: disputes.retrieve("dp_none"),
        lambda: checkout.retrieve("cs_none"),
        lambda: accounts.retrieve("acct_none"),
    ],
)
def test_what_is_not_there(emulator: Control, call: Any) -> None:
    with pytest.raises(Refused) as refused:
        call()
    assert refused.value.is_missing


def test_an_account_that_is_not_ours(emulator: Control) -> None:
    with pytest.raises(Refused) as refused:
        balance.retrieve(account="acct_none")
    assert refused.value.code == "account_invalid"
