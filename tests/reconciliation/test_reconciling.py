"""What Stripe did is matched with the journals that booked it; what is not, and the reverse, is listed."""

from datetime import timedelta

import pytest
from django.db import connection

from billing.deposits import payments
from billing.ledger import corrections, entries
from billing.ledger.entries import Entry, platform
from billing.ledger.models import Journal
from billing.ledger.services import post
from billing.payouts import sending
from billing.reconciliation import differing, mirrors, reading, running
from billing.reconciliation.models import BalanceEntry, Difference, Match, Run
from rlhfhub.tenancy import clock, planes
from tests import people
from tests.deposits.made import AMOUNT, books, dispute, fresh, opened, paid, pay, tell, work_off
from tests.factories import make_workspace
from tests.payouts import made as payouts
from tests.stripe_emulator.control import Control

DAY = 24 * 3600


def reconciled(*, full: bool = False) -> Run:
    run = running.reconcile(is_full=full)
    assert run and run.ended_at and not run.error
    return run


def open_ones() -> list[tuple[str, int, int]]:
    with planes.as_system():
        rows = Difference.objects.filter(ended_at=None).order_by("id")
        return list(rows.values_list("kind", "stripe_minor", "ledger_minor"))


def unmatched() -> list[str]:
    with planes.as_system():
        rows = BalanceEntry.objects.filter(matched_at=None).order_by("id")
        return list(rows.values_list("category", flat=True))


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is given time to settle."""
    monkeypatch.setattr(differing, "SETTLED", timedelta(seconds=-5))
    monkeypatch.setattr(mirrors, "SETTLED", timedelta(seconds=-5))


def test_a_deposit_is_matched_with_its_fee(stripe: Control, at_once: None) -> None:
    paid(stripe, make_workspace(money=0))
    run = reconciled(full=True)
    assert (run.entries, run.matched, run.differences) == (1, 1, 0)
    with planes.as_system():
        moved = list(Match.objects.order_by("amount_minor").values_list("amount_minor", flat=True))
    fee = -moved[0]
    assert moved == [-fee, AMOUNT] and fee > 0
    assert run.balances["USD"]["stripe_pending"] == AMOUNT - fee


def test_a_second_run_reads_and_matches_nothing_twice(stripe: Control) -> None:
    paid(stripe, make_workspace(money=0))
    reconciled()
    again = reconciled(full=True)
    assert (again.entries, again.matched, again.differences) == (0, 0, 0)


def test_money_that_became_available_still_agrees(stripe: Control) -> None:
    paid(stripe, make_workspace(money=0))
    stripe.advance(5 * DAY)
    assert reconciled().differences == 0, "the sum is the same before its clearing is booked"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE billing_deposits_deposit SET next_at = now()")
    work_off(payments.cleared)
    assert reconciled(full=True).differences == 0


def test_a_payment_that_nobody_booked_is_listed_until_it_is(stripe: Control, at_once: None) -> None:
    tenant = make_workspace(money=0)
    deposit = opened(tenant)
    pay(stripe, deposit)
    run = reconciled()
    assert run.differences == 2
    (not_booked, balance) = sorted(open_ones(), reverse=True)
    assert not_booked[0] == "not_booked" and not_booked[2] == 0
    assert balance == ("balance", not_booked[1], 0)
    assert not books(), "nothing is booked because of it"
    tell()
    assert fresh(deposit).state == "paid"
    assert reconciled().differences == 0
    assert open_ones() == []


def test_a_room_gets_time_to_book(stripe: Control) -> None:
    deposit = opened(make_workspace(money=0))
    pay(stripe, deposit)
    reconciled()
    assert [kind for kind, *_ in open_ones()] == ["balance"], "the entry is too young to be listed"
    tell()


def test_a_dispute_and_the_platform_s_own_money_are_matched(stripe: Control, at_once: None) -> None:
    stripe.fund(1_000_000)
    deposit = paid(stripe, make_workspace(money=0))
    dispute(stripe, deposit)
    tell()
    assert reconciled(full=True).differences == 0
    assert unmatched() == []
    assert books()["platform_cash"] == 1_000_000, "what the platform put there itself is mirrored"


def test_a_payout_is_matched(emulator: Control, database: None, at_once: None) -> None:
    emulator.fund(1_000_000)
    account = emulator.recipient(emulator.client())
    user = payouts.make_owed(2_000, account=account)
    payouts.make_payouts()
    list(sending.OUTBOX.sent())
    assert payouts.payout_of(user).state == "paid"
    assert reconciled(full=True).matched == 2, "the money put there, and the transfer"
    assert unmatched() == []
    what_the_test_owed_by_hand = ["balance", "not_at_stripe"]
    assert sorted(kind for kind, *_ in open_ones()) == what_the_test_owed_by_hand


def test_a_journal_that_stripe_knows_nothing_of_is_listed_by_a_full_run(
    emulator: Control, database: None, at_once: None
) -> None:
    lines = ((platform("stripe_available", "USD"), -5), (platform("suspense", "USD"), 5))
    with planes.as_system():
        post([Entry("unmatched", "unmatched:txn_none", None, lines)])
    reconciled()
    assert "not_at_stripe" not in [kind for kind, *_ in open_ones()]
    reconciled(full=True)
    assert ("not_at_stripe", 0, 5) in open_ones()
    reconciled()
    assert ("not_at_stripe", 0, 5) in open_ones(), "a light run does not look for it"


def test_another_amount_is_listed(stripe: Control, at_once: None) -> None:
    paid(stripe, make_workspace(money=0))
    with planes.as_system():
        list(reading.read(again=False))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_reconciliation_balanceentry SET amount_minor = amount_minor + 1, net_minor = net_minor + 1"
        )
    reconciled()
    ((kind, there, here),) = open_ones()
    assert kind == "other_amount" and there == here + 1


def make_entry(category: str, amount: int, fee: int = 0, name: str = "txn_x") -> None:
    with planes.as_system():
        BalanceEntry.objects.create(
            transaction=name,
            type=category,
            category=category,
            currency="USD",
            amount_minor=amount,
            fee_minor=fee,
            net_minor=amount - fee,
            happened_at="2026-11-01T00:00:00Z",
            available_at="2026-11-01T00:00:00Z",
        )


def mirrored() -> dict[str, int]:
    mirrors.mirror()
    mirrors.mirror()
    return {kind: amount for kind, amount in books().items() if amount}


def test_money_to_the_bank_and_back_is_mirrored(database: None) -> None:
    make_entry("payout", -500)
    make_entry("payout_reversal", 200, name="txn_y")
    assert mirrored() == {"stripe_available": 300, "platform_cash": -300}


def test_stripes_own_fee_is_mirrored(database: None) -> None:
    make_entry("fee", -30)
    assert mirrored() == {"stripe_available": 30, "stripe_fees": -30}


def test_what_nobody_knows_is_set_aside_and_listed(database: None, at_once: None) -> None:
    make_entry("gift", 700, fee=20)
    assert mirrored() == {"stripe_available": -680, "suspense": 700, "stripe_fees": -20}
    with planes.as_system():
        (found,) = differing.of_suspense()
    assert (found.kind, found.ledger_minor) == ("suspense", 700)


def test_what_nobody_knows_waits_an_hour(database: None) -> None:
    make_entry("gift", 700)
    assert mirrored() == {}


def test_what_rooms_book_is_never_mirrored(database: None, at_once: None) -> None:
    for number, category in enumerate(mirrors.OF_ROOMS):
        make_entry(category, 5, name=f"txn_{number}")
    assert mirrored() == {}


def test_a_reversed_journal_is_no_difference(database: None, at_once: None) -> None:
    """Two members of staff undid it, so it moved nothing in the end."""
    lines = ((platform("stripe_available", "USD"), -5), (platform("suspense", "USD"), 5))
    since = clock.now() - running.REACH
    with planes.as_system():
        post([Entry("unmatched", "unmatched:txn_1", None, lines)])
        assert len(list(differing.of_journals(since))) == 1
    reversed_by_two(Journal.objects.get(cause="unmatched:txn_1"))
    with planes.as_system():
        assert list(differing.of_journals(since)) == []


def reversed_by_two(journal: Journal) -> None:
    one, other = (people.make_user(is_staff=True) for _ in range(2))
    with planes.entered(planes.Plane.STAFF, person=one.pk):
        asked = corrections.ask(journal_id=journal.pk, reason="Not ours", actor_id=one.pk)
    with planes.entered(planes.Plane.STAFF, person=other.pk):
        corrections.decide(correction_id=asked.pk, approve=True, actor_id=other.pk)


def test_while_stripe_is_away_the_run_says_so(set_up: None, database: None) -> None:
    run = running.reconcile(is_full=False)
    assert run and run.error and run.differences is None


def test_without_stripe_there_is_none(database: None) -> None:
    assert running.reconcile(is_full=False) is None


def test_a_fee_that_comes_back_is_set_aside(database: None, at_once: None) -> None:
    make_entry("fee", 30)
    assert mirrored() == {"stripe_available": -30, "suspense": 30}
    assert entries.own_fee("t", "USD", 3).lines[0][1] == -3
