"""Calls about workspaces' money: what is sent, and what is made of the answer."""

from datetime import UTC, datetime, timedelta

import pytest

from billing.stripe.calls import (
    balance,
    balance_transactions,
    checkout,
    customers,
    disputes,
    invoices,
    payment_intents,
    refunds,
)
from billing.stripe.errors import Unreadable
from tests.stripe import answers
from tests.stripe.answers import AT
from tests.stripe.scripted import Scripted

MOMENT = datetime.fromtimestamp(AT, UTC)


def test_a_customer(api: Scripted) -> None:
    api.say({"id": "cus_1", "object": "customer", "name": "Harbour", "email": None, "metadata": {}})
    made = customers.create(
        key="customer:1:1", name="Harbour", email="h@x.example", metadata={"w": "1"}
    )
    assert (made.id, made.name, made.email, made.metadata) == ("cus_1", "Harbour", "", {})
    (asked,) = api.asked
    assert (asked.method, asked.path) == ("POST", "/v1/customers")
    assert asked.headers["idempotency-key"] == "customer:1:1"
    assert asked.parameters == {"name": "Harbour", "email": "h@x.example", "metadata[w]": "1"}


def test_a_checkout_session(api: Scripted) -> None:
    api.say(answers.checkout_session())
    made = checkout.create(
        key="deposit:1:1",
        customer="cus_1",
        amount_minor=1000,
        currency="USD",
        words="Project funds",
        reference="d-1",
        metadata={"deposit": "d-1"},
        success_url="https://hub.example/back",
        cancel_url="https://hub.example/no",
    )
    assert made.url == "https://pay.example/cs_1"
    assert (made.status, made.payment_status, made.payment_intent) == ("open", "unpaid", "")
    assert (made.amount_minor, made.currency, made.reference) == (1000, "USD", "d-1")
    assert (made.created_at, made.expires_at) == (MOMENT, MOMENT + timedelta(days=1))
    sent = api.asked[0].parameters
    assert sent["line_items[0][price_data][unit_amount]"] == "1000"
    assert sent["line_items[0][price_data][currency]"] == "usd"
    assert sent["payment_intent_data[metadata][deposit]"] == sent["metadata[deposit]"] == "d-1"
    assert api.asked[0].headers["idempotency-key"] == "deposit:1:1"


def test_a_session_that_is_over(api: Scripted) -> None:
    api.say(
        answers.checkout_session(
            status="complete", payment_status="paid", url=None, payment_intent="pi_1"
        )
    )
    found = checkout.retrieve("cs_1")
    assert (found.url, found.payment_intent) == ("", "pi_1")
    assert api.asked[0].path == "/v1/checkout/sessions/cs_1"


def test_sessions_are_listed_page_after_page(api: Scripted) -> None:
    api.listing(answers.checkout_session(id="cs_2"), more=True)
    api.listing(answers.checkout_session())
    assert [each.id for each in checkout.of_customer("cus_1")] == ["cs_2", "cs_1"]
    first, second = (asked.parameters for asked in api.asked)
    assert first == {"customer": "cus_1", "limit": "100"}
    assert second == {**first, "starting_after": "cs_2"}


def test_a_payment_with_its_charge_and_fee(api: Scripted) -> None:
    api.say(answers.payment_intent())
    found = payment_intents.retrieve("pi_1")
    assert api.asked[0].parameters == {"expand[0]": "latest_charge.balance_transaction"}
    assert (found.status, found.received_minor, found.customer) == ("succeeded", 1000, "cus_1")
    charge = found.charge
    assert charge
    assert (charge.method, charge.refunded_minor, charge.is_disputed) == ("card", 0, False)
    assert charge.transaction
    assert (charge.transaction.fee_minor, charge.transaction.net_minor) == (59, 941)
    assert charge.transaction.available_at == MOMENT + timedelta(days=2)


def test_a_payment_that_nobody_has_made(api: Scripted) -> None:
    api.say(
        answers.payment_intent(latest_charge=None, status="requires_payment_method", customer=None)
    )
    found = payment_intents.retrieve("pi_1")
    assert (found.charge, found.customer) == (None, "")


def test_a_charge_that_failed(api: Scripted) -> None:
    failed = answers.charge(
        status="failed",
        balance_transaction=None,
        payment_method_details=None,
        failure_code="card_declined",
        failure_message="Your card was declined.",
    )
    api.say(answers.payment_intent(latest_charge=failed, status="requires_payment_method"))
    charge = payment_intents.retrieve("pi_1").charge
    assert charge
    assert (charge.transaction, charge.method) == (None, "")
    assert (charge.failure_code, charge.failure_words) == (
        "card_declined",
        "Your card was declined.",
    )


def test_an_unknown_state_of_a_payment_is_not_guessed(api: Scripted) -> None:
    api.say(answers.payment_intent(status="half_paid"))
    with pytest.raises(Unreadable, match="payment_intent pi_1: status"):
        payment_intents.retrieve("pi_1")


def test_an_invoice_from_draft_to_sent(api: Scripted) -> None:
    api.say(answers.invoice(status="draft", number=None, payments=None, due_date=None))
    draft = invoices.create(
        key="invoice:1:1", customer="cus_1", currency="USD", days_until_due=30, metadata={"i": "1"}
    )
    assert (draft.status, draft.number, draft.payments, draft.due_at) == ("draft", "", (), None)
    assert api.asked[0].parameters["collection_method"] == "send_invoice"
    assert api.asked[0].parameters["auto_advance"] == "false"
    api.answers.clear()
    api.say({"id": "ii_1", "object": "invoiceitem"})
    line = invoices.add_line(
        key="line:1:1",
        invoice="in_1",
        customer="cus_1",
        amount_minor=1000,
        currency="USD",
        words="Project funds",
    )
    assert line == "ii_1"
    api.answers.clear()
    api.say(answers.invoice(status="open", status_transitions={"paid_at": None}))
    for act, path in (
        (invoices.finalize, "finalize"),
        (invoices.send, "send"),
        (invoices.void, "void"),
    ):
        assert act(key=f"{path}:1:1", invoice="in_1").paid_at is None
        assert api.asked[-1].path == f"/v1/invoices/in_1/{path}"
        assert api.asked[-1].headers["idempotency-key"] == f"{path}:1:1"


def test_a_paid_invoice_names_its_payments(api: Scripted) -> None:
    open_one = answers.invoice_payment(
        id="inpay_2",
        status="open",
        amount_paid=None,
        payment={"type": "charge", "charge": "py_1"},
        status_transitions={"paid_at": None},
    )
    payments = {"object": "list", "data": [answers.invoice_payment(), open_one]}
    api.say(answers.invoice(payments=payments))
    found = invoices.retrieve("in_1")
    assert [(each.payment_intent, each.charge) for each in found.payments] == [
        ("pi_1", ""),
        ("", "py_1"),
    ]
    assert [each.paid_minor for each in found.payments] == [1000, 0]
    assert [each.paid_at for each in found.payments] == [MOMENT, None]
    assert (found.paid_at, found.remaining_minor, found.page_url) == (
        MOMENT,
        0,
        "https://pay.example/in_1",
    )
    api.answers.clear()
    api.listing(answers.invoice())
    assert [each.id for each in invoices.of_customer("cus_1")] == ["in_1"]


def test_a_refund(api: Scripted) -> None:
    api.say(answers.refund())
    made = refunds.create(
        key="refund:1:1", payment_intent="pi_1", amount_minor=400, metadata={"refund": "r-1"}
    )
    assert (made.status, made.amount_minor, made.transaction) == ("succeeded", 400, "txn_2")
    assert api.asked[0].parameters == {
        "payment_intent": "pi_1",
        "amount": "400",
        "metadata[refund]": "r-1",
    }
    api.answers.clear()
    api.say(
        answers.refund(
            status="failed",
            failure_balance_transaction="txn_9",
            failure_reason="lost_or_stolen_card",
        )
    )
    failed = refunds.retrieve("re_1")
    assert (failed.failure_transaction, failed.failure_reason) == ("txn_9", "lost_or_stolen_card")
    api.answers.clear()
    api.listing(answers.refund())
    assert [each.id for each in refunds.of_payment("pi_1")] == ["re_1"]


def test_a_dispute(api: Scripted) -> None:
    api.say(answers.dispute())
    found = disputes.retrieve("dp_1")
    assert (found.status, found.reason, found.amount_minor) == (
        "needs_response",
        "fraudulent",
        1000,
    )
    assert [each.net_minor for each in found.transactions] == [-2500]
    assert found.answer_by == MOMENT + timedelta(days=7)
    api.answers.clear()
    api.say(answers.dispute(status="won", evidence_details={"due_by": None}))
    assert disputes.retrieve("dp_1").answer_by is None


def test_the_balance(api: Scripted) -> None:
    parts = [{"amount": 5, "currency": "usd"}, {"amount": -7, "currency": "eur"}]
    api.say({"object": "balance", "available": parts, "pending": []})
    found = balance.retrieve()
    assert (found.available, found.pending) == ({"USD": 5, "EUR": -7}, {})


def test_transactions_after_one_come_the_oldest_first(api: Scripted) -> None:
    api.listing(answers.transaction(id="txn_3"), answers.transaction(id="txn_2"), more=True)
    api.listing(answers.transaction(id="txn_5"), answers.transaction(id="txn_4"))
    api.listing()
    found = [each.id for each in balance_transactions.after("txn_1")]
    assert found == ["txn_2", "txn_3", "txn_4", "txn_5"]
    assert [asked.parameters.get("ending_before") for asked in api.asked] == ["txn_1", "txn_3"]


def test_all_transactions_begin_with_the_oldest(api: Scripted) -> None:
    api.listing(answers.transaction(id="txn_3"), answers.transaction(id="txn_2"), more=True)
    api.listing(answers.transaction(id="txn_1"))
    api.listing(answers.transaction(id="txn_3"), answers.transaction(id="txn_2"))
    found = [each.id for each in balance_transactions.after("", account="acct_1")]
    assert found == ["txn_1", "txn_2", "txn_3"]
    assert {asked.headers["stripe-account"] for asked in api.asked} == {"acct_1"}


def test_no_transactions(api: Scripted) -> None:
    api.listing()
    assert list(balance_transactions.after("")) == []


def test_one_transaction(api: Scripted) -> None:
    api.say(answers.transaction(source=None))
    found = balance_transactions.retrieve("txn_1", account="acct_1")
    assert (found.source, found.category, found.status) == ("", "charge", "pending")
    assert api.asked[0].headers["stripe-account"] == "acct_1"
