"""Calls about people who are paid: what is sent, and what is made of the answer."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from billing.stripe.calls import (
    account_links,
    accounts,
    bank_payouts,
    external_accounts,
    transfers,
)
from tests.stripe import answers
from tests.stripe.answers import AT
from tests.stripe.scripted import Scripted

MOMENT = datetime.fromtimestamp(AT, UTC)


def test_a_recipients_account(api: Scripted) -> None:
    api.say(answers.account("pending"))
    made = accounts.create(
        key="recipient:1:1", name="Ada", email="a@x.example", country="DE", metadata={"person": "1"}
    )
    assert (made.id, made.country, made.currency) == ("acct_1", "DE", "EUR")
    assert (made.transfers, made.can_be_paid) == ("pending", False)
    asked = api.asked[0]
    sent: dict[str, Any] = json.loads(asked.body)
    assert asked.headers["idempotency-key"] == "recipient:1:1"
    assert (sent["dashboard"], sent["identity"]["country"]) == ("express", "de")
    requested = sent["configuration"]["recipient"]["capabilities"]["stripe_balance"]
    assert requested == {"stripe_transfers": {"requested": True}}
    assert sent["defaults"]["responsibilities"]["losses_collector"] == "application"


@pytest.mark.parametrize(
    ("changes", "can"),
    [
        ({}, True),
        ({"status": "restricted"}, False),
        ({"closed": True}, False),
        ({"closed": None}, True),
        ({"requirements": {"entries": [answers.requirement()]}}, False),
        (
            {
                "requirements": {
                    "entries": [answers.requirement(minimum_deadline={"status": "eventually_due"})]
                }
            },
            True,
        ),
    ],
)
def test_who_can_be_paid(api: Scripted, changes: dict[str, Any], can: bool) -> None:
    api.say(answers.account(**changes))
    found = accounts.retrieve("acct_1")
    assert found.can_be_paid is can


def test_why_somebody_cannot_be_paid(api: Scripted) -> None:
    waits = answers.requirement(awaiting_action_from="stripe", errors=[])
    entries = {"entries": [answers.requirement(), waits]}
    api.say(answers.account("restricted", requirements=entries))
    found = accounts.retrieve("acct_1")
    assert found.reasons == ("requirements_past_due",)
    assert [(each.by_person, each.errors) for each in found.requirements] == [
        (True, ("It expired.",)),
        (False, ()),
    ]
    assert found.requirements[0].deadline == "past_due"


def test_an_account_of_which_nothing_is_known(api: Scripted) -> None:
    api.say(answers.account(configuration=None, identity=None, defaults=None, requirements=None))
    found = accounts.retrieve("acct_1")
    assert (found.transfers, found.reasons, found.requirements) == ("", (), ())
    assert (found.country, found.currency, found.can_be_paid) == ("", "", False)


def test_links(api: Scripted) -> None:
    api.say(
        {
            "object": "v2.core.account_link",
            "url": "https://on.example/1",
            "expires_at": "2026-11-20T12:35:00.000Z",
        }
    )
    link = account_links.onboarding_link(
        key="link:1:1",
        account="acct_1",
        return_url="https://hub.example/back",
        refresh_url="https://hub.example/again",
    )
    assert (link.url, link.expires_at) == (
        "https://on.example/1",
        datetime(2026, 11, 20, 12, 35, tzinfo=UTC),
    )
    use: dict[str, Any] = json.loads(api.asked[0].body)["use_case"]
    assert use["account_onboarding"]["refresh_url"] == "https://hub.example/again"
    api.answers.clear()
    api.say({"object": "login_link", "url": "https://in.example/1", "created": AT})
    login = account_links.login_link(key="login:1:1", account="acct_1")
    assert (login.url, login.expires_at) == ("https://in.example/1", None)
    assert api.asked[1].path == "/v1/accounts/acct_1/login_links"
    assert api.asked[1].headers["idempotency-key"] == "login:1:1"


def test_a_transfer(api: Scripted) -> None:
    api.say(answers.transfer())
    made = transfers.create(
        key="payout:1:1",
        destination="acct_1",
        amount_minor=700,
        currency="USD",
        group="run-1",
        metadata={"payout": "p-1"},
    )
    assert (made.id, made.amount_minor, made.group, made.transaction) == (
        "tr_1",
        700,
        "run-1",
        "txn_4",
    )
    assert api.asked[0].parameters == {
        "destination": "acct_1",
        "amount": "700",
        "currency": "usd",
        "transfer_group": "run-1",
        "metadata[payout]": "p-1",
    }
    api.answers.clear()
    api.say(answers.transfer(amount_reversed=700, transfer_group=None))
    found = transfers.retrieve("tr_1")
    assert (found.reversed_minor, found.group) == (700, "")
    api.answers.clear()
    api.listing(answers.transfer())
    assert [each.metadata for each in transfers.of_group("run-1")] == [{"payout": "p-1"}]


def test_a_reversal(api: Scripted) -> None:
    api.say(answers.reversal())
    made = transfers.reverse(key="back:1:1", transfer="tr_1", amount_minor=700, metadata={})
    assert (made.transfer, made.amount_minor, made.transaction) == ("tr_1", 700, "txn_5")
    assert api.asked[0].path == "/v1/transfers/tr_1/reversals"
    api.answers.clear()
    api.listing(answers.reversal())
    assert [each.id for each in transfers.reversals_of("tr_1")] == ["trr_1"]


def test_payouts_to_a_bank(api: Scripted) -> None:
    api.listing(answers.payout())
    (found,) = bank_payouts.of_account("acct_1", since=MOMENT)
    assert (found.status, found.failure_code, found.is_automatic) == (
        "failed",
        "account_closed",
        True,
    )
    assert found.arrives_at == MOMENT + timedelta(days=1)
    asked = api.asked[0]
    assert asked.headers["stripe-account"] == "acct_1"
    assert asked.parameters == {"created[gte]": str(AT), "limit": "100"}
    api.answers.clear()
    api.say(answers.payout(destination=answers.bank_account()))
    assert bank_payouts.retrieve("po_1", account="acct_1").destination == "ba_1"


def test_bank_accounts_and_cards(api: Scripted) -> None:
    card = {"id": "card_1", "object": "card", "brand": "Visa", "last4": "4242", "currency": "usd"}
    api.listing(answers.bank_account(), card)
    bank, debit = external_accounts.of_account("acct_1")
    assert (bank.name, bank.status, bank.currency, bank.is_default) == (
        "TEST BANK",
        "errored",
        "EUR",
        True,
    )
    assert (debit.kind, debit.name, debit.status, debit.is_default) == ("card", "Visa", "", False)
    api.answers.clear()
    api.say(answers.bank_account(default_for_currency=None))
    found = external_accounts.retrieve("ba_1", account="acct_1")
    assert (found.last4, found.is_default) == ("3000", False)
    assert api.asked[-1].path == "/v1/accounts/acct_1/external_accounts/ba_1"
