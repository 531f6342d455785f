"""Connected accounts of people who are paid."""

from typing import Any

import pytest
import stripe

from tests.contract.conftest import Side
from tests.stripe_emulator.control import RECIPIENT

PARTS = {"include": ["configuration.recipient", "requirements", "identity"]}


def made(side: Side) -> Any:
    identity = {"identity": {"country": "us", "entity_type": "individual"}, "display_name": "Ada"}
    return side.client.v2.core.accounts.create(RECIPIENT | identity | PARTS)


def test_a_new_recipient_can_receive_nothing_yet(side: Side) -> None:
    account = made(side)
    found = side.client.v2.core.accounts.retrieve(account.id, PARTS)
    assert (found.applied_configurations, found.identity.country) == (["recipient"], "us")
    transfers = found.configuration.recipient.capabilities.stripe_balance.stripe_transfers
    assert transfers.status == "restricted"
    assert found.requirements.entries != []
    with pytest.raises(stripe.InvalidRequestError) as refused:
        side.client.v1.transfers.create(
            {"amount": 100, "currency": "usd", "destination": account.id}
        )
    assert refused.value.code == "insufficient_capabilities_for_transfer"


def test_parts_are_null_unless_they_are_included(side: Side) -> None:
    plain = side.client.v2.core.accounts.retrieve(made(side).id)
    assert (plain.identity, plain.requirements, plain.configuration) == (None, None, None)


def test_v1_shows_the_same_account(side: Side) -> None:
    account = made(side)
    found = side.client.v1.accounts.retrieve(account.id)
    assert (found.id, found.country, found.payouts_enabled) == (account.id, "US", False)


def test_an_account_link_leads_to_a_page_for_some_minutes(side: Side) -> None:
    urls = {
        "return_url": "https://example.org/return",
        "refresh_url": "https://example.org/refresh",
    }
    use_case = {"type": "account_onboarding", "account_onboarding": urls}
    link = side.client.v2.core.account_links.create(
        {"account": made(side).id, "use_case": use_case}
    )
    assert link.url.startswith("http") and link.expires_at > link.created


def test_a_new_account_is_listed(side: Side) -> None:
    account = made(side)
    listed = side.client.v2.core.accounts.list(
        {"applied_configurations": ["recipient"], "limit": 5}
    ).data
    assert account.id in [each.id for each in listed]


def test_a_connected_account_has_a_balance_of_its_own(side: Side) -> None:
    account = made(side)
    held: Any = side.client.v1.balance.retrieve({}, {"stripe_account": account.id})
    assert sum(part.amount for part in (*held.available, *held.pending)) == 0
    with pytest.raises(stripe.PermissionError):
        side.client.v1.balance.retrieve({}, {"stripe_account": "acct_nobody"})
