"""Checkout: the hosted page on which somebody pays, and what is heard of it."""

from typing import Any

import pytest
import stripe

from tests.stripe_emulator.clock import DAY, HOUR
from tests.stripe_emulator.control import Control
from tests.stripe_emulator.rules.test_schema import SESSION

FUNDS = {
    "cancel_url": "http://site.test/no",
    "success_url": "http://site.test/done?id={CHECKOUT_SESSION_ID}",
}


def create(client: stripe.StripeClient, **more: Any) -> Any:
    return client.v1.checkout.sessions.create(SESSION | FUNDS | more)


def kinds(client: stripe.StripeClient) -> list[str]:
    """Return the types of events, oldest first."""
    return [event.type for event in client.v1.events.list({"limit": 100}).data][::-1]


def test_a_session_is_paid_on_its_page(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    customer = stripe_client.v1.customers.create()
    data = {"metadata": {"deposit": "d1"}, "transfer_group": "g", "description": "Funds"}
    session = create(
        stripe_client,
        customer=customer.id,
        client_reference_id="d1",
        payment_intent_data=data,
        metadata={"a": "b"},
    )
    assert (session.status, session.payment_status, session.amount_total) == (
        "open",
        "unpaid",
        5_000,
    )
    page = stripe_emulator.http.get(session.url)
    assert "50.00 USD" in page.text and 'href="http://site.test/no"' in page.text
    paid = stripe_emulator.http.post(session.url, data={"pay": "card"})
    assert paid.headers["location"] == f"http://site.test/done?id={session.id}"
    expanded = {"expand": ["payment_intent", "line_items"]}
    session = stripe_client.v1.checkout.sessions.retrieve(session.id, expanded)
    assert (session.status, session.payment_status, session.client_reference_id) == (
        "complete",
        "paid",
        "d1",
    )
    assert (session.line_items.data[0].amount_total, session.metadata["a"]) == (5_000, "b")
    intent = session.payment_intent
    assert (intent.status, intent.customer, intent.metadata["deposit"]) == (
        "succeeded",
        customer.id,
        "d1",
    )
    assert (intent.transfer_group, intent.description) == ("g", "Funds")
    assert kinds(stripe_client)[-3:-1] == ["payment_intent.succeeded", "checkout.session.completed"]
    assert (
        stripe_emulator.http.post(
            session.url or f"/checkout/{session.id}", data={"pay": "card"}
        ).status_code
        == 410
    )
    assert stripe_client.v1.balance.retrieve().pending[0].amount == 4_825


def test_a_declined_card_may_be_followed_by_another(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    session = create(stripe_client)
    declined = stripe_emulator.http.post(session.url, data={"pay": "declined"})
    assert declined.status_code == 402 and "declined" in declined.text
    assert stripe_client.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert stripe_emulator.http.post(session.url, data={"pay": "card"}).status_code == 303
    (intent,) = stripe_client.v1.payment_intents.list().data
    assert [
        charge.status
        for charge in stripe_client.v1.charges.list({"payment_intent": intent.id}).data
    ] == [
        "succeeded",
        "failed",
    ]


@pytest.mark.parametrize(
    ("pay", "outcome", "status"),
    [("debit", "succeeded", "paid"), ("debit_fails", "failed", "unpaid")],
)
def test_a_bank_debit_is_heard_of_later(
    stripe_emulator: Control,
    stripe_client: stripe.StripeClient,
    pay: str,
    outcome: str,
    status: str,
) -> None:
    session = create(stripe_client)
    stripe_emulator.http.post(session.url, data={"pay": pay})
    completed = (
        stripe_client.v1.events.list({"type": "checkout.session.completed"}).data[0].data.object
    )
    assert (completed["status"], completed["payment_status"]) == ("complete", "unpaid")
    stripe_emulator.advance(4 * DAY + 1)
    assert f"checkout.session.async_payment_{outcome}" in kinds(stripe_client)
    assert stripe_client.v1.checkout.sessions.retrieve(session.id).payment_status == status


def test_a_session_expires_after_a_day(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    session = create(stripe_client)
    stripe_emulator.advance(DAY)
    expired = stripe_client.v1.checkout.sessions.retrieve(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    assert kinds(stripe_client) == ["checkout.session.expired"]
    assert stripe_emulator.http.post(session.url, data={"pay": "card"}).status_code == 410


def test_a_session_is_expired_by_hand_while_it_is_open(stripe_client: stripe.StripeClient) -> None:
    session = create(stripe_client)
    assert stripe_client.v1.checkout.sessions.expire(session.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.checkout.sessions.expire(session.id)


def test_the_page_offers_the_methods_that_the_session_leaves(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    session = create(stripe_client, excluded_payment_method_types=["us_bank_account"])
    assert session.payment_method_types == ["card"]
    assert "bank debit" not in stripe_emulator.http.get(session.url).text


@pytest.mark.parametrize(
    "change",
    [
        {"expires_at": 5},
        {"line_items": []},
        {"customer": "cus_nobody"},
        {"line_items": [{"price_data": {"currency": "usd", "unit_amount": 500}}]},
        {"success_url": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_session_that_cannot_be_is_refused(
    stripe_client: stripe.StripeClient, change: dict[str, Any]
) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        create(stripe_client, **change)


def test_a_soon_expiring_session_is_allowed(
    stripe_emulator: Control, stripe_client: stripe.StripeClient
) -> None:
    soon = stripe_emulator.get("clock")["now"] + HOUR
    assert create(stripe_client, expires_at=soon).expires_at == soon


def test_a_receipt_is_shown(stripe_emulator: Control, stripe_client: stripe.StripeClient) -> None:
    stripe_emulator.http.post(create(stripe_client).url, data={"pay": "card"})
    charge = stripe_client.v1.charges.list().data[0]
    assert "50.00 USD" in stripe_emulator.http.get(charge.receipt_url).text
