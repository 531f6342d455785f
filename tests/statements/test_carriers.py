"""Each cent of a line is in the payouts that the ledger's order says, whatever was capped, failed or was taken back."""

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from billing.accruals import clearing
from billing.ledger import entries
from billing.ledger.services import post
from billing.payouts import making, outcomes
from billing.payouts.models import Payout
from billing.statements import lines
from billing.statements.carriers import Carrier, Carriers, carriers_of
from billing.statements.lines import Line, MoneyState
from billing.stripe.errors import Refused
from rlhfhub.tenancy import planes
from tests import people
from tests.accruals.test_clearing import accepted, let_days_pass
from tests.bonuses.test_bonuses import give
from tests.deposits.made import make_paid
from tests.factories import PRICE, Tenant, make_batch, make_project
from tests.pages.conftest import browser_of
from tests.payouts.made import (
    claimed,
    make_bank_payout,
    make_payouts,
    make_reversal,
    payout_of,
    transfer_for,
)
from tests.people import Annotator
from tests.recipients.made import make_payable
from tests.review.own import page_of

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def carrier(until: int, amount: int, *back: tuple[int, int], currency: str = "USD") -> Carrier:
    return Carrier(uuid.uuid4(), currency, NOW, True, None, amount, until, back)


def parts(carriers: Sequence[Carrier], amount: int, until: int) -> list[tuple[int | None, int]]:
    """Which payout, by its number, carries how much of the units that end at `until`."""
    number = {one.id: n for n, one in enumerate(carriers, 1)}
    found = Carriers(carriers).parts("USD", amount, until)
    return [(number[one.carrier.id] if one.carrier else None, one.amount_minor) for one in found]


def test_payouts_take_money_in_the_order_in_which_it_came() -> None:
    payouts = [carrier(100, 100), carrier(150, 50)]
    assert parts(payouts, 100, 100) == [(1, 100)]
    assert parts(payouts, 25, 125) == [(2, 25)]
    assert parts(payouts, 30, 120) == [(1, 10), (2, 20)]
    assert parts(payouts, 200, 200) == [(1, 100), (2, 50), (None, 50)]
    assert parts(payouts, 7, 157) == [(None, 7)]
    assert parts([], 7, 7) == [(None, 7)]


def test_another_currency_is_another_row() -> None:
    assert parts([carrier(100, 100, currency="EUR")], 7, 7) == [(None, 7)]


def test_what_failed_is_where_it_came_back() -> None:
    """The first one fails when 20 more are owed, so its 100 end at 220: 50 of them go with the second one."""
    payouts = [carrier(100, 100, (100, 220)), carrier(170, 70)]
    assert parts(payouts, 10, 10) == [(2, 10)]
    assert parts(payouts, 10, 60) == [(None, 10)], "more than the second one took"
    assert parts(payouts, 10, 55) == [(2, 5), (None, 5)]
    assert parts(payouts, 20, 120) == [(2, 20)], "what came before it came back"


def test_a_reversal_takes_the_last_of_a_payout_and_the_next_one_what_is_before() -> None:
    payouts = [carrier(100, 100, (30, 130), (20, 150)), carrier(140, 40)]
    assert parts(payouts, 50, 50) == [(1, 50)]
    assert parts(payouts, 30, 100) == [(2, 30)], "the first reversal"
    assert parts(payouts, 20, 70) == [(2, 10), (None, 10)], "the second one"
    assert parts(payouts, 100, 100) == [(1, 50), (2, 40), (None, 10)]


def test_a_payout_that_failed_a_thousand_times_is_followed_to_its_end() -> None:
    payouts = [carrier(100 * n, 100, (100, 100 * (n + 1))) for n in range(1, 1_000)]
    assert parts(payouts, 10, 10) == [(None, 10)]
    assert parts([*payouts, carrier(100_000, 100)], 10, 10) == [(1_000, 10)]


@pytest.fixture
def ada(workspace_a: Tenant) -> Annotator:
    project = make_project(workspace_a, name="Essays", overlap=1)
    make_batch(project, 9)
    one = people.make_annotator(project, "Ada")
    make_payable(one.user)
    return one


@pytest.fixture(autouse=True)
def _any_amount() -> Any:
    with override_settings(PAYOUT_LEAST={}):
        yield


def line_of(ada: Annotator, answer: uuid.UUID) -> Line:
    with planes.at_door():
        found = lines.line(ada.user.pk, answer)
    assert found is not None
    return found


def shares(ada: Annotator, answer: uuid.UUID) -> list[tuple[Any, int]]:
    return [(one.payout and one.payout.id, one.amount_minor) for one in line_of(ada, answer).shares]


def pay(ada: Annotator) -> Payout:
    """Make a payout of what Ada is owed, and let it be sent."""
    make_payouts()
    payout = payout_of(ada.user)
    outcomes.paid(claimed(payout).pk, transfer_for(payout))
    return payout


def test_two_runs(ada: Annotator, workspace_a: Tenant, deliver: Callable[[], int]) -> None:
    first = accepted(ada, workspace_a, deliver)
    one = pay(ada)
    second = accepted(ada, workspace_a, deliver)
    assert shares(ada, second) == [(None, PRICE)]
    two = pay(ada)
    assert shares(ada, first) == [(one.pk, PRICE)]
    assert shares(ada, second) == [(two.pk, PRICE)]


def test_what_becomes_payable_between_making_and_sending_waits_for_the_next(
    ada: Annotator, workspace_a: Tenant, deliver: Callable[[], int]
) -> None:
    first = accepted(ada, workspace_a, deliver)
    make_payouts()
    second = accepted(ada, workspace_a, deliver)
    payout = payout_of(ada.user)
    outcomes.paid(claimed(payout).pk, transfer_for(payout))
    assert shares(ada, first) == [(payout.pk, PRICE)]
    assert shares(ada, second) == [(None, PRICE)]


def test_what_was_booked_while_a_payout_was_made_is_not_in_it(
    ada: Annotator, workspace_a: Tenant, deliver: Callable[[], int]
) -> None:
    """Its time is before that of the payout, which took the balance before it: times do not tell."""
    first = accepted(ada, workspace_a, deliver)
    make_payouts()
    second = accepted(ada, workspace_a, deliver)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("journal", "posting"):
            cursor.execute(f"ALTER TABLE billing_ledger_{table} DISABLE TRIGGER USER")
        cursor.execute(
            "WITH late AS (UPDATE billing_ledger_journal SET at = at - interval '1 hour' WHERE cause = %s "
            "RETURNING id, at) UPDATE billing_ledger_posting p SET at = late.at FROM late WHERE journal_id = late.id",
            [f"accrual:{second}"],
        )
    assert shares(ada, first) == [(payout_of(ada.user).pk, PRICE)]
    assert shares(ada, second) == [(None, PRICE)]


def test_a_line_on_both_sides_of_a_cap(
    ada: Annotator,
    workspace_a: Tenant,
    deliver: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(making, "MOST_MINOR", PRICE + 10)
    first, second = (accepted(ada, workspace_a, deliver) for _ in range(2))
    one = pay(ada)
    assert shares(ada, first) == [(one.pk, PRICE)]
    assert shares(ada, second) == [(one.pk, 10), (None, PRICE - 10)]
    make_bank_payout(ada.user, "po_1")
    two = pay(ada)
    assert shares(ada, second) == [(one.pk, 10), (two.pk, PRICE - 10)]
    assert [each.money for each in line_of(ada, second).shares] == [
        MoneyState.IN_BANK,
        MoneyState.SENT,
    ]
    for path in ("/earnings/", f"/earnings/answers/{second}/"):
        text = page_of(browser_of(ada.user).get(path))
        assert "$0.10 in the bank" in text and "$0.15 at Stripe" in text, path


def test_what_failed_goes_with_the_next(
    ada: Annotator, workspace_a: Tenant, deliver: Callable[[], int]
) -> None:
    first = accepted(ada, workspace_a, deliver)
    make_payouts()
    failed = payout_of(ada.user)
    assert line_of(ada, first).shares[0].money == MoneyState.ON_ITS_WAY
    outcomes.refused(claimed(failed).pk, 1, Refused("closed", "No."))
    assert shares(ada, first) == [(None, PRICE)]
    second = accepted(ada, workspace_a, deliver)
    again = pay(ada)
    assert shares(ada, first) == shares(ada, second) == [(again.pk, PRICE)]


def test_what_was_taken_back_goes_with_the_next(
    ada: Annotator, workspace_a: Tenant, deliver: Callable[[], int]
) -> None:
    first, second = (accepted(ada, workspace_a, deliver) for _ in range(2))
    one = pay(ada)
    third = accepted(ada, workspace_a, deliver)
    two = pay(ada)
    make_reversal(one, 30)
    assert shares(ada, first) == [(one.pk, PRICE - 5), (None, 5)]
    assert shares(ada, second) == [(None, PRICE)]
    assert shares(ada, third) == [(two.pk, PRICE)], "the other payout is not touched"
    three = pay(ada)
    assert shares(ada, first) == [(one.pk, PRICE - 5), (three.pk, 5)]
    assert shares(ada, second) == [(three.pk, PRICE)]


def test_what_was_not_clear_is_in_the_payout_after_it_became_clear(
    ada: Annotator, workspace_a: Tenant, deliver: Callable[[], int]
) -> None:
    make_paid(workspace_a)
    first, second = (accepted(ada, workspace_a, deliver) for _ in range(2))
    make_payouts()
    assert line_of(ada, first).shares[0].money == MoneyState.UNCLEAR
    let_days_pass(8)
    list(clearing.clear())
    one = pay(ada)
    third = accepted(ada, workspace_a, deliver)
    assert shares(ada, first) == shares(ada, second) == [(one.pk, PRICE)]
    assert shares(ada, third) == [(None, PRICE)]


def test_bonuses_are_lines_in_the_order_in_which_they_were_booked(
    ada: Annotator, workspace_a: Tenant, deliver: Callable[[], int]
) -> None:
    first = accepted(ada, workspace_a, deliver)
    give(ada, 500)
    deliver()
    one = pay(ada)
    second = accepted(ada, workspace_a, deliver)
    make_reversal(one, 500)
    two = pay(ada)
    assert shares(ada, first) == [(one.pk, PRICE)]
    assert shares(ada, second) == [(two.pk, PRICE)]
    with planes.at_door():
        found = lines.lines(ada.user.pk, carriers_of(ada.user.pk), None)
    [bonus] = [each for each in found if each.is_bonus]
    assert [(each.payout and each.payout.id, each.amount_minor) for each in bonus.shares] == [
        (two.pk, 500)
    ]


def test_money_of_no_line_is_in_payouts_too(
    ada: Annotator, workspace_a: Tenant, deliver: Callable[[], int]
) -> None:
    """As staff may one day book it; it moves no line to another payout."""
    first = accepted(ada, workspace_a, deliver)
    lines_of_it = (
        (entries.platform("stripe_available", "USD"), -40),
        (entries.payable(ada.user.pk, "USD"), 40),
    )
    with planes.as_system():
        post([entries.Entry("transferback", "transferback:txn_other", None, lines_of_it)])
    second = accepted(ada, workspace_a, deliver)
    one = pay(ada)
    assert one.amount_minor == 2 * PRICE + 40
    assert shares(ada, first) == shares(ada, second) == [(one.pk, PRICE)]
