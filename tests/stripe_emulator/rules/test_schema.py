"""Requests and answers are held to what the installed SDK says."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from tests.stripe_emulator.control import KEY, Control
from tests.stripe_emulator.emulator import Emulator
from tests.stripe_emulator.errors import Fault
from tests.stripe_emulator.operations import OPERATIONS
from tests.stripe_emulator.resources import load
from tests.stripe_emulator.schema.oracle import Oracle
from tests.stripe_emulator.store import Store
from tests.stripe_emulator.wire import Request
from tests.stripe_emulator.world import World


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    return Oracle()


SESSION: dict[str, Any] = {
    "mode": "payment",
    "success_url": "http://site.test/done",
    "line_items": [
        {
            "quantity": 1,
            "price_data": {
                "currency": "usd",
                "unit_amount": 5000,
                "product_data": {"name": "Funds"},
            },
        }
    ],
}


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"bogus": 1}, "parameter_unknown", "bogus"),
        ({"payment_intent_data": {"bogus": 1}}, "parameter_unknown", "payment_intent_data[bogus]"),
        ({"mode": "gift"}, None, "mode"),
        ({"expires_at": "soon"}, "parameter_invalid_integer", "expires_at"),
        ({"payment_method_types": ["card"]}, "payment_method_types_no_longer_supported", "payment_method_types"),
        ({"line_items": [{"price_data": {}, "quantity": "x"}]}, "parameter_invalid_integer", "line_items[0][quantity]"),
    ],
)  # fmt: skip
def test_a_bad_parameter_is_refused_by_its_name(
    stripe_client: stripe.StripeClient, change: dict[str, Any], code: str | None, param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe_client.v1.checkout.sessions.create(SESSION | change)
    assert (refused.value.code, refused.value.param) == (code, param)


def test_a_missing_parameter_is_refused(stripe_client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe_client.v1.transfers.create({"amount": 1, "currency": "usd"})
    assert (refused.value.code, refused.value.param) == ("parameter_missing", "destination")


def test_a_bad_parameter_of_v2_is_refused(stripe_client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe_client.v2.core.accounts.create({"dashboard": "lite"})
    assert refused.value.param == "dashboard"


@pytest.mark.parametrize("fields", [{"livemode": "no"}, {"amount": None}, {"metadata": {"a": 1}}])
def test_an_answer_that_the_sdk_could_not_read_is_a_fault(
    oracle: Oracle, fields: dict[str, Any]
) -> None:
    reversals = {"object": "list", "data": [], "has_more": False, "url": "/"}
    good = {
        "id": "tr_1",
        "object": "transfer",
        "amount": 1,
        "amount_reversed": 0,
        "created": 1,
        "currency": "usd",
    }
    good |= {"livemode": False, "metadata": {}, "reversals": reversals, "reversed": False}
    operation = oracle.operations["POST /v1/transfers"]
    operation.check_response(good)
    with pytest.raises(Fault):
        operation.check_response(good | fields)


def test_an_expanded_object_is_held_to_its_own_schema(oracle: Oracle) -> None:
    with pytest.raises(Fault, match="balance_transaction"):
        oracle.check_inner(
            {"balance_transaction": {"object": "balance_transaction", "id": "txn_1"}}
        )


def test_an_answer_is_checked_before_it_is_sent(
    monkeypatch: pytest.MonkeyPatch, oracle: Oracle
) -> None:
    emulator = Emulator()
    headers = {"authorization": f"Bearer {KEY}", "stripe-version": oracle.version}
    request = Request("GET", "/v1/balance", "", headers, b"")
    assert _run(emulator.answer(request)).status == 200
    monkeypatch.setitem(OPERATIONS, "GET /v1/balance", lambda call: {"object": "balance"})
    assert _run(emulator.answer(request)).status == 500
    assert "does not fit the SDK's schema" in emulator.api.own_faults[0]


def test_an_event_is_checked_before_it_is_stored(oracle: Oracle) -> None:
    world = World(Store(), oracle, "http://127.0.0.1")
    customer = world.new(world.platform, "customer", "cus", metadata={})
    world.emit("customer.created", customer)
    with pytest.raises(Fault, match="customer"):
        world.emit("customer.updated", customer | {"metadata": {"a": 1}})
    with pytest.raises(Fault, match=r"event.*type"):
        world.emit("customer.married", customer)


NOT_IMPLEMENTED: list[tuple[Callable[[stripe.StripeClient], Any], str]] = [
    (lambda client: client.v1.products.list(), "GET /v1/products"),
    (
        lambda client: client.v1.payment_intents.create(
            {"amount": 500, "currency": "usd", "radar_options": {"session": "s"}}
        ),
        "POST /v1/payment_intents with radar_options",
    ),
    (lambda client: client.v1.checkout.sessions.create(SESSION | {"mode": "setup"}), "mode setup"),
    (
        lambda client: client.v1.checkout.sessions.create(
            SESSION | {"payment_intent_data": {"on_behalf_of": "acct_1"}}
        ),
        "payment_intent_data with on_behalf_of",
    ),
    (
        lambda client: client.v1.balance_settings.update(
            {"payments": {"payouts": {"schedule": {"interval": "weekly"}}}}
        ),
        "payouts that are weekly",
    ),
]


@pytest.mark.parametrize(
    ("request_it", "named"), NOT_IMPLEMENTED, ids=[named for _, named in NOT_IMPLEMENTED]
)
def test_what_is_not_implemented_says_so_loudly(
    stripe_emulator: Control,
    stripe_client: stripe.StripeClient,
    request_it: Callable[[stripe.StripeClient], Any],
    named: str,
) -> None:
    with pytest.raises(stripe.APIError, match=f"NOT IMPLEMENTED: .*{named}") as refused:
        request_it(stripe_client)
    assert refused.value.http_status == 501
    (fault,) = stripe_emulator.take_own_faults()
    assert named in fault


def test_an_address_that_stripe_does_not_have_is_not_found(
    stripe_client: stripe.StripeClient,
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe_client.raw_request("get", "/v1/nothing")
    assert refused.value.http_status == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer sk_live_1"}, 401),
        ({"Authorization": ""}, 401),
        ({"Authorization": f"Bearer {KEY}"}, 400),
        ({"Authorization": f"Bearer {KEY}", "Stripe-Version": "2024-06-20"}, 400),
    ],
    ids=["live key", "no key", "no version", "old version"],
)
def test_a_wrong_key_or_version_is_refused(
    stripe_emulator: Control, headers: dict[str, str], status: int
) -> None:
    assert stripe_emulator.http.get("/v1/balance", headers=headers).status_code == status


def test_every_operation_is_one_of_the_sdk(oracle: Oracle) -> None:
    load()
    assert OPERATIONS.keys() <= oracle.operations.keys()


def _run(coroutine: Any) -> Any:
    """Run it in a thread: after a browser test, this one has a running loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()
