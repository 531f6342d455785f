"""The invoice by which a workspace pays in is made once, whatever becomes of the answers."""

from datetime import timedelta

import pytest

from billing.deposits import invoices, opening
from billing.deposits.models import Deposit
from billing.stripe.calls import bank_transfers
from billing.stripe.calls import invoices as calls
from billing.stripe.errors import Refused as StripeRefused
from tests.deposits.invoiced import (
    EMAIL,
    ask_invoice,
    invoiced,
)
from tests.deposits.made import (
    AMOUNT,
    fresh,
    let_it_be_due,
    let_look_pass,
    let_time_pass,
    work_off,
)
from tests.factories import Tenant
from tests.stripe_emulator.control import Control

DAY = 86_400
#: The SDK sends a request three times.
TRIES = 3
STEPS = {
    "POST /v1/customers/{customer}": "email",
    "POST /v1/invoices": "invoice",
    "POST /v1/invoiceitems": "line",
    "POST /v1/invoices/{invoice}/finalize": "finalize",
    "POST /v1/invoices/{invoice}/send": "mail",
    "POST /v1/customers/{customer}/funding_instructions": "bank",
}


def all_invoices(deposit: Deposit) -> list[calls.Invoice]:
    return list(calls.of_customer(deposit.customer.stripe_id))


def refuse(*_: object, **__: object) -> None:
    raise StripeRefused("no_code", "Not in this account.")


def test_the_invoice_is_made(stripe: Control, workspace_a: Tenant) -> None:
    deposit = invoiced(workspace_a)
    assert (deposit.state, deposit.attempt, deposit.invoice_status) == ("open", 1, "open")
    assert deposit.page_url == deposit.invoice_url and deposit.page_url.startswith(stripe.address)
    assert deposit.pdf_url and deposit.invoice_number and deposit.due_at
    assert timedelta(days=29) < deposit.due_at - deposit.asked_at < timedelta(days=31)
    assert ["Routing number", "110000000"] in deposit.bank_details
    sent = {name: stripe.requests(name) for name in STEPS}
    for name, step in STEPS.items():
        keys = [each["idempotency_key"] for each in sent[name]]
        assert keys == [f"deposit:{deposit.pk}:1:{step}"], name
    made = stripe.client().v1.invoices.retrieve(deposit.invoice_id)
    assert made.customer_email == EMAIL and made.total == AMOUNT
    assert made.custom_fields and made.custom_fields[0].value == "PO 7"
    types = made.payment_settings.payment_method_types
    assert types == ["card", "customer_balance"]
    assert work_off(opening.opened) == 0


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_each_step_is_repeated_and_done_once(
    stripe: Control, workspace_a: Tenant, step: str, fault: str
) -> None:
    stripe.fault(step, fault, count=TRIES)
    deposit = ask_invoice(workspace_a)
    work_off(opening.opened)
    assert (fresh(deposit).state, fresh(deposit).attempt) == ("asked", 1)
    let_it_be_due(deposit)
    work_off(opening.opened)
    found = fresh(deposit)
    assert (found.state, found.attempt) == ("open", 1)
    (made,) = all_invoices(found)
    assert (made.id, made.status, made.total_minor) == (found.invoice_id, "open", AMOUNT)


@pytest.mark.parametrize("step", list(STEPS)[1:])
def test_after_a_day_the_invoice_is_found_and_finished(
    stripe: Control, workspace_a: Tenant, step: str
) -> None:
    other = invoiced(workspace_a)
    stripe.fault(step, "drop_after", count=TRIES)
    deposit = ask_invoice(workspace_a)
    work_off(opening.opened)
    stripe.advance(2 * DAY)
    let_time_pass(deposit, timedelta(hours=23))
    work_off(opening.opened)
    found = fresh(deposit)
    assert (found.state, found.attempt) == ("open", 1)
    assert len(all_invoices(found)) == 2 and found.invoice_id != other.invoice_id
    assert calls.retrieve(found.invoice_id).total_minor == AMOUNT


def test_after_two_looks_without_an_invoice_a_new_attempt_begins(
    stripe: Control, workspace_a: Tenant
) -> None:
    stripe.fault("POST /v1/invoices", "drop_before", count=TRIES)
    deposit = ask_invoice(workspace_a)
    work_off(opening.opened)
    let_time_pass(deposit, timedelta(hours=23))
    work_off(opening.opened)
    assert fresh(deposit).attempt == 1
    let_look_pass(deposit)
    work_off(opening.opened)
    found = fresh(deposit)
    assert (found.state, found.attempt) == ("open", 2)
    assert len(all_invoices(found)) == 1


def test_only_invoices_since_then_are_read(
    stripe: Control, workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = invoiced(workspace_a)
    invoiced(workspace_a)
    assert invoices.find(first) is not None
    monkeypatch.setattr(invoices, "timedelta", lambda days: -timedelta(days=days))
    assert invoices.find(first) is None


def test_an_invoice_that_is_refused_fails_in_words(
    stripe: Control, workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "finalize", refuse)
    deposit = ask_invoice(workspace_a)
    work_off(opening.opened)
    failed = fresh(deposit)
    assert (failed.state, failed.error) == ("failed", "Stripe refused it: Not in this account.")


def test_an_open_invoice_does_not_fail(
    stripe: Control, workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can be paid, whether it was mailed or not, and wherever a transfer would go."""
    monkeypatch.setattr(calls, "send", refuse)
    monkeypatch.setattr(bank_transfers, "details_of", refuse)
    deposit = invoiced(workspace_a)
    assert (deposit.state, deposit.invoice_status, deposit.bank_details) == ("open", "open", [])
