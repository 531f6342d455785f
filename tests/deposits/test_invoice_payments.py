"""A deposit by invoice is credited once, from its payment, whatever tells of it."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from django.db import DatabaseError
from django.test import Client

from billing.deposits import handlers, invoices, looking, opening
from billing.deposits.models import Deposit, StrayPayment
from billing.stripe.calls import invoices as calls
from billing.stripe.calls import payment_intents
from billing.stripe.errors import Unknown
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests.deposits.invoiced import (
    ask_invoice,
    cancel,
    invoiced,
    pay_invoice,
)
from tests.deposits.made import (
    AMOUNT,
    ask_back,
    books,
    causes,
    fresh,
    let_it_be_due,
    let_time_pass,
    make_refund,
    tell,
    work_off,
)
from tests.factories import MONEY, Tenant
from tests.notices.told import kinds_told
from tests.pages.conftest import browser_of
from tests.stripe.made import event
from tests.stripe_emulator.control import Control

DAY = 86_400
#: The SDK sends a request three times.
TRIES = 3


def told(tenant: Tenant) -> list[str]:
    """The kinds of notices of the workspace's deposits."""
    return [kind for kind in kinds_told(tenant.owner) if kind.startswith("deposit.")]


def strays() -> list[tuple[str, str]]:
    with planes.as_system():
        return list(StrayPayment.objects.order_by("id").values_list("stripe_id", "reason"))


def all_invoices(deposit: Deposit) -> list[calls.Invoice]:
    return list(calls.of_customer(deposit.customer.stripe_id))


def page_of(deposit: Deposit) -> str:
    return f"/w/{deposit.workspace.slug}/money/deposits/{deposit.pk}/"


def intent_of(deposit: Deposit) -> str:
    (payment,) = calls.retrieve(deposit.invoice_id).payments
    return payment.payment_intent


@pytest.mark.parametrize(
    ("method", "by"), [("pm_bank_transfer", "customer_balance"), ("pm_card_visa", "card")]
)
def test_a_deposit_by_invoice(stripe: Control, workspace_a: Tenant, method: str, by: str) -> None:
    deposit = invoiced(workspace_a)
    pay_invoice(stripe, deposit, method)
    tell()
    deposit = fresh(deposit)
    assert (deposit.state, deposit.received_minor, deposit.paid_by) == ("paid", AMOUNT, by)
    assert (deposit.invoice_status, deposit.page_url) == ("paid", "")
    assert deposit.invoice_url and deposit.pdf_url
    assert books()["workspace_available"] == MONEY + AMOUNT
    assert causes("payment") == [f"payment:{deposit.payment_intent}"]
    assert told(workspace_a) == ["deposit.paid"]
    assert strays() == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_events_in_any_order_and_twice(
    stripe: Control, workspace_a: Tenant, order: tuple[int, ...]
) -> None:
    deposit = invoiced(workspace_a)
    pay_invoice(stripe, deposit, "pm_card_visa")
    intent = intent_of(deposit)
    charge = payment_intents.retrieve(intent).charge
    assert charge
    acts = [
        lambda: handlers.on_payment(event(object_id=intent)),
        lambda: handlers.on_invoice(event("invoice.paid", object_id=deposit.invoice_id)),
        lambda: handlers.on_charge(event("charge.updated", object_id=charge.id)),
    ]
    for _ in range(2):
        for index in order:
            acts[index]()
    tell()
    let_it_be_due(deposit)
    assert work_off(looking.looked) == 0
    assert fresh(deposit).state == "paid"
    assert books()["workspace_available"] == MONEY + AMOUNT
    assert len(causes("payment")) == len(causes("stripefee")) == 1
    assert strays() == []


def test_of_a_connected_account_nothing_is_asked(stripe: Control, workspace_a: Tenant) -> None:
    deposit = invoiced(workspace_a)
    pay_invoice(stripe, deposit)
    handlers.on_invoice(event("invoice.paid", object_id=deposit.invoice_id, account="acct_1"))
    assert fresh(deposit).state == "open"
    tell()


def test_a_payment_before_the_answer(stripe: Control, workspace_a: Tenant) -> None:
    """The answer to the last step was lost, and somebody pays the invoice that was mailed."""
    stripe.fault("POST /v1/invoices/{invoice}/send", "drop_after", count=TRIES)
    deposit = ask_invoice(workspace_a)
    work_off(opening.opened)
    (made,) = all_invoices(fresh(deposit))
    stripe.client().v1.invoices.pay(made.id, {"payment_method": "pm_card_visa"})
    tell()
    found = fresh(deposit)
    assert (found.state, found.invoice_id, found.invoice_number) == ("paid", made.id, made.number)
    let_it_be_due(deposit)
    assert work_off(opening.opened) == 0
    assert books()["workspace_available"] == MONEY + AMOUNT


def test_no_webhook_comes(stripe: Control, workspace_a: Tenant) -> None:
    deposit = invoiced(workspace_a)
    pay_invoice(stripe, deposit)
    assert work_off(looking.looked) == 0, "it is looked at after a while"
    let_it_be_due(deposit)
    assert work_off(looking.looked) == 1
    assert fresh(deposit).state == "paid"
    tell()
    assert books()["workspace_available"] == MONEY + AMOUNT


def test_an_invoice_found_paid_is_booked_at_once(stripe: Control, workspace_a: Tenant) -> None:
    stripe.fault("POST /v1/invoices/{invoice}/send", "drop_after", count=TRIES)
    deposit = ask_invoice(workspace_a)
    work_off(opening.opened)
    (made,) = all_invoices(fresh(deposit))
    stripe.client().v1.invoices.pay(made.id, {"payment_method": "pm_bank_transfer"})
    let_time_pass(deposit, timedelta(hours=23))
    work_off(opening.opened)
    assert fresh(deposit).state == "paid"
    tell()
    assert books()["workspace_available"] == MONEY + AMOUNT


def test_the_page_opened_by_hand_credits_nothing(stripe: Control, workspace_a: Tenant) -> None:
    deposit = invoiced(workspace_a)
    owner: Client = browser_of(workspace_a.owner)
    path = page_of(deposit)
    for _ in range(2):
        assert b"The invoice is not paid yet" in owner.get(path).content
    assert work_off(looking.looked) == 1
    assert fresh(deposit).state == "open"
    assert books()["workspace_available"] == MONEY


def test_a_bank_debit_takes_days(stripe: Control, workspace_a: Tenant) -> None:
    deposit = invoiced(workspace_a)
    pay_invoice(stripe, deposit, "pm_usBankAccount_success")
    invoices.see_invoice(deposit.invoice_id)
    assert fresh(deposit).is_on_its_way and fresh(deposit).invoice_url
    with pytest.raises(Refused, match="nobody has paid"):
        cancel(workspace_a, deposit)
    stripe.advance(5 * DAY)
    invoices.see_invoice(deposit.invoice_id)
    assert fresh(deposit).state == "paid"


def test_a_bank_debit_that_fails_can_be_paid_otherwise(
    stripe: Control, workspace_a: Tenant
) -> None:
    deposit = invoiced(workspace_a)
    pay_invoice(stripe, deposit, "pm_usBankAccount_insufficientFunds")
    invoices.see_invoice(deposit.invoice_id)
    stripe.advance(5 * DAY)
    invoices.see_invoice(deposit.invoice_id)
    assert (fresh(deposit).state, fresh(deposit).page_url) == ("open", deposit.page_url)


def test_a_part_of_an_invoice_credits_nothing_and_is_listed(
    stripe: Control, workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit = invoiced(workspace_a)
    whole = calls.retrieve(deposit.invoice_id)
    part = replace(whole, paid_minor=4_000, remaining_minor=AMOUNT - 4_000)
    with monkeypatch.context() as patch:
        patch.setattr(calls, "retrieve", lambda _: part)
        invoices.see_invoice(deposit.invoice_id)
    found = fresh(deposit)
    assert (found.state, found.part_minor, found.received_minor) == ("open", 4_000, None)
    assert strays() == [(deposit.invoice_id, f"Invoice {deposit.invoice_number} is paid in part.")]
    page = browser_of(workspace_a.owner).get(page_of(deposit))
    assert b"Nothing of that is on the balance" in page.content


def test_a_payment_of_a_part_of_an_invoice_is_stray(
    stripe: Control, workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit = invoiced(workspace_a)
    pay_invoice(stripe, deposit)
    intent = payment_intents.retrieve(intent_of(deposit))
    with monkeypatch.context() as patch:
        part = replace(intent, received_minor=AMOUNT - 1)
        patch.setattr(payment_intents, "retrieve", lambda _: part)
        handlers.on_payment(event(object_id=intent.id))
    assert strays() == [(intent.id, f"It pays invoice {deposit.invoice_number} only in part.")]
    assert fresh(deposit).state == "open"
    tell()


def test_a_paid_invoice_whose_payment_is_still_to_succeed(
    stripe: Control, workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit = invoiced(workspace_a)
    pay_invoice(stripe, deposit)
    intent = payment_intents.retrieve(intent_of(deposit))
    with monkeypatch.context() as patch:
        early = replace(intent, status="processing")
        patch.setattr(payment_intents, "retrieve", lambda _: early)
        with pytest.raises(Unknown, match="not succeeded yet"):
            invoices.see_invoice(deposit.invoice_id)
    assert (fresh(deposit).state, strays()) == ("open", [])
    tell()
    assert (fresh(deposit).state, strays()) == ("paid", [])


def test_an_invoice_of_nobody_is_stray(emulator: Control, workspace_a: Tenant) -> None:
    """Staff made it in the dashboard, for a customer of ours."""
    customer = invoiced(workspace_a).customer.stripe_id
    draft = calls.create(key="x", customer=customer, currency="USD", days_until_due=1, metadata={})
    calls.add_line(
        key="y", invoice=draft.id, customer=customer, amount_minor=100, currency="USD", words="x"
    )
    calls.finalize(key="z", invoice=draft.id)
    emulator.client().v1.invoices.pay(draft.id, {"payment_method": "pm_card_visa"})
    tell()
    assert [reason for _, reason in strays()] == ["It names no deposit of its customer."]


def test_a_bank_transfer_is_given_back_by_bank(rich: Control, workspace_a: Tenant) -> None:
    deposit = invoiced(workspace_a)
    pay_invoice(rich, deposit)
    tell()
    (refund,) = ask_back(workspace_a, 100)
    assert (refund.way, refund.deposit_id) == ("bank", None)
    with pytest.raises(DatabaseError, match="does not give back more"):
        make_refund(fresh(deposit), 100)


def test_what_is_paid_by_links_to_invoice_and_receipt(stripe: Control, workspace_a: Tenant) -> None:
    deposit = invoiced(workspace_a)
    pay_invoice(stripe, deposit)
    tell()
    page = browser_of(workspace_a.owner).get(f"/w/{workspace_a.workspace.slug}/money/")
    assert f"Deposit by invoice {deposit.invoice_number}".encode() in page.content
    assert deposit.invoice_url.encode() in page.content
    assert fresh(deposit).receipt_url.encode() in page.content
