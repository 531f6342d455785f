"""How calls are sent: where, with which version and key, how often, and for how long."""

import os
import time
from typing import Any

import pytest

from billing.stripe import client
from billing.stripe.calls import balance, transfers
from billing.stripe.errors import NotSetUp, Refused, Unknown
from tests.stripe.made import KEY
from tests.stripe.scripted import Scripted

BALANCE = {"object": "balance", "available": [{"amount": 5, "currency": "usd"}], "pending": []}


def test_without_a_key_nothing_is_called(settings: Any) -> None:
    assert not client.is_set_up()
    with pytest.raises(NotSetUp):
        balance.retrieve()


@pytest.mark.parametrize(
    ("key", "live"),
    [("sk_live_1", True), ("rk_live_1", True), ("sk_test_1", False), ("rk_test_1", False)],
)
def test_the_key_says_whether_money_is_real(settings: Any, key: str, live: bool) -> None:
    settings.STRIPE_SECRET_KEY = key
    assert client.is_set_up()
    assert client.is_live() is live


def test_a_call_states_key_and_version_and_nothing_of_the_machine(
    api: Scripted, settings: Any
) -> None:
    settings.STRIPE_VERSION = "2030-01-01.test"
    api.say(BALANCE, headers={"Request-Id": "req_1"})
    assert balance.retrieve().available == {"USD": 5}
    balance.retrieve(account="acct_9")
    first, second = (asked.headers for asked in api.asked)
    assert first["authorization"] == f"Bearer {KEY}"
    assert first["stripe-version"] == "2030-01-01.test"
    assert "stripe-account" not in first
    assert second["stripe-account"] == "acct_9"
    assert "x-stripe-client-telemetry" not in second
    assert "platform" not in second["x-stripe-client-user-agent"]


def test_without_an_address_stripe_itself_is_called(set_up: None, settings: Any) -> None:
    settings.STRIPE_API_BASE = ""
    requestor = client.client()._requestor
    assert requestor.base_addresses["api"] == "https://api.stripe.com"
    assert requestor._client._session.trust_env


def test_no_proxy_stands_before_the_emulator(
    api: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    api.say(BALANCE)
    assert balance.retrieve().available == {"USD": 5}


def test_processes_share_no_connection(set_up: None, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = client.client()
    assert client.client() is ours
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert client.client() is not ours


def test_a_request_is_sent_three_times_under_one_key(api: Scripted) -> None:
    api.say(drop=True)
    with pytest.raises(Unknown, match="communicating"):
        transfers.create(
            key="payout:1:1",
            destination="acct_1",
            amount_minor=5,
            currency="USD",
            group="run",
            metadata={},
        )
    assert {asked.headers["idempotency-key"] for asked in api.asked} == {"payout:1:1"}
    assert len(api.asked) == 3


def test_an_answer_that_drips_is_given_up(api: Scripted, settings: Any) -> None:
    """Each byte comes in time, and the whole never would."""
    settings.STRIPE_CONNECT_SECONDS, settings.STRIPE_ANSWER_SECONDS = 0.1, 0.4
    settings.STRIPE_RETRIES = 1
    client._made.cache_clear()
    api.say(BALANCE, drip=30)
    began = time.monotonic()
    with pytest.raises(Unknown, match="took too long"):
        balance.retrieve()
    assert time.monotonic() - began < 3
    assert len(api.asked) == 2
    client._made.cache_clear()


def test_what_goes_wrong_in_the_sdk_is_not_hidden(
    api: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    http: Any = client.client()._requestor._client
    monkeypatch.setattr(http._session, "request", broken)
    with pytest.raises(Unknown, match="ZeroDivisionError"):
        balance.retrieve()


def test_a_call_lasts_71_seconds_at_most(set_up: None, settings: Any) -> None:
    """Twice the SDK pauses, for a second at most."""
    http: Any = client.client()._requestor._client
    pauses = [max(http._sleep_time_seconds(number) for _ in range(50)) for number in (1, 2)]
    once = settings.STRIPE_CONNECT_SECONDS + settings.STRIPE_ANSWER_SECONDS
    assert client.client()._requestor._options.max_network_retries == settings.STRIPE_RETRIES == 2
    assert (settings.STRIPE_RETRIES + 1) * once + sum(pauses) < 71
    assert http._timeout == (3.05, 20.0)


def test_a_currency_that_stripe_counts_otherwise_is_not_sent(api: Scripted) -> None:
    for currency in ("ISK", "UGX", "MGA", "XXX"):
        with pytest.raises(Refused) as refused:
            transfers.create(
                key="k",
                destination="acct_1",
                amount_minor=5,
                currency=currency,
                group="run",
                metadata={},
            )
        assert refused.value.code == "currency_not_supported"
    assert api.asked == []
