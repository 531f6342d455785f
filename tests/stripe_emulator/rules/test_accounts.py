"""Connected accounts: made over v2, onboarded on hosted pages, seen over v1."""

from typing import Any

import httpx
import pytest
import stripe

from tests.stripe_emulator.clock import MINUTE, iso
from tests.stripe_emulator.control import RECIPIENT, Control

RETURN, REFRESH = "http://site.test/return", "http://site.test/refresh"
PARTS = {"include": ["configuration.recipient", "requirements", "identity", "defaults"]}


def link(client: stripe.StripeClient, account: str) -> str:
    """Return the address of a new account link."""
    urls = {"return_url": RETURN, "refresh_url": REFRESH}
    use_case = {"type": "account_onboarding", "account_onboarding": urls}
    return client.v2.core.account_links.create({"account": account, "use_case": use_case}).url


def answer(http: httpx.Client, address: str, **sent: str) -> str:
    """Open a link, and send its form. Returns where that leads."""
    opened = http.get(address)
    assert opened.status_code == 303
    form = opened.headers["location"]
    if not form.startswith(str(http.base_url)):
        return form
    assert "<form" in http.get(form).text
    return http.post(form, data=sent).headers["location"]


def state(client: stripe.StripeClient, account: str) -> tuple[str, str, list[str]]:
    """Statuses of transfers and payouts, and what is required."""
    found = client.v2.core.accounts.retrieve(account, PARTS)
    balance = found.configuration.recipient.capabilities.stripe_balance
    entries = [entry.description for entry in found.requirements.entries]
    return balance.stripe_transfers.status, balance.payouts.status, entries


@pytest.fixture
def account(stripe_client: stripe.StripeClient) -> str:
    return stripe_client.v2.core.accounts.create(RECIPIENT | {"identity": {"country": "de"}}).id


def test_parts_are_null_unless_they_are_included(
    stripe_client: stripe.StripeClient, account: str
) -> None:
    plain = stripe_client.v2.core.accounts.retrieve(account)
    assert (plain.identity, plain.requirements, plain.configuration) == (None, None, None)
    whole = stripe_client.v2.core.accounts.retrieve(account, PARTS)
    assert (whole.identity.country, whole.applied_configurations) == ("de", ["recipient"])
    assert whole.defaults.responsibilities.losses_collector == "application"
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v2.core.accounts.retrieve("acct_nobody")


def test_an_account_is_onboarded_on_the_hosted_page(
    stripe_emulator: Control, stripe_client: stripe.StripeClient, account: str
) -> None:
    transfers, payouts, required = state(stripe_client, account)
    assert (transfers, payouts) == ("restricted", "restricted")
    assert {"external_account", "identity.individual.date_of_birth"} <= set(required)
    http = stripe_emulator.http
    assert answer(http, link(stripe_client, account), identity="document", bank="good") == RETURN
    assert state(stripe_client, account) == (
        "restricted",
        "restricted",
        ["identity.individual.documents.primary_verification"],
    )
    assert answer(http, link(stripe_client, account), identity="verified", bank="keep") == RETURN
    assert state(stripe_client, account) == ("active", "active", [])
    told: Any = stripe_client.v2.core.events.list({"object_id": account, "limit": 50}).data
    updated = [
        e.data.updated_capability for e in told if e.type.endswith("capability_status_updated")
    ]
    assert updated.count("stripe_balance.stripe_transfers") == 2
    assert any(event.type == "v2.core.account[requirements].updated" for event in told)
    returned: Any = stripe_client.v2.core.events.list(
        {"types": ["v2.core.account_link.returned"]}
    ).data
    assert [event.data.account_id for event in returned] == [account, account]


def test_a_link_works_once(
    stripe_emulator: Control, stripe_client: stripe.StripeClient, account: str
) -> None:
    address = link(stripe_client, account)
    assert answer(stripe_emulator.http, address, submit="no") == RETURN
    assert answer(stripe_emulator.http, address) == REFRESH
    assert state(stripe_client, account)[0] == "restricted"


def test_a_link_expires_in_minutes(
    stripe_emulator: Control, stripe_client: stripe.StripeClient, account: str
) -> None:
    address = link(stripe_client, account)
    stripe_emulator.advance(6 * MINUTE)
    assert answer(stripe_emulator.http, address) == REFRESH
    assert stripe_emulator.http.get("/onboarding/nothing").status_code == 404


@pytest.mark.parametrize(
    ("bank", "payouts", "required"),
    [("bad", "active", []), ("none", "restricted", ["external_account"])],
)
def test_transfers_need_no_bank_account(
    stripe_emulator: Control,
    stripe_client: stripe.StripeClient,
    account: str,
    bank: str,
    payouts: str,
    required: list[str],
) -> None:
    answer(stripe_emulator.http, link(stripe_client, account), identity="verified", bank=bank)
    assert state(stripe_client, account) == ("active", payouts, required)


def test_v1_shows_the_same_account(
    stripe_emulator: Control, stripe_client: stripe.StripeClient, account: str
) -> None:
    before = stripe_client.v1.accounts.retrieve(account)
    assert (before.capabilities.transfers, before.details_submitted, before.country) == (
        "inactive",
        False,
        "DE",
    )
    assert before.requirements.currently_due != []
    stripe_emulator.post("accounts", account=account, identity="verified", bank="good")
    after = stripe_client.v1.accounts.retrieve(account)
    assert (
        after.capabilities.transfers,
        after.payouts_enabled,
        after.requirements.currently_due,
    ) == ("active", True, [])
    (bank,) = after.external_accounts.data
    assert (bank.last4, bank.currency) == ("6789", "eur")
    assert stripe_client.v1.accounts.external_accounts.retrieve(account, bank.id).id == bank.id
    events = stripe_client.v1.events.list({}, {"stripe_account": account}).data
    assert {"account.updated", "account.external_account.created"} <= {
        event.type for event in events
    }


def test_a_capability_is_taken_away_with_a_requirement(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    account = stripe_emulator.recipient(stripe_client)
    document = "identity.individual.documents.secondary_verification"
    stripe_emulator.post(
        "accounts", account=account, stripe_transfers="restricted", requirement=document
    )
    assert state(stripe_client, account) == ("restricted", "active", [document])
    found = stripe_client.v2.core.accounts.retrieve(account, {"include": ["requirements"]})
    assert found.requirements.summary.minimum_deadline.status == "past_due"
    stripe_emulator.post("accounts", account=account, stripe_transfers=None)
    assert state(stripe_client, account) == ("active", "active", [])


def test_a_bank_account_is_changed_in_the_dashboard(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    account = stripe_emulator.recipient(stripe_client, bank="bad")
    http = stripe_emulator.http
    address = stripe_client.v1.accounts.login_links.create(account).url
    home = http.get(address).headers["location"]
    assert http.get(address).status_code == 410
    assert "ends in 1116" in http.get(home).text
    http.post(home, data={"bank": "good"})
    assert "ends in 6789" in http.get(home).text


def test_an_account_is_updated(stripe_client: stripe.StripeClient, account: str) -> None:
    changes: dict[str, Any] = {"display_name": "Ada", "metadata": {"person": "1"}}
    stripe_client.v2.core.accounts.update(account, changes)
    changed = stripe_client.v2.core.accounts.update(
        account, {"metadata": {"person": None, "other": "2"}}
    )
    assert (changed.display_name, changed.metadata.to_dict()) == ("Ada", {"other": "2"})


def test_accounts_are_listed_in_pages(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    made = [stripe_client.v2.core.accounts.create(RECIPIENT).id for _ in range(5)]
    listed = stripe_client.v2.core.accounts.list({"limit": 2})
    assert [account.id for account in listed.auto_paging_iter()] == made[::-1]
    assert listed.data[0].created <= iso(stripe_emulator.get("clock")["now"])


def test_a_closed_account_receives_nothing(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    account, open_account = (stripe_emulator.recipient(stripe_client) for _ in range(2))
    stripe_emulator.fund(1_000)
    transfer = {"amount": 100, "currency": "usd", "destination": account}
    sent = stripe_client.v1.transfers.create(transfer)
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v2.core.accounts.close(account)
    stripe_client.v1.transfers.reversals.create(sent.id)
    assert stripe_client.v2.core.accounts.close(account).closed is True
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.transfers.create(transfer)
    for closed, listed in ((True, account), (False, open_account)):
        assert [
            each.id for each in stripe_client.v2.core.accounts.list({"closed": closed}).data
        ] == [listed]
    merchants = {"applied_configurations": ["merchant"]}
    assert stripe_client.v2.core.accounts.list(merchants).data == []


def test_the_express_dashboard_needs_its_responsibilities(
    stripe_client: stripe.StripeClient,
) -> None:
    without = {name: value for name, value in RECIPIENT.items() if name != "defaults"}
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v2.core.accounts.create(without)
