"""Several processes at once: a payment is booked once, a page or an invoice is made once, and a debt repaid once."""

from collections.abc import Callable

import pytest
from django.db import connection

from billing.deposits import debts, opening, payments
from billing.deposits.invoices import see_invoice
from billing.ledger.models import Journal
from billing.stripe.calls import checkout, invoices
from rlhfhub.tenancy import planes
from tests.deposits.invoiced import ask_invoice, pay_invoice
from tests.deposits.made import (
    AMOUNT,
    ask,
    books,
    causes,
    fresh,
    let_it_be_due,
    make_paid,
    opened,
    pay,
)
from tests.deposits.test_debts import owe
from tests.factories import MONEY, Tenant
from tests.stripe.test_processes import FORK, PATIENCE, ended, processes
from tests.stripe_emulator.control import Control

pytestmark = [pytest.mark.concurrency, pytest.mark.slow, pytest.mark.usefixtures("own_database")]
COUNT = 4


def run_at_once(act: Callable[[int], object]) -> None:
    """Run `act` in several processes that begin together."""
    start = FORK.Barrier(COUNT)

    def run(number: int) -> None:
        start.wait(PATIENCE)
        act(number)
        connection.close()

    with processes(COUNT, run) as started:
        ended(started)


def test_a_payment_is_booked_once(
    stripe: Control, workspace_a: Tenant, as_site: Callable[[], None]
) -> None:
    as_site()
    first, second = opened(workspace_a), opened(workspace_a)
    intents = [pay(stripe, first), pay(stripe, second)]
    run_at_once(lambda number: payments.see_payment(intents[number % 2]))
    assert books()["workspace_available"] == MONEY + 2 * AMOUNT
    with planes.as_system():
        kinds = list(Journal.objects.exclude(kind="deposit").values_list("kind", flat=True))
    assert sorted(kinds) == ["payment", "payment", "stripefee", "stripefee"]
    assert fresh(first).state == fresh(second).state == "paid"


def test_a_page_is_made_once(
    stripe: Control, workspace_a: Tenant, as_site: Callable[[], None]
) -> None:
    as_site()
    deposits = [ask(workspace_a) for _ in range(3)]
    run_at_once(lambda _: list(opening.opened()))
    assert {fresh(deposit).state for deposit in deposits} == {"open"}
    customers = {fresh(deposit).customer.stripe_id for deposit in deposits}
    (customer,) = customers
    assert len(list(checkout.of_customer(customer))) == 3
    assert len(stripe.requests("POST /v1/customers")) >= 1


def test_the_same_page_asked_for_twice(
    stripe: Control, workspace_a: Tenant, as_site: Callable[[], None]
) -> None:
    """As when a worker's claim ends while it still waits for Stripe."""
    as_site()
    deposit = ask(workspace_a)
    run_at_once(lambda _: opening.open_one(deposit.pk))
    found = fresh(deposit)
    assert found.attempt == 1
    assert len(list(checkout.of_customer(found.customer.stripe_id))) == 1


def test_the_same_invoice_asked_for_twice_and_paid(
    stripe: Control, workspace_a: Tenant, as_site: Callable[[], None]
) -> None:
    as_site()
    deposit = ask_invoice(workspace_a)
    run_at_once(lambda _: opening.open_one(deposit.pk))
    let_it_be_due(deposit)
    list(opening.opened())
    found = fresh(deposit)
    assert (found.state, found.attempt) == ("open", 1)
    (invoice,) = invoices.of_customer(found.customer.stripe_id)
    assert (invoice.id, invoice.total_minor) == (found.invoice_id, AMOUNT)
    pay_invoice(stripe, found)
    intent = invoices.retrieve(invoice.id).payments[0].payment_intent
    acts = (lambda: see_invoice(invoice.id), lambda: payments.see_payment(intent))
    run_at_once(lambda number: acts[number % 2]())
    assert books()["workspace_available"] == MONEY + AMOUNT
    assert fresh(deposit).state == "paid"


def test_a_debt_is_repaid_once(workspace_a: Tenant, as_site: Callable[[], None]) -> None:
    make_paid(workspace_a)
    as_site()
    for number in range(1, 6):
        owe(workspace_a, 100, mark=f"{number}_")
        run_at_once(lambda _: list(debts.repaid()))
        assert books()["workspace_receivable"] == 0
        assert len(causes("repay")) == number
    assert books()["workspace_available"] == MONEY + AMOUNT - 500


def test_workers_at_once_repay_no_more_than_is_owed(
    workspace_a: Tenant, as_site: Callable[[], None]
) -> None:
    make_paid(workspace_a)
    as_site()
    for number in range(1, 6):
        owe(workspace_a, 100, mark=f"{number}_")
        run_at_once(lambda _: debts.repay(workspace_a.pk, "USD"))
        assert (books()["workspace_receivable"], len(causes("repay"))) == (0, number)
