"""Processes that do something about one answer in the same moment: one effect, and the other is told.

In the first rounds of each race one process is ahead: it holds its locks while the other comes. Then both come at once.
"""

import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from projects.review.models import Appeal, Source
from projects.review.services import accepting, appeals
from projects.review.tasks import accept_due, end_due
from projects.work.models import Annotation
from rlhfhub.events import dispatch
from rlhfhub.events.models import Delivery
from rlhfhub.tenancy import planes
from tests import databases, deciders
from tests.concurrency import acts
from tests.concurrency.acts import DECIDED, DONE, let_pass, state_of, verdicts
from tests.concurrency.conftest import Race
from tests.concurrency.processes import Refusal, at_once
from tests.concurrency.test_people_races import come_back
from tests.concurrency.test_rejection_races import answered, kinds, later
from tests.concurrency.test_review_races import answered as answered_batch
from tests.paid_reviews import ask, judge, opened, reviewers
from tests.people import make_key, make_member, make_user
from tests.rejections import rejected

pytestmark = pytest.mark.concurrency
TOO_LATE = (409, "too_late")
NO_APPEAL = Refusal("no_appeal", 409)
# Who is ahead in a round: the first of two, the second, nobody.
ORDERS = (0, 1, None, None)
CLOCK, PERSON = 0, 1
# Who is ahead, and how many seconds before the end of the time the person acts.
SOON = 0.6
MOMENTS = ((PERSON, SOON), (CLOCK, 0), (None, 0.1), (None, 0.03), (None, 0))


def against_the_clock(
    race: Race, answers: list[uuid.UUID], what: str, clock: Callable[[], int], act: Any
) -> Iterator[tuple[uuid.UUID, Any]]:
    """Let a person and the clock act on each answer when the time for it ends. Yields the answer and the reply."""
    for (order, before), answer in zip(MOMENTS, answers, strict=True):
        over = let_pass(race, answer, what, -1 if order == CLOCK else SOON)
        _, reply = at_once(
            partial(at, over, partial(by_clock, clock)),
            partial(at, over - before, partial(act, answer)),
            leader=order,
            held=2 * SOON,
        )
        end_due()  # whoever was refused may have held the row
        accept_due()
        yield answer, reply


def at(moment: float, act: Callable[[], Any]) -> Any:
    """Act at this moment."""
    time.sleep(max(0.0, moment - time.time()))
    return act()


def by_clock(step: Callable[[], int]) -> int:
    """Take one step of a scheduled task, in a transaction of its own."""
    with planes.as_system():
        return step()


def settle(race: Race) -> dict[str, int]:
    """Deliver all events, in two processes. Returns how many journals there are of each kind."""
    at_once(dispatch.drain, dispatch.drain)
    dispatch.drain()
    with planes.as_system():
        assert not Delivery.objects.exists(), "no handler failed"
    return kinds(race)


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
        expected = {"accepted": (1, DECIDED), "rejected": (0, DONE)}
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


def test_filing_an_appeal_and_the_end_of_its_time(race: Race, site: None) -> None:
    answers = answered(race, 5)
    for answer in answers:
        rejected(answer, race.tenant)
    later(race, 8)
    for answer in answers:
        let_pass(race, answer, "appeal", 3600)
    appeal, lapsed = partial(acts.appeal, race.annotators[0]), []
    for answer, reply in against_the_clock(race, answers, "appeal", appeals.lapse_due, appeal):
        with planes.in_workspace(race.tenant.pk):
            was_made = Appeal.objects.filter(annotation=answer).exists()
        if was_made:
            assert (verdicts(race, answer), reply) == ([("rejected", "person")], (201, ""))
        else:
            assert verdicts(race, answer) == [("rejected", "person"), ("lapsed", "clock")]
            assert reply == TOO_LATE
            lapsed.append(answer)
    assert answers[1] in lapsed, "the clock was ahead"
    booked = settle(race)
    assert (booked["reject"], booked["rejectfinal"]) == (5, len(lapsed))


def test_an_appeal_that_is_filed_while_the_clock_looks(
    race: Race, site: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was made in time, and is committed after the clock began to look and before it locks what it has found."""
    [answer] = answered(race, 1)
    rejected(answer, race.tenant)
    later(race, 8)
    slowly = appeals._LAPSED.replace("ORDER", f"AND pg_sleep({2 * SOON}) IS NOT NULL ORDER")
    monkeypatch.setattr(appeals, "_LAPSED", slowly)
    over = let_pass(race, answer, "appeal", SOON)
    ended, reply = at_once(
        partial(at, over, partial(by_clock, appeals.lapse_due)),
        partial(acts.appeal, race.annotators[0], answer),
        leader=PERSON,
        held=2 * SOON,
    )
    assert (ended, reply) == (0, (201, ""))
    assert verdicts(race, answer) == [("rejected", "person")]
    settle(race)


def appealed_answers(race: Race, count: int) -> list[uuid.UUID]:
    """Answers that were rejected, whose annotator appeals."""
    answers = answered(race, count)
    for answer in answers:
        rejected(answer, race.tenant)
        assert acts.appeal(race.annotators[0], answer) == (201, "")
    dispatch.drain()
    return answers


def test_upholding_a_rejection_and_the_end_of_its_time(race: Race) -> None:
    """Nobody's silence takes the pay: after the time the work is paid, whoever was about to uphold the rejection."""
    staff, upheld = make_user("Boss", is_staff=True).pk, []
    with databases.site_login():
        answers = appealed_answers(race, 5)
        uphold = partial(acts.decide, staff_id=staff, broken=True)
        rounds = against_the_clock(race, answers, "end of appeal", appeals.overturn_due, uphold)
        for answer, reply in rounds:
            end = verdicts(race, answer)[1:]
            if reply == "upheld":
                assert end == [("upheld", "person")]
                upheld.append(answer)
            else:
                assert end == [("overturned", "clock")]
                assert reply in (NO_APPEAL, Refusal("too_late", 409))
        assert answers[1] not in upheld, "the clock was ahead"
        booked = settle(race)
        assert booked["accrual"] == 5 - len(upheld)
        assert booked.get("rejectfinal", 0) == len(upheld)


def test_two_of_the_staff_decide_one_appeal(race: Race) -> None:
    bosses, ends = [make_user("Boss", is_staff=True).pk for _ in range(2)], []
    with databases.site_login():
        for order, answer in zip(ORDERS, appealed_answers(race, 4), strict=True):
            replies = at_once(
                partial(acts.decide, answer, bosses[0], broken=True),
                partial(acts.decide, answer, bosses[1], broken=False),
                leader=order,
            )
            [(end, by)] = verdicts(race, answer)[1:]
            expected = {"upheld": ("upheld", NO_APPEAL), "overturned": (NO_APPEAL, "overturned")}
            assert (tuple(replies), by) == (expected[end], "person")
            ends.append(end)
        assert ends[:2] == ["upheld", "overturned"], "whoever was ahead"
        booked = settle(race)
        assert booked["accrual"] == ends.count("overturned")
        assert booked["rejectfinal"] == ends.count("upheld")


def test_an_annotator_and_one_of_the_staff_decide_one_appeal(race: Race, settings: Any) -> None:
    settings.PLATFORM_WORKSPACE = deciders.SLUG
    platform, boss, ends = deciders.make_platform(), make_user("Boss", is_staff=True).pk, []
    decider = deciders.decider(platform)
    with databases.site_login():
        answers = appealed_answers(race, 4)
        dispatch.drain()
        for order in ORDERS:
            answer = source_of(judge(decider, "followed", note=deciders.WHY))
            _, reply = at_once(
                dispatch.drain, partial(acts.decide, answer, boss, broken=True), leader=order
            )
            end = verdicts(race, answer)[1:]
            assert end in ([("overturned", "person")], [("upheld", "person")])
            ends.append(end[0][0])
            assert reply == {"overturned": NO_APPEAL, "upheld": "upheld"}[ends[-1]]
        assert ends[:2] == ["overturned", "upheld"], "whoever was ahead"
        booked = settle(race)
        assert booked["accrual"] == ends.count("overturned")
        assert booked["rejectfinal"] == ends.count("upheld")
        assert deciders.status_of(platform) == ["closed"] * len(answers)


def source_of(judgment: uuid.UUID) -> uuid.UUID:
    """Return the answer that was judged."""
    with planes.as_system():
        item = Annotation.objects.values_list("item", flat=True).get(pk=judgment)
        found: uuid.UUID = Source.objects.get(item=item).annotation_id
    return found


def test_a_paid_review_and_a_member(race: Race, site: None) -> None:
    """The last paid reviewer accepts an answer while a member rejects it."""
    [reviewer] = reviewers(opened(ask(answered_batch(race, 4), race.tenant)), 1)
    dispatch.drain()
    ends = []
    for order in ORDERS:
        answer = source_of(judge(reviewer, "accept"))
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
