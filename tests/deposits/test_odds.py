"""What seldom happens: limits, tasks without a key, a payment without a fee, and rows that change meanwhile."""

from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache
from django.db.models.functions import Now

from billing.deposits import opening, payments, refunding, tasks, watch
from billing.deposits.models import Deposit
from billing.ledger import entries
from billing.ledger.services import post
from billing.stripe.calls import payment_intents
from billing.stripe.calls import refunds as calls
from rlhfhub.tenancy import planes
from tests.deposits.made import (
    AMOUNT,
    ask,
    ask_back,
    causes,
    fresh,
    let_it_be_due,
    make_asked,
    make_open,
    make_paid,
    opened,
    paid,
    pay,
    refund_rows,
    the_refund,
    work_off,
)
from tests.factories import Tenant
from tests.pages.conftest import browser_of
from tests.stripe_emulator.control import Control


@pytest.mark.usefixtures("set_up")
@pytest.mark.parametrize("page", ["add", "refunds"])
def test_asking_is_limited(workspace_a: Tenant, settings: Any, page: str) -> None:
    settings.THROTTLES = {**settings.THROTTLES, "funding": "1/minute"}
    cache.clear()
    path = f"/w/{workspace_a.workspace.slug}/money/{page}/"
    owner = browser_of(workspace_a.owner)
    assert [owner.post(path, {"amount": "5"}).status_code for _ in range(2)] == [303, 429]
    cache.clear()


def test_tasks_do_what_is_due(stripe: Control, workspace_a: Tenant) -> None:
    deposit = ask(workspace_a)
    tasks.open_pages()
    pay(stripe, fresh(deposit))
    let_it_be_due(deposit)
    tasks.look()
    assert fresh(deposit).state == "paid"
    let_it_be_due(deposit)
    tasks.clear()
    ask_back(workspace_a, 100)
    tasks.refund()
    assert the_refund().state == "sent", "Stripe has no money available yet"
    with planes.as_system():
        assert Deposit.objects.get().next_at > Deposit.objects.get().looked_at


def test_a_payment_without_a_fee(
    emulator: Control, workspace_a: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit = opened(workspace_a)
    intent = pay(emulator, deposit)
    found = payment_intents.retrieve(intent)
    assert found.charge and found.charge.transaction
    free = replace(found.charge.transaction, fee_minor=0, net_minor=AMOUNT)
    other = replace(found, charge=replace(found.charge, transaction=free))
    monkeypatch.setattr(payment_intents, "retrieve", lambda _: other)
    payments.see_payment(intent)
    assert (fresh(deposit).fee_minor, causes("stripefee")) == (0, [])


def test_staff_are_warned_of_converted_money(workspace_a: Tenant) -> None:
    deposit = make_open(workspace_a)
    with planes.as_system():
        money = {"workspace_id": workspace_a.pk, "currency": "USD"}
        post([entries.payment(amount_minor=AMOUNT, payment_intent="pi_x", **money)])
        Deposit.objects.filter(pk=deposit.pk).update(
            state="paid", payment_intent="pi_x", charge="ch_x", received_minor=AMOUNT, paid_at=Now(),
            settled_in="EUR",
        )  # fmt: skip
    assert watch.warnings() == [
        "Deposits that Stripe converted into another currency: 1. Their fees are not booked."
    ]


def test_a_refusal_after_the_payment_came(workspace_a: Tenant) -> None:
    """An event was faster than the answer to a request that is refused."""
    deposit = make_paid(workspace_a)
    opening._fail(deposit.pk, "Stripe refused it")
    assert fresh(deposit).state == "paid"
    asked = make_asked(workspace_a)
    opening._fail(asked.pk, "Stripe refused it")
    assert fresh(asked).state == "failed"


def test_a_refund_that_ended_meanwhile_does_not_fail(rich: Control, paying: Tenant) -> None:
    ask_back(paying, 100)
    refunding.send(the_refund().pk)
    refunding._fail(the_refund().pk, "Stripe refused it")
    assert the_refund().state == "done"


def test_a_refund_is_found_among_others(
    rich: Control, paying: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_back(paying, 100)
    refunding.send(the_refund().pk)
    (first,) = refund_rows()
    ask_back(paying, 200)
    second = refund_rows()[-1]
    with monkeypatch.context() as patch, planes.as_system():
        made = calls.retrieve(first.refund_id)
        other = replace(made, id="re_other", metadata={"refund": str(second.pk)})
        patch.setattr(calls, "of_payment", lambda _: iter([made, other]))
        assert refunding._found(second) == "re_other"
    refunding.send(second.pk)


def test_a_refund_whose_event_comes_before_its_id_is_noted(rich: Control, paying: Tenant) -> None:
    ask_back(paying, 100)
    refunding._booked(the_refund().pk)
    made = calls.create(
        key="refund:x",
        payment_intent=the_refund().deposit.payment_intent,
        amount_minor=100,
        metadata={"refund": str(the_refund().pk)},
    )
    refunding.see_refund(made.id)
    assert (the_refund().state, the_refund().refund_id) == ("done", made.id)


def test_no_more_deposits_give_than_are_needed(rich: Control, workspace_a: Tenant) -> None:
    for _ in range(2):
        paid(rich, workspace_a)
    assert [row.amount_minor for row in ask_back(workspace_a, AMOUNT)] == [AMOUNT]
    assert work_off(refunding.refunded) == 1
