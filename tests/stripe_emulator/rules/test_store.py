"""Lists, expansion, metadata, isolation of accounts, faults of the wire, and what survives a crash."""

from pathlib import Path

import pytest
import stripe

from tests.stripe_emulator.control import Control, Process


def test_a_list_is_read_in_pages(stripe_client: stripe.StripeClient) -> None:
    made = [stripe_client.v1.customers.create({"name": str(number)}).id for number in range(5)]
    newest_first = made[::-1]
    first = stripe_client.v1.customers.list({"limit": 2})
    assert ([each.id for each in first.data], first.has_more) == (newest_first[:2], True)
    second = stripe_client.v1.customers.list({"limit": 3, "starting_after": newest_first[1]})
    assert ([each.id for each in second.data], second.has_more) == (newest_first[2:], False)
    before = stripe_client.v1.customers.list({"limit": 2, "ending_before": newest_first[3]})
    assert ([each.id for each in before.data], before.has_more) == (newest_first[1:3], True)
    assert [each.id for each in first.auto_paging_iter()] == newest_first
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.customers.list({"starting_after": "cus_nobody"})
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.customers.list({"limit": 101})


def test_a_list_is_filtered_by_time(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    old = stripe_client.v1.customers.create()
    stripe_emulator.advance(100)
    new = stripe_client.v1.customers.create()
    assert [
        each.id for each in stripe_client.v1.customers.list({"created": {"gte": new.created}}).data
    ] == [new.id]
    assert [
        each.id for each in stripe_client.v1.customers.list({"created": {"lt": new.created}}).data
    ] == [old.id]


def test_what_is_expanded_is_the_object(stripe_client: stripe.StripeClient) -> None:
    customer = stripe_client.v1.customers.create({"email": "a@example.org"})
    fields = {"amount": 500, "currency": "usd", "customer": customer.id, "expand": ["customer"]}
    assert stripe_client.v1.payment_intents.create(fields).customer.email == "a@example.org"
    listed = stripe_client.v1.payment_intents.list({"expand": ["data.customer"]}).data[0]
    assert listed.customer.email == "a@example.org"
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.payment_intents.list({"expand": ["data.nothing"]})


def test_metadata_is_merged(stripe_client: stripe.StripeClient) -> None:
    customer = stripe_client.v1.customers.create({"metadata": {"a": "1", "b": "2"}})
    changed = stripe_client.v1.customers.update(customer.id, {"metadata": {"a": "", "c": "3"}})
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}
    assert stripe_client.v1.customers.update(customer.id, {"metadata": ""}).metadata.to_dict() == {}
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.customers.create({"metadata": {"a": "x" * 501}})


def test_accounts_do_not_see_each_other(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    one, other = (stripe_emulator.recipient(stripe_client) for _ in range(2))
    customer = stripe_client.v1.customers.create({}, {"stripe_account": one})
    assert (
        stripe_client.v1.customers.retrieve(customer.id, {}, {"stripe_account": one}).id
        == customer.id
    )
    for options in ({}, {"stripe_account": other}):
        with pytest.raises(stripe.InvalidRequestError) as missing:
            stripe_client.v1.customers.retrieve(customer.id, {}, options)
        assert missing.value.http_status == 404
        assert stripe_client.v1.customers.list({}, options).data == []
        assert customer.id not in str(stripe_client.v1.events.list({"limit": 100}, options))


@pytest.mark.parametrize("account", ["acct_nobody", "cus_1", ""])
def test_an_account_that_is_not_ours_is_refused(
    stripe_client: stripe.StripeClient, account: str
) -> None:
    named = account or stripe_client.v1.customers.create().id
    with pytest.raises(stripe.PermissionError):
        stripe_client.v1.balance.retrieve({}, {"stripe_account": named})


@pytest.mark.parametrize(
    ("fault", "made"),
    [("drop_before", 0), ("drop_after", 1), ("timeout_before", 0), ("timeout_after", 1)],
)
def test_a_connection_is_lost_before_or_after(
    stripe_emulator: Control, stripe_client: stripe.StripeClient, fault: str, made: int
) -> None:
    stripe_emulator.fault("POST /v1/customers", fault, seconds=0.2)
    with pytest.raises(stripe.APIConnectionError):
        stripe_client.v1.customers.create()
    assert len(stripe_client.v1.customers.list().data) == made
    assert [row["fault"] for row in stripe_emulator.requests("POST /v1/customers")] == [fault]


def test_a_repeated_answer_can_be_lost_too(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    stripe_emulator.fault("POST /v1/customers", "drop_after", count=2)
    for _ in range(2):
        with pytest.raises(stripe.APIConnectionError):
            stripe_client.v1.customers.create({}, {"idempotency_key": "k"})
    made = stripe_client.v1.customers.create({}, {"idempotency_key": "k"})
    assert [each.id for each in stripe_client.v1.customers.list().data] == [made.id]


def test_faults_come_by_chance(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    stripe_emulator.fault("*", "rate_limit", count=None, probability=0.5, seed=3)
    refused = 0
    for _ in range(30):
        try:
            stripe_client.v1.balance.retrieve()
        except stripe.RateLimitError:
            refused += 1
    assert 5 < refused < 25
    stripe_emulator.post("faults", clear=True)
    stripe_client.v1.balance.retrieve()


def test_an_emulator_does_not_outlive_its_tests() -> None:
    running = Process()
    running.lose()
    assert running.wait() == 0


def test_what_was_answered_survives_a_crash(tmp_path: Path) -> None:
    state = str(tmp_path / "stripe.sqlite")
    with Process(state) as first:
        made = [first.control.client().v1.customers.create().id for _ in range(20)]
        first.control.fund(500)
        first.control.advance(1_000)
        first.kill()
    with Process(state) as second:
        client = second.control.client()
        assert [each.id for each in client.v1.customers.list({"limit": 100}).data] == made[::-1]
        assert client.v1.balance.retrieve().available[0].amount == 500
        assert second.control.get("clock")["ahead"] == 1_000
