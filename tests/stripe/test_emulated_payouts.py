"""Calls about people who are paid against the emulator: no fault moves money twice."""

from datetime import UTC, datetime, timedelta

import pytest

from billing.stripe.calls import (
    account_links,
    accounts,
    balance,
    balance_transactions,
    bank_payouts,
    external_accounts,
    transfers,
)
from billing.stripe.calls.accounts import RecipientAccount
from billing.stripe.calls.transfers import Transfer
from billing.stripe.errors import Refused, Unknown
from tests.stripe_emulator.control import Control

DAY = 86_400


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
