"""Money goes back by Stripe once, whatever becomes of the answers."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from billing.deposits import handlers, refunding, refunds
from billing.deposits.models import Refund
from billing.ledger.entries import Entry, platform
from billing.ledger.entries.base import Purse, owed
from billing.ledger.services import post
from billing.stripe.calls import refunds as calls
from billing.stripe.errors import Refused, Unknown
from rlhfhub.tenancy import planes
from tests.deposits.made import (
    AMOUNT,
    ask_back,
    books,
    let_look_pass,
    paid,
    refund_rows,
    tell,
    the_refund,
    work_off,
)
from tests.factories import Tenant, make_workspace
from tests.notices.told import kinds_told
from tests.stripe.made import event
from tests.stripe_emulator.control import Control

CREATE = "POST /v1/refunds"
TRIES = 3


def due() -> None:
    with planes.as_system():
        Refund.objects.update(next_at=Now())


def test_a_refund_to_the_card(rich: Control, paying: Tenant) -> None:
    (asked,) = ask_back(paying, 10_000)
    assert (asked.way, asked.state, asked.deposit.received_minor) == ("stripe", "asked", AMOUNT)
    assert work_off(refunding.refunded) == 1
    done = the_refund()
    assert done.state == "done" and done.transaction and done.ended_at
    assert books()["workspace_available"] == AMOUNT - 10_000
    assert books()["refund_clearing"] == 0
    (sent,) = rich.requests(CREATE)
    assert sent["idempotency_key"] == f"refund:{asked.pk}:1"
    for _ in range(2):
        for kind in handlers.REFUNDS:
            handlers.on_refund(event(kind, object_id=done.refund_id))
    handlers.on_refund(event(object_id=done.refund_id, account="acct_1"))
    assert books()["workspace_available"] == AMOUNT - 10_000
    assert kinds_told(paying.owner).count("deposit.refunded") == 1
    assert work_off(refunding.refunded) == 0


def test_what_is_spent_meanwhile_is_not_given_back(
    rich: Control, paying: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_back(paying, AMOUNT)
    with monkeypatch.context() as patch:
        patch.setattr(refunds, "refundable_minor", lambda _: AMOUNT)
        bank = [one for one in ask_back(paying, 1_000) if one.way == "bank"]
    assert len(bank) == 1
    work_off(refunding.refunded)
    assert sorted(one.state for one in refund_rows()) == ["done", "failed"]
    failed = next(one for one in refund_rows() if one.state == "failed")
    assert "does not cover it" in failed.error
    assert books()["workspace_available"] == 0


@pytest.mark.parametrize(("fault", "times"), [("drop_before", TRIES), ("drop_after", TRIES)])
def test_without_an_answer_the_same_request_is_sent_again(
    rich: Control, paying: Tenant, fault: str, times: int
) -> None:
    rich.fault(CREATE, fault, count=times)
    ask_back(paying, 10_000)
    work_off(refunding.refunded)
    assert (the_refund().state, the_refund().attempt) == ("sent", 1)
    assert books()["refund_clearing"] == 10_000 or fault == "drop_after"
    assert work_off(refunding.refunded) == 0, "it waits half a minute"
    due()
    work_off(refunding.refunded)
    assert (the_refund().state, the_refund().attempt) == ("done", 1)
    assert len(list(calls.of_payment(the_refund().deposit.payment_intent))) == 1


@pytest.mark.parametrize(("fault", "attempt"), [("drop_after", 1), ("drop_before", 2)])
def test_after_a_day_it_is_looked_for(
    rich: Control, paying: Tenant, fault: str, attempt: int
) -> None:
    """Found, it is adopted; otherwise a new attempt begins."""
    rich.fault(CREATE, fault, count=TRIES)
    ask_back(paying, 10_000)
    work_off(refunding.refunded)
    with planes.as_system():
        Refund.objects.update(sent_at=Now() - timedelta(hours=23), next_at=Now())
    work_off(refunding.refunded)
    if attempt == 2:
        assert (the_refund().state, the_refund().attempt) == ("sent", 1), "one look is not enough"
        due()
        work_off(refunding.refunded)
        assert the_refund().attempt == 1, "nor are two at once"
        let_look_pass(the_refund())
        work_off(refunding.refunded)
    assert (the_refund().state, the_refund().attempt) == ("done", attempt)
    assert len(list(calls.of_payment(the_refund().deposit.payment_intent))) == 1


def test_what_stripe_refuses_stays_on_the_balance(rich: Control, paying: Tenant) -> None:
    ask_back(paying, 10_000)
    deposit = the_refund().deposit
    rich.client().v1.refunds.create({"payment_intent": deposit.payment_intent, "amount": AMOUNT})
    work_off(refunding.refunded)
    assert the_refund().state == "failed" and the_refund().error.startswith("Stripe refused it: ")
    assert books()["workspace_available"] == AMOUNT
    assert books()["refund_clearing"] == 0
    tell()
    _book_by_hand(AMOUNT)


def _book_by_hand(amount: int) -> None:
    """The refund that somebody made at Stripe alone, so that the books agree."""

    lines = (
        (platform("stripe_available", "USD"), amount),
        (platform("platform_cash", "USD"), -amount),
    )
    with planes.as_system():
        post([Entry("banked", "banked:by_hand", None, lines)])


def test_a_refund_that_fails_after_it_succeeded(rich: Control, paying: Tenant) -> None:
    ask_back(paying, 10_000)
    work_off(refunding.refunded)
    rich.post("refunds/fail", refund=the_refund().refund_id)
    tell()
    assert the_refund().state == "failed" and "did not take it" in the_refund().error
    assert books()["workspace_available"] == AMOUNT
    refunding.see_refund(the_refund().refund_id)
    assert books()["workspace_available"] == AMOUNT


@pytest.mark.parametrize(("debt", "repaid"), [(4_000, 4_000), (10_001, 10_000)])
def test_a_refund_that_fails_first_repays_what_is_owed(
    rich: Control, paying: Tenant, debt: int, repaid: int
) -> None:
    ask_back(paying, 10_000)
    work_off(refunding.refunded)
    lines = ((owed(paying.pk, "USD"), -debt), (Purse("workspace_disputed", "USD", paying.pk), debt))
    with planes.as_system():
        post([Entry("dispute", "dispute:dp_1", paying.pk, lines)])
    rich.post("refunds/fail", refund=the_refund().refund_id)
    tell()
    assert books()["workspace_available"] == AMOUNT - repaid
    assert books()["workspace_receivable"] == repaid - debt


def altered(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    real = calls.retrieve
    monkeypatch.setattr(calls, "retrieve", lambda found: replace(real(found), **changes))


def test_a_refund_that_is_canceled_before_it_took_money(
    emulator: Control, database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = make_workspace(money=0)
    paid(emulator, tenant)
    ask_back(tenant, 10_000)
    altered(monkeypatch, status="canceled", transaction="", failure_reason="")
    work_off(refunding.refunded)
    assert the_refund().state == "failed"
    assert books()["workspace_available"] == AMOUNT
    assert books()["refund_clearing"] == 0


def test_a_refund_waits_for_money_at_stripe(
    emulator: Control, database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = make_workspace(money=0)
    paid(emulator, tenant)
    ask_back(tenant, 10_000)
    work_off(refunding.refunded)
    waiting = the_refund()
    assert (waiting.state, waiting.transaction) == ("sent", "")
    assert books()["refund_clearing"] == 10_000
    emulator.fund(1_000_000)
    emulator.advance(2 * 3600)
    due()
    work_off(refunding.refunded)
    assert the_refund().state == "done"
    with monkeypatch.context() as patch:
        altered(patch, status="failed")
        with pytest.raises(Unknown):
            refunding.see_refund(the_refund().refund_id)
    with monkeypatch.context() as patch:
        altered(patch, amount_minor=1)
        with pytest.raises(Unknown):
            refunding.see_refund(the_refund().refund_id)


def missing(*_: object) -> Any:
    raise Refused("resource_missing", "No such object.")


def test_a_refusal_to_show_a_refund_gives_nothing_back(
    rich: Control, paying: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was made: only a refused request to make it proves that no money moves."""
    ask_back(paying, 10_000)
    with monkeypatch.context() as patch, pytest.raises(Refused):
        patch.setattr(calls, "retrieve", missing)
        refunding.send(the_refund().pk)
    assert the_refund().state == "sent" and the_refund().refund_id
    assert books()["refund_clearing"] == 10_000
    refunding.send(the_refund().pk)
    assert the_refund().state == "done"


def test_a_refusal_to_list_refunds_proves_nothing(
    rich: Control, paying: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    rich.fault(CREATE, "drop_after", count=TRIES)
    ask_back(paying, 10_000)
    work_off(refunding.refunded)
    with planes.as_system():
        Refund.objects.update(sent_at=Now() - timedelta(hours=23), next_at=Now())
    with monkeypatch.context() as patch:
        patch.setattr(calls, "of_payment", missing)
        work_off(refunding.refunded)
    assert (the_refund().state, the_refund().attempt) == ("sent", 1)
    due()
    work_off(refunding.refunded)
    assert (the_refund().state, the_refund().attempt) == ("done", 1)
