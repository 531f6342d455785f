"""What statements say equals what the ledger's postings say, to the cent, over random histories."""

import random
from collections import Counter

import pytest
from django.db.models import Sum

from billing.ledger.models import Posting
from billing.statements import lines, stages, years
from billing.statements.carriers import carriers_of
from billing.statements.lines import Line, MoneyState
from rlhfhub.tenancy import clock, planes
from rlhfhub.tenancy.models import User
from tests.payouts.made import owe, payouts_of
from tests.statements.histories import History


def balances(user: User) -> dict[str, int]:
    """What the postings to each kind of the person's accounts sum to."""
    with planes.as_system():
        rows = Posting.objects.filter(person_id=user.pk).values_list("account__kind")
        return {kind: int(n) for kind, n in rows.annotate(n=Sum("amount_minor")).order_by()}


def all_lines(user: User, most: int) -> list[Line]:
    """All lines, read in pages of so many."""
    found: list[Line] = []
    before = None
    while True:
        with planes.at_door():
            page = lines.lines(user.pk, carriers_of(user.pk), before, most)
        if not page:
            return found
        found += page
        before = page[-1].at, page[-1].id


@pytest.mark.parametrize("seed", range(6))
def test_each_cent_of_the_lines_is_where_the_ledger_has_it(database: None, seed: int) -> None:
    history = History(random.Random(seed))
    history.run(60)
    found = all_lines(history.user, 7)
    assert len({one.id for one in found}) == len(found)
    assert found == sorted(found, key=lambda one: (one.at, one.id), reverse=True)
    assert all(sum(each.amount_minor for each in one.shares) == one.amount_minor for one in found)
    shares = [share for one in found for share in one.shares]
    sums = Counter(dict.fromkeys(MoneyState, 0))
    for share in shares:
        sums[share.money] += share.amount_minor
    books = balances(history.user)
    assert sums[MoneyState.UNCLEAR] == books.get("annotator_pending", 0)
    assert sums[MoneyState.PAYABLE] == books.get("annotator_payable", 0)
    assert sums[MoneyState.ON_ITS_WAY] == books.get("annotator_in_payout", 0)
    back = history.taken_back
    paid = [one for one in payouts_of(history.user) if one.state == "paid"]
    assert sums[MoneyState.SENT] + sums[MoneyState.IN_BANK] == sum(
        one.amount_minor - back[one.pk] for one in paid
    )
    for payout in payouts_of(history.user):
        carried = [one for one in shares if one.payout and one.payout.id == payout.pk]
        wanted = 0 if payout.state == "failed" else payout.amount_minor - back[payout.pk]
        assert sum(one.amount_minor for one in carried) == wanted
    with planes.at_door():
        sent = stages.sent(carriers_of(history.user.pk)).get("USD", stages.Sent())
    assert sent.in_bank_minor == sums[MoneyState.IN_BANK]
    assert sent.at_stripe_minor == sums[MoneyState.SENT]


@pytest.mark.parametrize("seed", range(6, 10))
def test_a_year_is_what_was_booked_in_it(database: None, seed: int) -> None:
    history = History(random.Random(seed))
    history.run(60)
    owe(history.user, 777)
    books = balances(history.user)
    found = all_lines(history.user, 1_000)
    with planes.at_door():
        now = clock.now().year
        assert years.years_of(history.user.pk) == [now]
        year = years.year_of(history.user.pk, now)
        assert years.year_of(history.user.pk, now - 1).totals == []
    [total] = year.totals
    assert total.open_minor == sum(books.values()), "all accounts of the person"
    assert total.corrected_minor == 777 + history.taken_back.total()
    booked = [one for one in found if one.booked_at]
    assert total.bonus_minor == sum(one.amount_minor for one in booked if one.is_bonus)
    assert total.work_minor == sum(one.amount_minor for one in booked if not one.is_bonus)
    assert sum(one.total_minor for one in year.earned) == total.earned_minor
    for one in year.earned:
        mine = [line for line in booked if line.workspace_id == one.workspace_id]
        assert one.total_minor == sum(line.amount_minor for line in mine)


@pytest.mark.parametrize("seed", range(10, 14))
def test_the_sums_of_a_day_are_those_of_its_lines(database: None, seed: int) -> None:
    history = History(random.Random(seed))
    history.run(50)
    found = all_lines(history.user, 1_000)
    with planes.at_door():
        days = lines.by_day(history.user.pk, found[:3], carriers_of(history.user.pk))
    for day in days:
        mine = [one for one in found if one.at.date() == day.day]
        [total] = day.totals

        def of(*states: MoneyState) -> int:
            shares = [share for one in mine for share in one.shares]  # noqa: B023
            return sum(share.amount_minor for share in shares if share.money in states)

        assert total.lines == len(mine)
        assert total.submitted_minor == sum(one.amount_minor for one in mine)
        assert total.waiting_minor == of(MoneyState.REVIEW)
        assert total.held_minor == of(MoneyState.HELD)
        assert total.in_payouts_minor == of(
            MoneyState.ON_ITS_WAY, MoneyState.SENT, MoneyState.IN_BANK
        )
        assert total.accepted_minor == sum(o.amount_minor for o in mine if o.state == "accepted")
