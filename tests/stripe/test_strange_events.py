"""What is signed and is no event for this endpoint is refused, without asking the database."""

from typing import Any

import pytest

from tests.stripe.made import SECRETS, snapshot, thin
from tests.stripe.sent import post, refused

pytestmark = pytest.mark.usefixtures("set_up", "asks_nothing")


@pytest.mark.parametrize("body", ["nonsense", "", "{", "[" * 100_000, "1" * 5_000])
def test_what_is_not_json_is_refused(body: str) -> None:
    assert refused(post(body)) == "bad_json"


@pytest.mark.parametrize("body", ["[]", "1", "{}", '"event"', '{"object": "charge"}'])
def test_what_is_no_event_is_refused(body: str) -> None:
    assert refused(post(body)) == "bad_event"


STRANGE: dict[str, dict[str, Any]] = {
    "another object's id": {"id": "ch_1"},
    "no id": {"id": None},
    "a long id": {"id": "evt_" + "x" * 200},
    "a type of two words": {"type": "a b"},
    "a number for a type": {"type": 1},
    "a text for the mode": {"livemode": "false"},
    "no mode": {"livemode": None},
    "no time": {"created": None},
    "a word for a time": {"created": "soon"},
    "no data": {"data": None},
    "no object": {"data": {"object": None}},
    "an object of no kind": {"data": {"object": {"id": "pi_1"}}},
    "an object's odd id": {"data": {"object": {"id": "a'; --", "object": "charge"}}},
    "an account's odd id": {"account": "acct 1"},
    "a list of accounts": {"account": ["acct_1"]},
    "a number for a version": {"api_version": 5},
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_event_is_refused(name: str) -> None:
    assert refused(post(snapshot(**STRANGE[name]))) == "bad_event"


@pytest.mark.parametrize("name", ["id", "created", "type", "related_object"])
def test_a_strange_thin_event_is_refused(name: str) -> None:
    strange = {"id": "x", "created": "soon", "type": "", "related_object": {"id": "acct_1"}}
    assert refused(post(thin(**{name: strange[name]}), endpoint="thin")) == "bad_event"


@pytest.mark.parametrize("endpoint", ["platform", "connect"])
def test_a_thin_event_is_refused_where_snapshots_go(endpoint: str) -> None:
    assert refused(post(thin(), endpoint=endpoint)) == "wrong_payload"


def test_a_snapshot_is_refused_where_thin_events_go() -> None:
    assert refused(post(snapshot(), endpoint="thin")) == "wrong_payload"


def test_an_event_of_the_other_mode_is_refused(settings: Any) -> None:
    assert refused(post(snapshot(livemode=True))) == "wrong_mode"
    assert refused(post(thin(livemode=True), endpoint="thin")) == "wrong_mode"
    settings.STRIPE_SECRET_KEY = "sk_live_1"
    assert refused(post(snapshot())) == "wrong_mode"


def test_a_live_endpoint_of_connected_accounts_gets_test_events_too(settings: Any) -> None:
    """Stripe sends them there and would give the endpoint up; nothing is stored."""
    settings.STRIPE_SECRET_KEY = "sk_live_1"
    answer = post(snapshot(account="acct_1"), endpoint="connect")
    assert (answer.status_code, answer.json()["code"]) == (200, "wrong_mode")
    settings.STRIPE_SECRET_KEY = "sk_test_1"
    assert refused(post(snapshot(livemode=True), endpoint="connect")) == "wrong_mode"


def test_a_live_event_is_taken_with_a_live_key(db: None, settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = "rk_live_1"
    assert post(snapshot(livemode=True)).status_code == 200


@pytest.mark.parametrize("version", ["2025-12-15.clover", None])
def test_an_event_of_another_version_is_refused(version: str | None) -> None:
    assert refused(post(snapshot(api_version=version))) == "wrong_version"


def test_without_a_key_or_secrets_everything_is_refused(settings: Any) -> None:
    body = snapshot()
    settings.STRIPE_WEBHOOK_SECRETS = {**SECRETS, "platform": []}
    assert refused(post(body)) == "not_set_up"
    settings.STRIPE_WEBHOOK_SECRETS, settings.STRIPE_SECRET_KEY = SECRETS, ""
    assert refused(post(body)) == "not_set_up"
