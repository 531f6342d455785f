"""Webhooks: signed so that the SDK verifies them, sent to who wants them, tried again, and mistreated on purpose."""

import time
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import stripe

from tests.stripe_emulator.clock import DAY
from tests.stripe_emulator.control import RECIPIENT, Control, Process
from tests.stripe_emulator.rules.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def types(receiver: Receiver) -> list[str]:
    return [orjson.loads(body)["type"] for body, _ in receiver.received]


def test_the_sdk_verifies_a_webhook(
    stripe_emulator: Control, stripe_client: stripe.StripeClient, receiver: Receiver
) -> None:
    secret = stripe_emulator.endpoint(receiver.address)
    customer = stripe_client.v1.customers.create(
        {"email": "a@example.org"}, {"idempotency_key": "k"}
    )
    ((body, signature),) = receiver.wait_for(1)
    event = stripe_client.construct_event(body, signature, secret)
    assert (event.type, event.data.object.id, event.livemode) == (
        "customer.created",
        customer.id,
        False,
    )
    assert (event.api_version, event.request.idempotency_key) == (stripe.api_version, "k")
    assert stripe_client.v1.events.retrieve(event.id).data.object.email == "a@example.org"
    with pytest.raises(stripe.SignatureVerificationError):
        stripe_client.construct_event(body.replace(b"a@", b"b@"), signature, secret)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe_client.construct_event(body, signature, "whsec_other")


def test_the_sdk_verifies_a_thin_event_and_fetches_the_rest(
    stripe_emulator: Control, stripe_client: stripe.StripeClient, receiver: Receiver
) -> None:
    secret = stripe_emulator.endpoint(receiver.address, "thin")
    account = stripe_client.v2.core.accounts.create(RECIPIENT)
    body, signature = receiver.wait_for(1)[0]
    event = stripe_client.parse_event_notification(body, signature, secret)
    assert (event.type, event.related_object.id) == ("v2.core.account.created", account.id)
    assert b"data" not in body
    assert event.fetch_related_object().id == account.id
    assert event.fetch_event().id == event.id
    with pytest.raises(ValueError, match="thin event"):
        stripe_client.construct_event(body, signature, secret)


def test_endpoints_of_the_command_line_outlive_a_reset(receiver: Receiver) -> None:
    secrets = "whsec_one", "whsec_two"
    with Process(":memory:", 0, ",".join((receiver.address, *secrets))) as running:
        running.control.reset()
        client = running.control.client()
        client.v1.customers.create()
        ((body, signature),) = receiver.wait_for(1)
        for secret in secrets:
            client.construct_event(body, signature, secret)


def test_connected_accounts_have_an_endpoint_of_their_own(
    stripe_emulator: Control, stripe_client: stripe.StripeClient, receiver: Receiver
) -> None:
    with receiving() as connected:
        stripe_emulator.endpoint(receiver.address)
        stripe_emulator.endpoint(connected.address, "connect")
        account = stripe_emulator.recipient(stripe_client)
        stripe_emulator.fund(100)
        stripe_client.v1.transfers.create(
            {"amount": 100, "currency": "usd", "destination": account}
        )
        stripe_emulator.advance(3 * DAY)
        stripe_emulator.post("webhooks/deliver")
        assert types(receiver) == ["transfer.created"]
        assert {"account.external_account.created", "account.updated", "payout.paid"} <= set(
            types(connected)
        )
        assert {orjson.loads(body)["account"] for body, _ in connected.received} == {account}


def test_an_endpoint_gets_the_types_that_it_asked_for(
    stripe_client: stripe.StripeClient, receiver: Receiver
) -> None:
    endpoint = stripe_client.v1.webhook_endpoints.create(
        {
            "url": receiver.address,
            "enabled_events": ["customer.updated"],
            "api_version": stripe.api_version,
        }
    )
    customer = stripe_client.v1.customers.create()
    stripe_client.v1.customers.update(customer.id, {"name": "Ada"})
    ((body, signature),) = receiver.wait_for(1)
    event = stripe_client.construct_event(body, signature, endpoint.secret)
    assert (event.type, event.data.previous_attributes["name"]) == ("customer.updated", None)


def test_a_destination_gets_snapshots_or_thin_events(
    stripe_client: stripe.StripeClient, receiver: Receiver
) -> None:
    destination = stripe_client.v2.core.event_destinations.create(
        {
            "name": "accounts",
            "type": "webhook_endpoint",
            "event_payload": "thin",
            "enabled_events": ["v2.core.account.created", "v1.customer.created"],
            "events_from": ["@self", "@accounts"],
            "webhook_endpoint": {"url": receiver.address},
            "include": ["webhook_endpoint.signing_secret"],
        }
    )
    stripe_client.v1.customers.create()
    stripe_client.v2.core.accounts.create(RECIPIENT)
    for body, signature in receiver.wait_for(2):
        stripe_client.parse_event_notification(
            body, signature, destination.webhook_endpoint.signing_secret
        )
    assert types(receiver) == ["v1.customer.created", "v2.core.account.created"]


def test_a_failed_webhook_is_sent_again_on_the_clock(
    stripe_emulator: Control, stripe_client: stripe.StripeClient, receiver: Receiver
) -> None:
    stripe_emulator.endpoint(receiver.address)
    receiver.status = 500
    stripe_client.v1.customers.create()
    while not stripe_emulator.get("webhooks")[0]["attempts"]:
        time.sleep(0.01)
    (unsent,) = stripe_client.v1.events.list({"delivery_success": False}).data
    assert unsent.pending_webhooks == 1
    receiver.status = 200
    stripe_emulator.advance(61)
    first, second = receiver.wait_for(2)
    assert first[0] == second[0]
    stripe_emulator.post("webhooks/deliver")
    assert stripe_client.v1.events.list({"delivery_success": False}).data == []
    (sent,) = stripe_client.v1.events.list({"delivery_success": True}).data
    assert (sent.id, sent.pending_webhooks) == (unsent.id, 0)


def test_both_secrets_sign_while_one_is_rolled(
    stripe_emulator: Control, stripe_client: stripe.StripeClient, receiver: Receiver
) -> None:
    made = stripe_emulator.post("webhooks/register", endpoint=receiver.address)
    new = stripe_emulator.post("webhooks/roll", endpoint=made["id"])["secret"]
    stripe_client.v1.customers.create()
    stripe_emulator.advance(DAY + 1)
    stripe_client.v1.customers.create()
    both, new_alone = receiver.wait_for(2)
    for secret in (made["secret"], new):
        stripe_client.construct_event(*both, secret)
    stripe_client.construct_event(*new_alone, new)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe_client.construct_event(*new_alone, made["secret"])


def test_webhooks_are_held_reordered_repeated_and_lost(
    stripe_emulator: Control, stripe_client: stripe.StripeClient, receiver: Receiver
) -> None:
    stripe_emulator.endpoint(receiver.address)
    stripe_emulator.post("webhooks", hold=True)
    customer = stripe_client.v1.customers.create()
    stripe_client.v1.customers.update(customer.id, {"name": "Ada"})
    stripe_client.v1.customers.delete(customer.id)
    assert [each["type"] for each in stripe_emulator.get("webhooks")] == [
        "customer.created",
        "customer.updated",
        "customer.deleted",
    ]
    assert receiver.received == []
    stripe_emulator.post("webhooks/deliver", types=["customer.updated"], drop=True)
    stripe_emulator.post("webhooks/deliver", order="reversed", copies=2)
    assert types(receiver) == ["customer.deleted"] * 2 + ["customer.created"] * 2
    (lost,) = stripe_client.v1.events.list({"delivery_success": False}).data
    assert lost.type == "customer.updated"


def test_webhooks_are_mistreated_by_chance(
    stripe_emulator: Control, stripe_client: stripe.StripeClient, receiver: Receiver
) -> None:
    stripe_emulator.endpoint(receiver.address)
    stripe_emulator.post("webhooks", duplicate=0.5, drop=0.3, delay=1000, seed=7)
    made = [stripe_client.v1.customers.create().id for _ in range(30)]
    stripe_emulator.advance(1001)
    stripe_emulator.post("webhooks/deliver")
    arrived = [orjson.loads(body)["data"]["object"]["id"] for body, _ in receiver.received]
    assert 0 < len(set(arrived)) < 30 and len(arrived) > len(set(arrived))
    assert list(dict.fromkeys(arrived)) != [each for each in made if each in arrived]


def test_v2_events_are_listed_in_pages(stripe_client: stripe.StripeClient) -> None:
    for _ in range(3):
        account = stripe_client.v2.core.accounts.create(RECIPIENT)
    every = stripe_client.v2.core.events.list({"types": ["v2.core.account.created"], "limit": 2})
    assert len(every.data) == 2
    assert {event.type for event in every.auto_paging_iter()} == {"v2.core.account.created"}
    assert len(list(every.auto_paging_iter())) == 3
    of_one: Any = stripe_client.v2.core.events.list({"object_id": account.id}).data
    assert {event.related_object.id for event in of_one} == {account.id}
