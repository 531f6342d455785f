"""Stripe's page is made once for each attempt, whatever becomes of the answer."""

import logging
from datetime import timedelta

import pytest

from billing.deposits import opening, sessions
from billing.deposits.models import Customer
from billing.stripe.calls import checkout
from rlhfhub.tenancy import planes
from tests.deposits.made import (
    ask,
    books,
    fresh,
    let_it_be_due,
    let_look_pass,
    let_time_pass,
    opened,
    pay,
    tell,
    work_off,
)
from tests.factories import MONEY, Tenant
from tests.stripe_emulator.control import Control

CREATE = "POST /v1/checkout/sessions"
#: The SDK sends a request three times.
TRIES = 3


def test_the_page_is_made(stripe: Control, workspace_a: Tenant) -> None:
    deposit = opened(workspace_a)
    assert (deposit.state, deposit.attempt) == ("open", 1)
    assert deposit.page_url.startswith(stripe.address)
    session = checkout.retrieve(deposit.session_id)
    assert session.reference == session.metadata["deposit"] == str(deposit.pk)
    assert (session.amount_minor, session.currency) == (deposit.amount_minor, "USD")
    (sent,) = stripe.requests(CREATE)
    assert sent["idempotency_key"] == f"deposit:{deposit.pk}:1"
    assert work_off(opening.opened) == 0


def test_a_workspace_is_one_customer(stripe: Control, workspace_a: Tenant) -> None:
    first, second = opened(workspace_a), opened(workspace_a)
    assert first.customer.stripe_id == second.customer.stripe_id
    (sent,) = stripe.requests("POST /v1/customers")
    assert sent["idempotency_key"] == f"customer:{workspace_a.pk}"


@pytest.mark.parametrize(
    ("fault", "times"), [("drop_before", TRIES), ("drop_after", TRIES), ("rate_limit", 1)]
)
def test_without_an_answer_the_same_request_is_sent_again(
    stripe: Control, workspace_a: Tenant, fault: str, times: int
) -> None:
    stripe.fault(CREATE, fault, count=times)
    deposit = ask(workspace_a)
    assert work_off(opening.opened) == 1
    waiting = fresh(deposit)
    assert (waiting.state, waiting.attempt) == ("asked", 1)
    assert work_off(opening.opened) == 0, "it waits half a minute"
    let_it_be_due(deposit)
    work_off(opening.opened)
    found = fresh(deposit)
    assert (found.state, found.attempt) == ("open", 1)
    assert len(list(checkout.of_customer(found.customer.stripe_id))) == 1


def test_without_an_answer_about_the_customer(stripe: Control, workspace_a: Tenant) -> None:
    stripe.fault("POST /v1/customers", "drop_after", count=TRIES)
    deposit = ask(workspace_a)
    work_off(opening.opened)
    assert (fresh(deposit).state, fresh(deposit).attempt) == ("asked", 0)
    let_it_be_due(deposit)
    work_off(opening.opened)
    assert fresh(deposit).state == "open"
    with planes.as_system():
        assert Customer.objects.get().stripe_id.startswith("cus_")


@pytest.mark.parametrize("fault", ["drop_after", "error_after"])
def test_after_a_day_the_session_is_found_and_adopted(
    stripe: Control, workspace_a: Tenant, fault: str
) -> None:
    other = opened(workspace_a)
    stripe.fault(CREATE, fault, count=TRIES)
    deposit = ask(workspace_a)
    work_off(opening.opened)
    let_time_pass(deposit, timedelta(hours=23))
    work_off(opening.opened)
    found = fresh(deposit)
    assert (found.state, found.attempt) == ("open", 1)
    assert found.session_id != other.session_id
    assert len(list(checkout.of_customer(found.customer.stripe_id))) == 2


def test_a_session_that_was_paid_meanwhile_is_adopted(stripe: Control, workspace_a: Tenant) -> None:
    stripe.fault(CREATE, "drop_after", count=TRIES)
    deposit = ask(workspace_a)
    work_off(opening.opened)
    (session,) = checkout.of_customer(fresh(deposit).customer.stripe_id)
    stripe.post("checkout", session=session.id, method="pm_card_visa")
    let_time_pass(deposit, timedelta(hours=23))
    work_off(opening.opened)
    assert fresh(deposit).state == "paid"
    tell()
    assert books()["workspace_available"] == MONEY + deposit.amount_minor


def test_a_webhook_comes_before_the_answer(stripe: Control, workspace_a: Tenant) -> None:
    stripe.fault(CREATE, "drop_after", count=TRIES)
    deposit = ask(workspace_a)
    work_off(opening.opened)
    (session,) = checkout.of_customer(fresh(deposit).customer.stripe_id)
    stripe.post("checkout", session=session.id, method="pm_card_visa")
    tell()
    assert fresh(deposit).state == "paid"
    let_it_be_due(deposit)
    assert work_off(opening.opened) == 0


def test_after_a_day_without_a_session_a_new_attempt_begins(
    stripe: Control, workspace_a: Tenant
) -> None:
    stripe.fault(CREATE, "drop_before", count=TRIES)
    deposit = ask(workspace_a)
    work_off(opening.opened)
    let_time_pass(deposit, timedelta(hours=23))
    for _ in range(2):
        work_off(opening.opened)
        waiting = fresh(deposit)
        assert (waiting.state, waiting.attempt) == ("asked", 1), "one look is not enough"
        assert waiting.next_at - waiting.looked_at > timedelta(minutes=10)
        let_it_be_due(deposit)
    let_look_pass(deposit)
    work_off(opening.opened)
    found = fresh(deposit)
    assert (found.state, found.attempt) == ("open", 2)
    assert stripe.requests(CREATE)[-1]["idempotency_key"] == f"deposit:{deposit.pk}:2"
    pay(stripe, found)
    tell()
    assert fresh(deposit).state == "paid"


def test_the_second_look_finds_it(stripe: Control, workspace_a: Tenant) -> None:
    stripe.fault(CREATE, "drop_after", count=TRIES)
    deposit = ask(workspace_a)
    work_off(opening.opened)
    let_time_pass(deposit, timedelta(hours=23))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkout, "of_customer", lambda _: iter(()))
        work_off(opening.opened)
    let_look_pass(deposit)
    work_off(opening.opened)
    found = fresh(deposit)
    assert (found.state, found.attempt) == ("open", 1)
    assert len(list(checkout.of_customer(found.customer.stripe_id))) == 1


def test_only_sessions_since_then_are_read(
    stripe: Control, workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(workspace_a)
    stripe.fault(CREATE, "drop_before", count=TRIES)
    deposit = ask(workspace_a)
    work_off(opening.opened)
    monkeypatch.setattr(sessions, "timedelta", lambda days: -timedelta(days=days))
    let_time_pass(deposit, timedelta(hours=23))
    work_off(opening.opened)
    let_look_pass(deposit)
    work_off(opening.opened)
    assert fresh(deposit).attempt == 2


def test_what_stripe_refuses_fails_in_words(stripe: Control, workspace_a: Tenant) -> None:
    deposit = ask(workspace_a)
    with planes.as_system():
        Customer.objects.create(
            workspace_id=workspace_a.pk, is_live=False, name="Alpha", stripe_id="cus_deleted"
        )
    work_off(opening.opened)
    failed = fresh(deposit)
    assert failed.state == "failed"
    assert failed.error.startswith("Stripe refused it: ") and "cus_deleted" in failed.error


def test_without_a_key_all_wait(
    stripe: Control, workspace_a: Tenant, settings: object, caplog: pytest.LogCaptureFixture
) -> None:
    deposit = ask(workspace_a)
    settings.STRIPE_SECRET_KEY = ""  # type: ignore[attr-defined]
    with caplog.at_level(logging.WARNING):
        assert work_off(opening.opened) == 0
    assert fresh(deposit).state == "asked"
    assert caplog.records == []
