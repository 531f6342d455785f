"""Two members of staff reverse a payout: the money comes back once, and is owed to the person as before."""

from typing import Any

import pytest
from django.test import Client

from billing.payouts import reversals, reversing, tasks
from billing.payouts.models import Reversal
from billing.stripe.calls import transfers
from billing.stripe.errors import Refused as StripeRefused
from billing.stripe.errors import Unknown
from rlhfhub import invariants
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from rlhfhub.tenancy.planes import Plane
from tests import people
from tests.payouts.made import make_owed, make_owed_by_hand, make_payouts, payout_of
from tests.payouts.reversed import approved, ask, decide, due, now_of, sent_by
from tests.payouts.test_making import balances
from tests.payouts.test_sending import journals, told
from tests.stripe_emulator.control import Control

POST = "POST /v1/transfers/{id}/reversals"


@pytest.fixture
def user(stripe: Control) -> User:
    """Somebody to whom Stripe has sent 20.00."""
    return sent_by(stripe)


def taken_back(user: User) -> list[int]:
    return [one.amount_minor for one in transfers.reversals_of(payout_of(user).transfer)]


def broken() -> list[str]:
    return [one.invariant.says for one in invariants.verify(["M2", "M4"]) if not one.holds]


def test_two_members_of_staff_take_money_back(user: User, staff: list[User]) -> None:
    row = ask(user, staff[0])
    tasks.send()
    assert (now_of(row).state, taken_back(user)) == ("asked", [])
    with pytest.raises(Refused) as refused:
        decide(row, staff[0])
    assert refused.value.code == "forbidden"
    decide(row, staff[1])
    tasks.send()
    done = now_of(row)
    assert (done.state, taken_back(user)) == ("done", [1_500])
    (cause,) = [one for one in journals("transferback") if one.endswith(done.transaction)]
    assert cause == f"transferback:{done.transaction}"
    assert balances(user) == {"payable": 1_500, "in_payout": 0}
    assert told(user) == ["pay.sent", "pay.taken_back"]
    tasks.send()
    assert taken_back(user) == [1_500]
    assert broken() == []


def test_the_person_reads_why(user: User, staff: list[User]) -> None:
    approved(user, staff)
    tasks.send()
    browser = Client()
    browser.force_login(user)
    page = browser.get("/earnings/payouts/").content.decode()
    assert "$15.00 of it was taken back" in page
    assert "$5.00" in page, "sent so far"
    assert "Wrong person." in browser.get("/notices/").content.decode()
    with planes.at_desk(user.pk):
        assert Reversal.objects.values_list("reason", flat=True).get() == "Wrong person."
    other = people.make_user()
    with planes.at_desk(other.pk):
        assert not Reversal.objects.values("id").exists()


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "error_after"])
def test_a_lost_answer_takes_back_once(
    stripe: Control, user: User, staff: list[User], fault: str
) -> None:
    row = approved(user, staff)
    stripe.fault(POST, fault, seconds=0.2, count=1 if fault == "error_after" else 3)
    tasks.send()
    assert now_of(row).state == "sending"
    for hours in (0, 24, 0, 0):
        due(hours=hours, minutes=11)
        tasks.send()
    assert (now_of(row).state, taken_back(user)) == ("done", [1_500])
    assert balances(user)["payable"] == 1_500
    assert broken() == []


def test_old_attempts_are_looked_up(stripe: Control, user: User, staff: list[User]) -> None:
    """Stripe has forgotten the key: the reversal that was made is found, and none is made again."""
    row = approved(user, staff)
    stripe.fault(POST, "drop_after", count=3)
    tasks.send()
    sent = len(stripe.requests(POST))
    stripe.advance(25 * 3600)
    due(hours=25)
    tasks.send()
    assert (now_of(row).state, taken_back(user)) == ("done", [1_500])
    assert len(stripe.requests(POST)) == sent


def test_stripe_refuses(user: User, staff: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: Any) -> None:
        raise StripeRefused("balance_insufficient", "The account does not hold as much.")

    monkeypatch.setattr(transfers, "reverse", refuse)
    row = approved(user, staff)
    tasks.send()
    found = now_of(row)
    assert (found.state, found.error_code) == ("failed", "balance_insufficient")
    assert balances(user)["payable"] == 0
    monkeypatch.undo()
    again = approved(user, staff, 2_000)
    tasks.send()
    assert now_of(again).state == "done", "what failed does not count"


def test_parts_make_no_more_than_the_whole(user: User, staff: list[User]) -> None:
    approved(user, staff, 1_500)
    with pytest.raises(Refused) as refused:
        ask(user, staff[1], 100)
    assert refused.value.code == "conflict"
    tasks.send()
    with pytest.raises(Refused) as refused:
        ask(user, staff[1], 501)
    assert refused.value.code == "too_much"
    with planes.entered(Plane.STAFF, person=staff[0].pk):
        assert reversals.left(payout_of(user)) == 500
    decide(ask(user, staff[1], 500), staff[0], approve=False)
    decide(ask(user, staff[1], 500), staff[0])
    tasks.send()
    assert taken_back(user) == [500, 1_500]


BAD = {
    "nothing": (0, "Why", "invalid"),
    "less": (-5, "Why", "invalid"),
    "no reason": (100, "  ", "invalid"),
    "a long reason": (100, "x" * 501, "invalid"),
    "too much": (2_001, "Why", "too_much"),
}


@pytest.mark.parametrize(("amount_minor", "reason", "code"), BAD.values(), ids=BAD)
def test_bad_wishes(
    user: User, staff: list[User], amount_minor: int, reason: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        ask(user, staff[0], amount_minor, reason)
    assert refused.value.code == code
    with planes.as_system():
        assert not Reversal.objects.exists()


@pytest.mark.usefixtures("db", "set_up")
def test_only_what_stripe_sent(staff: list[User]) -> None:
    for user in (make_owed(), make_owed_by_hand()):
        make_payouts()
        with pytest.raises(Refused) as refused:
            ask(user, staff[0], 100)
        assert refused.value.code == "not_now"


def test_it_is_decided_once(user: User, staff: list[User]) -> None:
    row = ask(user, staff[0])
    decide(row, staff[0], approve=False)
    assert now_of(row).state == "declined"
    with pytest.raises(Refused) as refused:
        decide(row, staff[1])
    assert refused.value.code == "not_now"
    tasks.send()
    assert taken_back(user) == []


def test_a_reversal_that_is_told_again_is_booked_once(user: User, staff: list[User]) -> None:
    row = approved(user, staff)
    tasks.send()
    (made,) = transfers.reversals_of(payout_of(user).transfer)
    reversing.done(row, made)
    assert balances(user)["payable"] == 1_500


def test_another_answer_of_stripe_is_not_booked(user: User, staff: list[User]) -> None:
    row = approved(user, staff)
    with planes.as_system():
        Reversal.objects.filter(pk=row.pk).update(state="sending", sent_at=row.asked_at)
    made = transfers.reverse(
        key="other", transfer=payout_of(user).transfer, amount_minor=700, metadata={}
    )
    with pytest.raises(Unknown):
        reversing.done(row, made)
    assert (now_of(row).state, balances(user)["payable"]) == ("sending", 0)
