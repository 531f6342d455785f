"""What Stripe pays on to banks is shown, and a person is told once when their bank does not take it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from billing.payouts import banking, tasks
from billing.payouts.models import BankPayout
from billing.recipients import seeing
from billing.stripe import handles
from billing.stripe.calls import bank_payouts
from billing.stripe.events import CONNECT
from rlhfhub.tenancy import clock, planes
from rlhfhub.tenancy.models import User
from tests.payouts.made import due_now, payout_of
from tests.payouts.test_sending import owed_at_stripe, told
from tests.recipients.made import recipient_of
from tests.stripe.made import event
from tests.stripe_emulator.control import Control

DAY = 86_400


def look_now() -> None:
    """Let the days before the look be over."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE billing_payouts_payout SET bank_look_at = now() - interval '1 day'")


def rows_of(user: User) -> list[BankPayout]:
    with planes.as_system():
        return list(BankPayout.objects.filter(person_id=user.pk).order_by("created_at"))


def paid_to_bank(stripe: Control) -> tuple[User, str]:
    """Somebody whose payout Stripe has paid on to the bank, and the id of that."""
    user = owed_at_stripe(stripe)
    tasks.send()
    stripe.advance(4 * DAY)
    with planes.as_system():
        since = clock.now() - timedelta(days=2)
    (found,) = bank_payouts.of_account(recipient_of(user).account, since=since)
    return user, found.id


def test_the_clock_finds_what_went_on_to_the_bank(stripe: Control) -> None:
    user, id = paid_to_bank(stripe)
    tasks.look_at_banks()
    assert rows_of(user) == [], "a day has not passed"
    look_now()
    tasks.look_at_banks()
    (row,) = rows_of(user)
    assert (row.stripe_id, row.status, row.amount_minor, row.currency) == (id, "paid", 2_000, "USD")
    browser = Client()
    browser.force_login(user)
    assert "in the bank" in browser.get("/earnings/payouts/").content.decode()
    assert payout_of(user).bank_look_at is not None


def test_a_bank_that_does_not_take_it_is_told_once(stripe: Control) -> None:
    user, id = paid_to_bank(stripe)
    account = recipient_of(user).account
    banking.see(account, id)
    stripe.post("payouts/fail", payout=id, code="account_closed")
    failed = event("payout.failed", endpoint=CONNECT, account=account, object_id=id)
    for _ in range(2):
        for handler in handles.handlers_of("payout.failed"):
            handler(failed)
    (row,) = rows_of(user)
    assert (row.status, row.failure_code) == ("failed", "account_closed")
    assert told(user) == ["pay.sent", "pay.bank_failed"]
    seeing.see(account)
    assert recipient_of(user).bank_status == "errored"


def test_of_two_looks_the_later_one_counts(stripe: Control) -> None:
    user, id = paid_to_bank(stripe)
    account = recipient_of(user).account
    with planes.as_system():
        before = clock.now()
    old = bank_payouts.retrieve(id, account=account)
    stripe.post("payouts/fail", payout=id, code="account_closed")
    banking.see(account, id)
    banking._write(account, before, [old])
    assert [row.status for row in rows_of(user)] == ["failed"]


def test_what_is_nobodys_here_is_not_asked_about(db: None, set_up: None) -> None:
    banking.see("acct_elsewhere", "po_1")
    banking.on_bank_payout(event("payout.paid", account="", object_id="po_ours"))


@pytest.mark.parametrize("fault", ["rate_limit", ""])
def test_a_look_that_fails_comes_again(stripe: Control, fault: str) -> None:
    """Stripe is away, or the account is not ours any more."""
    user, _ = paid_to_bank(stripe)
    look_now()
    if fault:
        stripe.fault("GET /v1/payouts", fault, count=3)
    else:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE billing_recipients_recipient DISABLE TRIGGER USER")
            cursor.execute("ALTER TABLE billing_payouts_payout DISABLE TRIGGER USER")
            cursor.execute("UPDATE billing_recipients_recipient SET account = 'acct_gone'")
            cursor.execute("UPDATE billing_payouts_payout SET destination = 'acct_gone'")
    assert list(banking.seen()) == [1]
    assert rows_of(user) == []
    assert payout_of(user).bank_look_at > payout_of(user).ended_at


def test_after_two_weeks_nobody_looks(stripe: Control) -> None:
    user, _ = paid_to_bank(stripe)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE billing_payouts_payout DISABLE TRIGGER edge")
        cursor.execute("UPDATE billing_payouts_payout SET ended_at = now() - interval '15 days'")
        cursor.execute("ALTER TABLE billing_payouts_payout ENABLE TRIGGER edge")
    look_now()
    assert list(banking.seen()) == [1]
    assert payout_of(user).bank_look_at is None
    due_now()
    tasks.send()
