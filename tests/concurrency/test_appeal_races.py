"""Processes that file, decide and end one appeal in the same moment: one end, and the other is told."""

import uuid
from functools import partial
from typing import Any

import pytest

from projects.review.models import Appeal
from projects.review.services import appeals
from rlhfhub.events import dispatch
from rlhfhub.tenancy import planes
from tests import databases, deciders
from tests.concurrency import acts
from tests.concurrency.acts import let_pass, verdicts
from tests.concurrency.conftest import Race
from tests.concurrency.processes import Refusal, at_once
from tests.concurrency.races import slowly
from tests.concurrency.rounds import ORDERS, PERSON, SOON, against_the_clock, at, by_clock, settle
from tests.concurrency.test_rejection_races import answered, later
from tests.paid_reviews import judge, judged_answer
from tests.people import make_user
from tests.rejections import rejected

pytestmark = pytest.mark.concurrency
TOO_LATE = (409, "too_late")
NO_APPEAL = Refusal("no_appeal", 409)


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
    slow = appeals._LAPSED.replace("ORDER", f"AND pg_sleep({2 * SOON}) IS NOT NULL ORDER")
    monkeypatch.setattr(appeals, "_LAPSED", slow)
    over = let_pass(race, answer, "appeal", 2 * SOON)
    ended, reply = at_once(
        partial(at, over, partial(by_clock, appeals.lapse_due)),
        partial(acts.appeal, race.annotators[0], answer),
        leader=PERSON,
        held=3 * SOON,
    )
    assert (ended, reply) == (0, (201, ""))
    assert verdicts(race, answer) == [("rejected", "person")]
    settle(race)


def test_an_appeal_that_takes_longer_than_its_time(
    race: Race, site: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was found to be in time; the clock leaves the answer to it."""
    [answer] = answered(race, 1)
    rejected(answer, race.tenant)
    later(race, 8)
    monkeypatch.setattr(appeals, "_check_appeal", slowly(appeals._check_appeal, 3 * SOON))
    over = let_pass(race, answer, "appeal", 2 * SOON)
    ended, reply = at_once(
        partial(at, over, partial(by_clock, appeals.lapse_due)),
        partial(acts.appeal, race.annotators[0], answer),
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
            answer = judged_answer(judge(decider, "followed", note=deciders.WHY))
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
