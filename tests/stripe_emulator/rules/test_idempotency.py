"""Idempotency keys: what is repeated, for how long, and what is refused."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from tests.stripe_emulator.clock import DAY
from tests.stripe_emulator.control import RECIPIENT, Control

CREATE = "POST /v1/customers"


def create(client: stripe.StripeClient, key: str, **fields: Any) -> Any:
    return client.v1.customers.create(fields, {"idempotency_key": key})


def count(client: stripe.StripeClient) -> int:
    return len(client.v1.customers.list({"limit": 100}).data)


def test_a_result_is_repeated_for_a_day_and_not_longer(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    first = create(stripe_client, "k", email="a@example.org")
    assert "idempotent-replayed" not in first.last_response.headers
    stripe_emulator.advance(DAY - 10)
    again = create(stripe_client, "k", email="a@example.org")
    assert again.id == first.id
    assert again.last_response.headers["idempotent-replayed"] == "true"
    stripe_emulator.advance(20)
    assert create(stripe_client, "k", email="a@example.org").id != first.id


def test_a_key_with_other_parameters_is_refused(stripe_client: stripe.StripeClient) -> None:
    create(stripe_client, "k", email="a@example.org")
    with pytest.raises(stripe.IdempotencyError):
        create(stripe_client, "k", email="b@example.org")
    with pytest.raises(stripe.IdempotencyError):
        stripe_client.v1.refunds.create({"charge": "ch_1"}, {"idempotency_key": "k"})
    assert count(stripe_client) == 1


def test_an_error_after_execution_began_is_repeated(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    account = stripe_emulator.recipient(stripe_client)
    transfer = {"amount": 100, "currency": "usd", "destination": account}
    for funds in (0, 1000):
        stripe_emulator.post("fund", amount=funds)
        with pytest.raises(stripe.InvalidRequestError) as refused:
            stripe_client.v1.transfers.create(transfer, {"idempotency_key": "k"})
        assert refused.value.code == "balance_insufficient"
    assert refused.value.headers["idempotent-replayed"] == "true"
    assert stripe_client.v1.transfers.create(transfer, {"idempotency_key": "k2"}).amount == 100


def test_an_error_of_validation_is_not_stored(stripe_client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        create(stripe_client, "k", bogus=1)
    assert create(stripe_client, "k", email="a@example.org").email == "a@example.org"


def test_a_missing_parameter_that_the_operation_finds_is_not_stored(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    account = stripe_emulator.recipient(stripe_client)
    stripe_emulator.fund(100)
    transfer = {"currency": "usd", "destination": account}
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.transfers.create(transfer, {"idempotency_key": "k"})
    sent = stripe_client.v1.transfers.create(transfer | {"amount": 100}, {"idempotency_key": "k"})
    assert sent.amount == 100


def test_a_key_is_no_longer_than_255_characters(stripe_client: stripe.StripeClient) -> None:
    create(stripe_client, "k" * 255)
    with pytest.raises(stripe.InvalidRequestError):
        create(stripe_client, "k" * 256)


@pytest.mark.parametrize("fault", ["rate_limit", "conflict"])
def test_429_and_409_are_not_stored(
    stripe_emulator: Control, stripe_client: stripe.StripeClient, fault: str
) -> None:
    stripe_emulator.fault(CREATE, fault)
    with pytest.raises(stripe.StripeError):
        create(stripe_client, "k")
    assert create(stripe_client, "k").object == "customer"


@pytest.mark.parametrize(("fault", "made"), [("error_before", 0), ("error_after", 1)])
def test_500_is_repeated_whether_it_took_effect_or_not(
    stripe_emulator: Control, stripe_client: stripe.StripeClient, fault: str, made: int
) -> None:
    stripe_emulator.fault(CREATE, fault)
    for _ in range(2):
        with pytest.raises(stripe.APIError) as broken:
            create(stripe_client, "k")
        assert broken.value.http_status == 500
    assert count(stripe_client) == made


@pytest.mark.parametrize("fault", ["error_before", "error_after", "drop_after"])
def test_v2_is_run_to_completion(
    stripe_emulator: Control, stripe_client: stripe.StripeClient, fault: str
) -> None:
    stripe_emulator.fault("POST /v2/core/accounts", fault)
    with pytest.raises((stripe.APIError, stripe.APIConnectionError)):
        stripe_client.v2.core.accounts.create(RECIPIENT, {"idempotency_key": "k"})
    made = stripe_client.v2.core.accounts.create(RECIPIENT, {"idempotency_key": "k"})
    assert [account.id for account in stripe_client.v2.core.accounts.list().data] == [made.id]


def test_a_key_in_use_is_refused(stripe_emulator: Control) -> None:
    stripe_emulator.fault(CREATE, "slow", seconds=0.7)
    clients = stripe_emulator.client(), stripe_emulator.client()
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(create, clients[0], "k")
        while stripe_emulator.get("faults")[0]["count"]:
            time.sleep(0.01)
        with pytest.raises(stripe.StripeError) as refused:
            create(clients[1], "k")
        made = slow.result()
    assert (refused.value.http_status, refused.value.error.code) == (409, "idempotency_key_in_use")
    assert create(clients[1], "k").id == made.id


def test_accounts_have_keys_of_their_own(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    account = stripe_emulator.recipient(stripe_client)
    own = create(stripe_client, "k")
    other = stripe_client.v1.customers.create(
        {}, {"idempotency_key": "k", "stripe_account": account}
    )
    assert own.id != other.id


def test_the_sdk_brings_a_lost_answer_home(stripe_emulator: Control) -> None:
    """With retries, under its own key: the second try gets the answer of the first."""
    client = stripe_emulator.client(max_network_retries=1)
    for fault in ("drop_before", "drop_after"):
        stripe_emulator.fault(CREATE, fault)
        client.v1.customers.create({})
    assert count(client) == 2
    assert [row["replayed"] for row in stripe_emulator.requests(CREATE)] == [0, 0, 0, 1]
    keys = [row["idempotency_key"] for row in stripe_emulator.requests(CREATE)]
    assert keys[0] == keys[1] != keys[2] == keys[3]


def test_faults_are_counted_where_they_were_applied(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    """A replayed answer is no error of Stripe's, although one was planned for its request."""
    create(stripe_client, "k")
    for fault in ("error_before", "drop_after", "rate_limit"):
        stripe_emulator.fault(CREATE, fault)
    create(stripe_client, "k")
    with pytest.raises(stripe.APIConnectionError):
        create(stripe_client, "k")
    with pytest.raises(stripe.RateLimitError):
        create(stripe_client, "k")
    assert stripe_emulator.get("faults/applied") == {"drop_after": 1, "rate_limit": 1}
