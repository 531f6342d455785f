"""Processes that decide on one answer in the same moment, or leave and submit: one effect, and the other is told."""

from functools import partial
from typing import Any

import pytest

from projects.review.services import accepting
from rlhfhub.events import dispatch
from tests.concurrency import acts
from tests.concurrency.acts import DECIDED, DONE, state_of, verdicts
from tests.concurrency.conftest import Race
from tests.concurrency.processes import at_once
from tests.concurrency.rounds import ORDERS, against_the_clock, settle
from tests.concurrency.test_people_races import come_back
from tests.concurrency.test_rejection_races import answered
from tests.concurrency.test_review_races import answered as answered_batch
from tests.paid_reviews import ask, judge, judged_answer, opened, reviewers
from tests.people import make_key, make_member

pytestmark = pytest.mark.concurrency
TOO_LATE = (409, "too_late")


def colleague_of(race: Race) -> str:
    """Return the API key of another reviewer."""
    return make_key(race.tenant.workspace, make_member(race.tenant.workspace, "reviewer"))


def test_two_reviewers_decide_differently(race: Race, site: None) -> None:
    answers, colleague, states = answered(race, 4), colleague_of(race), []
    for order, answer in zip(ORDERS, answers, strict=True):
        accepted, refused = at_once(
            partial(acts.accept, race.tenant.secret, answer),
            partial(acts.reject, colleague, answer),
            leader=order,
        )
        states.append(state_of(race, answer))
        expected = {"accepted": (DONE, DECIDED), "rejected": (DECIDED, DONE)}
        assert (accepted, refused) == expected[states[-1]]
        assert verdicts(race, answer) == [(states[-1], "person")]
    assert states[:2] == ["accepted", "rejected"], "whoever was ahead"
    booked = settle(race)
    assert booked["accrual"] == states.count("accepted")
    assert booked["reject"] == states.count("rejected")


def test_two_reviewers_reject(race: Race, site: None) -> None:
    answers, colleague = answered(race, 4), colleague_of(race)
    for order, answer in zip(ORDERS, answers, strict=True):
        both = [partial(acts.reject, key, answer) for key in (race.tenant.secret, colleague)]
        replies = at_once(*both, leader=order)
        assert sorted(replies) == [DONE, DECIDED]
        assert order is None or replies[order] == DONE
        assert verdicts(race, answer) == [("rejected", "person")]
    assert settle(race) == {"reject": 4}


def test_a_reviewer_and_the_clock(race: Race, site: None) -> None:
    states, rejects = [], partial(acts.reject, race.tenant.secret)
    rounds = against_the_clock(race, answered(race, 5), "decision", accepting.accept_due, rejects)
    for answer, reply in rounds:
        states.append(state_of(race, answer))
        if states[-1] == "rejected":
            assert (verdicts(race, answer), reply) == ([("rejected", "person")], DONE)
        else:
            assert verdicts(race, answer) == [("accepted", "clock")]
            assert reply in (DECIDED, TOO_LATE)
    assert states[1] == "accepted", "the clock was ahead"
    booked = settle(race)
    assert booked.get("accrual", 0) == states.count("accepted")
    assert booked.get("reject", 0) == states.count("rejected")


def test_a_paid_review_and_a_member(race: Race, site: None) -> None:
    """The last paid reviewer accepts an answer while a member rejects it."""
    [reviewer] = reviewers(opened(ask(answered_batch(race, 4), race.tenant)), 1)
    dispatch.drain()
    ends = []
    for order in ORDERS:
        answer = judged_answer(judge(reviewer, "accept"))
        _, reply = at_once(
            dispatch.drain, partial(acts.reject, race.tenant.secret, answer), leader=order
        )
        [end] = verdicts(race, answer)
        assert end in (("accepted", "review"), ("rejected", "person"))
        assert reply == {"accepted": DECIDED, "rejected": DONE}[end[0]]
        ends.append(end[0])
    assert ends[:2] == ["accepted", "rejected"], "whoever was ahead"
    booked = settle(race)
    assert booked["accrual"] == ends.count("accepted")
    assert booked["reject"] == ends.count("rejected")


def test_leaving_and_a_submit(race: Race, site: None, as_owner: Any) -> None:
    """The answer is stored, or its item is free for others; the annotator has left in any case."""
    race.batch(len(ORDERS))
    ada, states = race.annotators[0], []
    for order in ORDERS:
        lease = ada.lease()
        assert lease
        submitted, left = at_once(
            partial(acts.submit, ada, lease), partial(acts.leave, ada), leader=order
        )
        assert left == DONE
        [states_now] = as_owner(
            "SELECT l.ended_as, s.state, e.state FROM projects_work_lease l"
            " JOIN projects_work_slot s ON s.id = l.slot_id"
            " JOIN projects_enrollment_enrollment e ON e.id = l.enrollment_id WHERE l.id = %s",
            lease["id"],
        )
        if submitted[0] == 201:
            assert states_now == ("submitted", "filled", "ended")
        else:
            assert submitted == (409, "lease_ended")
            assert states_now == ("returned", "open", "ended")
        states.append(states_now[0])
        come_back(ada)
    assert states[:2] == ["submitted", "returned"], "whoever was ahead"
    left = as_owner(
        "SELECT count(*) FROM projects_enrollment_enrollmentchange WHERE reason = 'left'"
    )
    assert left == [(len(ORDERS),)]
