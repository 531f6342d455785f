"""A run makes one payout for everybody who is owed enough and can be paid, and books it."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection

from billing.ledger.models import Account
from billing.payouts import making, runs, selectors, tasks
from billing.payouts.models import Payout, PayoutRun
from rlhfhub.ground.refusals import Refused
from rlhfhub.settings.payouts import payouts
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from rlhfhub.tenancy.raw import constraint_of
from tests import people
from tests.payouts.made import (
    claimed,
    make_owed,
    make_owed_by_hand,
    make_payouts,
    owe,
    payout_of,
    payouts_of,
)
from tests.recipients.made import make_payable, state

pytestmark = pytest.mark.usefixtures("db")


def balances(user: User) -> dict[str, int]:
    with planes.as_system():
        rows = Account.objects.filter(person_id=user.pk)
        return {
            kind.removeprefix("annotator_"): n
            for kind, n in rows.values_list("kind", "balance_minor")
        }


def ask(user: User) -> None:
    with planes.at_desk(user.pk):
        runs.ask(person_id=user.pk)


def code_of_asking(user: User) -> str:
    with pytest.raises(Refused) as refused:
        ask(user)
    return refused.value.code


def open_runs() -> int:
    with planes.as_system():
        return PayoutRun.objects.filter(made_at=None).count()


def test_what_is_owed_is_on_its_way() -> None:
    user = make_owed(2_000, account="acct_1")
    make_payouts()
    made = payout_of(user)
    assert (made.amount_minor, made.currency, made.state) == (2_000, "USD", "ready")
    assert (made.rail, made.destination) == ("stripe_connect", "acct_1")
    assert balances(user) == {"payable": 0, "in_payout": 2_000}
    owe(user, 3_000)
    make_payouts()
    assert len(payouts_of(user)) == 1, "one is open at a time"
    assert open_runs() == 0


def test_who_is_owed_too_little_or_cannot_be_paid_waits() -> None:
    little, nobody, stopped = make_owed(999), people.make_user(), make_owed()
    owe(nobody, 5_000)
    state(stopped, can_be_paid=False)
    make_payouts()
    assert [payouts_of(one) for one in (little, nobody, stopped)] == [[], [], []]
    assert balances(stopped) == {"payable": 2_000}


def test_by_hand_nobody_asks_for_it() -> None:
    assert code_of_asking(make_owed_by_hand()) == "by_hand"


def test_each_currency_has_its_payout_and_its_least_amount() -> None:
    user = make_owed(2_000)
    owe(user, 500, "EUR")
    owe(user, 1, "CHF")
    owe(user, 70_000, "ISK")  # Stripe counts it in another unit
    make_payouts()
    assert sorted((one.currency, one.amount_minor) for one in payouts_of(user)) == [
        ("CHF", 1),
        ("USD", 2_000),
    ]


def test_a_run_of_one_currency() -> None:
    user = make_owed(2_000)
    owe(user, 5_000, "EUR")
    call_command_pay_out("EUR")
    assert [one.currency for one in payouts_of(user)] == ["EUR"]


def call_command_pay_out(currency: str) -> None:
    runs.begin_by_command(currency)
    tasks.make()


def test_the_command(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.STRIPE_SECRET_KEY = ""
    with pytest.raises(CommandError, match="not set up"):
        call_command("pay_out")
    settings.STRIPE_SECRET_KEY = "sk_test_x"
    with pytest.raises(CommandError, match="XXX"):
        call_command("pay_out", currency="XXX")
    call_command("pay_out")
    assert "begun" in capsys.readouterr().out
    assert open_runs() == 1


def test_many_are_made_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "CHUNK", 2)
    users = [make_owed() for _ in range(5)]
    runs.begin_by_command()
    assert list(making.made()) == [2, 2, 1]
    assert all(len(payouts_of(user)) == 1 for user in users)


def test_the_week_has_one_run(settings: Any) -> None:
    settings.PAYOUT_WEEKDAY = 3
    assert runs.due_day(date(2026, 11, 26)) == date(2026, 11, 26)
    assert runs.due_day(date(2026, 11, 27)) == date(2026, 11, 26)
    assert runs.due_day(date(2026, 12, 2)) == date(2026, 11, 26)
    settings.STRIPE_SECRET_KEY = ""
    tasks.begin()
    assert open_runs() == 0
    settings.STRIPE_SECRET_KEY = "sk_test_x"
    tasks.begin()
    tasks.begin()
    assert open_runs() == 1
    assert not runs.begin_due()


@pytest.mark.parametrize("weekday", range(7))
def test_the_next_day_is_after_today(settings: Any, weekday: int) -> None:
    settings.PAYOUT_WEEKDAY = weekday
    user = make_owed()
    with planes.at_desk(user.pk):
        found = selectors.upcoming(user.pk)
        from rlhfhub.tenancy import clock

        today = clock.now().date()
    assert found.day.weekday() == weekday
    assert 1 <= (found.day - today).days <= 7
    assert (found.can_be_paid, found.is_asked) == (True, False)


def test_the_setting() -> None:
    assert payouts("thursday USD:1000,EUR:1000") == (3, {"USD": 1000, "EUR": 1000})
    assert payouts("Monday") == (0, {})
    assert payouts("")[0] == 3
    for wrong in ("someday", "monday USD", "monday USD:0", "monday XXX:5"):
        with pytest.raises(ImproperlyConfigured, match="RLHFHUB_PAYOUTS"):
            payouts(wrong)


def test_asking_for_a_payout() -> None:
    user, other = make_owed(), make_owed()
    ask(user)
    ask(user)
    assert open_runs() == 1
    with planes.at_desk(user.pk):
        assert selectors.upcoming(user.pk).is_asked
    tasks.make()
    assert len(payouts_of(user)) == 1
    assert payouts_of(other) == []
    owe(user, 5_000)
    assert code_of_asking(user) == "on_its_way"


def test_asking_says_why_not() -> None:
    nobody, nothing, little = people.make_user(), people.make_user(), make_owed(999)
    make_payable(nothing)
    assert code_of_asking(nobody) == "cannot_be_paid"
    assert code_of_asking(nothing) == "nothing_owed"
    assert code_of_asking(little) == "too_little"


def insert(user: User, **more: Any) -> Payout:
    with planes.as_system():
        run = PayoutRun(kind="command")
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO billing_payouts_payoutrun (id, kind) VALUES (%s, 'command')", [run.pk]
            )
            cursor.execute(
                "INSERT INTO billing_payouts_payout (id, run_id, person_id, currency, amount_minor) "
                "VALUES (gen_random_uuid(), %s, %s, 'USD', %s)",
                [run.pk, user.pk, more.get("amount", 5)],
            )
    return payout_of(user)


def rule_of(error: pytest.ExceptionInfo[IntegrityError]) -> str:
    return constraint_of(error.value)


def test_the_database_refuses_a_payout_to_who_cannot_be_paid() -> None:
    user = make_owed()
    state(user, can_be_paid=False)
    with pytest.raises(IntegrityError) as failed:
        insert(user)
    assert rule_of(failed) == "payout_recipient"


def test_the_database_refuses_a_second_open_one_and_an_empty_one() -> None:
    user = make_owed()
    with pytest.raises(IntegrityError) as failed:
        insert(user, amount=0)
    assert rule_of(failed) == "payout_of_something"
    make_payouts()
    with pytest.raises(IntegrityError) as failed:
        insert(user)
    assert rule_of(failed) == "payout_open_once"


def test_the_database_refuses_a_payout_that_is_not_booked() -> None:
    insert(make_owed())
    with pytest.raises(IntegrityError) as failed, connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert rule_of(failed) == "payout_booked"


BY_WHOM_IT_ENDS = {
    "paid": "state = 'paid', transfer = 'tr_1', ended_at = now()",
    "failed": "state = 'failed', ended_at = now()",
}


@pytest.mark.parametrize("change", BY_WHOM_IT_ENDS.values(), ids=BY_WHOM_IT_ENDS)
def test_the_database_refuses_an_end_that_is_not_booked(change: str) -> None:
    user = make_owed()
    make_payouts()
    claimed(payout_of(user))
    with pytest.raises(IntegrityError) as failed, connection.cursor() as cursor:
        cursor.execute(f"UPDATE billing_payouts_payout SET {change}")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert rule_of(failed) == "payout_booked"


WRONG_EDGES = {
    "another amount": "amount_minor = amount_minor + 1",
    "another account": "destination = 'acct_2'",
    "a new attempt while it is sent": "attempt = attempt + 1",
    "ready again under the same key": "state = 'ready', sent_at = NULL",
    "another moment": "sent_at = now() - interval '1 hour'",
}


@pytest.mark.parametrize("change", WRONG_EDGES.values(), ids=WRONG_EDGES)
def test_a_payout_changes_along_its_edges(change: str) -> None:
    user = make_owed()
    make_payouts()
    claimed(payout_of(user))
    with pytest.raises(IntegrityError) as failed, connection.cursor() as cursor:
        cursor.execute(f"UPDATE billing_payouts_payout SET {change}")
    assert rule_of(failed) == "payout_edge"


def test_a_payout_that_was_not_sent_does_not_fail() -> None:
    make_owed()
    make_payouts()
    with pytest.raises(IntegrityError) as failed, connection.cursor() as cursor:
        cursor.execute("UPDATE billing_payouts_payout SET state = 'failed', ended_at = now()")
    assert rule_of(failed) == "payout_edge"


def test_stripe_gets_no_more_than_it_takes_at_once(db: None) -> None:
    user, by_hand = make_owed(100_000_123), make_owed_by_hand(100_000_123)
    make_payouts()
    assert payout_of(user).amount_minor == 99_999_999
    assert balances(user)["payable"] == 124
    assert payout_of(by_hand).amount_minor == 100_000_123
