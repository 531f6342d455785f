"""A process is killed (kill -9) between any two of its statements: then its work is done once, or not at all.

Short operations die at every point, what their events lead to at every third: see `processes.dies_at`.
"""

import uuid
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from billing.funding import tasks as funding
from projects.review.bulk.models import BulkAccept, BulkAnswer
from projects.review.services import accepting
from projects.review.tasks import apply_bulk_accepts, end_due
from rlhfhub.events import tasks as events
from rlhfhub.ground.ids import uuid7
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests import deciders
from tests.concurrency import acts, effects
from tests.concurrency.acts import DECIDED, DONE, let_pass
from tests.concurrency.conftest import Race
from tests.concurrency.effects import is_done, nothing_is_owed, recover
from tests.concurrency.processes import deaths
from tests.concurrency.test_bulk_races import later as let_bulk_accepts_be_due
from tests.concurrency.test_people_races import come_back
from tests.concurrency.test_rejection_races import answered, later
from tests.concurrency.test_review_races import answered as answered_batch
from tests.databases import site_login
from tests.paid_reviews import ask, judge, judged_answer, opened, reviewers
from tests.people import make_user
from tests.rejections import rejected
from tests.review import bulk

pytestmark = [pytest.mark.concurrency, pytest.mark.slow]
EVERY = 3
# So many answers of a small batch may be rejected.
REJECTABLE = 5
Answers = Iterator[uuid.UUID]


def answers_of(race: Race) -> Answers:
    """Yield undecided answers, as many as are asked for. Each is decided on before too many are made."""
    while True:
        yield from answered(race, REJECTABLE, reserve_percent=100)


def rejections_of(race: Race) -> Answers:
    """Yield answers that were rejected."""
    for answer in answers_of(race):
        rejected(answer, race.tenant)
        yield answer


def appeals_of(race: Race) -> Answers:
    """Yield answers whose rejection is appealed. All that was done before has had its effects."""
    for answer in rejections_of(race):
        recover()
        assert acts.appeal(race.annotators[0], answer) == (201, "")
        recover()
        yield answer


def check(race: Race, of: dict[str, str], answer: uuid.UUID) -> None:
    """Let the scheduled tasks run. Each effect on the answer is there once."""
    recover()
    assert is_done(effects.count(of, race.login, answer=answer))


def test_a_rejection(race: Race, site: None) -> None:
    """The client that got no reply sends the request again with its Idempotency-Key."""
    secret = race.tenant.secret

    def reject(answer: uuid.UUID) -> acts.Reply:
        return acts.reject(secret, answer, key=str(answer))

    for answer in deaths(partial(next, answers_of(race)), reject):
        assert reject(answer) == DONE
        assert acts.reject(secret, answer) == DECIDED
        check(race, effects.REJECTION, answer)
    nothing_is_owed(race.login)


def test_what_follows_a_rejection(race: Race, site: None) -> None:
    """Its money goes on hold, another annotator is asked, and the figures are counted again."""

    def follow(_: uuid.UUID) -> None:
        events.dispatch()
        funding.replace()

    for answer in deaths(partial(next, rejections_of(race)), follow, EVERY):
        check(race, effects.REJECTION, answer)
    nothing_is_owed(race.login)


def test_an_appeal(race: Race, site: None) -> None:
    """The annotator sends the same statement again if they got no reply."""
    appeal = partial(acts.appeal, race.annotators[0])
    for answer in deaths(partial(next, rejections_of(race)), appeal):
        assert appeal(answer) in (DONE, (201, ""))
        assert appeal(answer) == DONE
        check(race, effects.APPEAL, answer)
    nothing_is_owed(race.login)


@pytest.mark.parametrize("broken", [True, False])
def test_one_of_the_staff_decides_an_appeal(race: Race, broken: bool) -> None:
    """They decide again if they got no reply."""
    decide = partial(acts.decide, staff_id=make_user("Boss", is_staff=True).pk, broken=broken)
    with site_login():
        for answer in deaths(partial(next, appeals_of(race)), decide):
            with suppress(Refused):
                decide(answer)
            with pytest.raises(Refused, match="No appeal against this waits"):
                decide(answer)
            check(race, effects.UPHELD if broken else effects.OVERTURNED_BY_PERSON, answer)
        nothing_is_owed(race.login)


@pytest.mark.parametrize("broken", [True, False])
def test_what_follows_a_decided_appeal(race: Race, broken: bool) -> None:
    """Its money is paid or given back, and both sides are told."""
    staff = make_user("Boss", is_staff=True).pk
    with site_login():

        def decided() -> uuid.UUID:
            answer = next(appeals)
            acts.decide(answer, staff, broken=broken)
            return answer

        appeals = appeals_of(race)
        for answer in deaths(decided, lambda _: events.dispatch(), EVERY):
            check(race, effects.UPHELD if broken else effects.OVERTURNED_BY_PERSON, answer)
        nothing_is_owed(race.login)


def test_an_annotator_decides_an_appeal(race: Race, settings: Any) -> None:
    """Their judgment is stored; the process that decides the appeal by it dies."""
    settings.PLATFORM_WORKSPACE = deciders.SLUG
    decider = deciders.decider(deciders.make_platform())
    with site_login():

        def judged() -> uuid.UUID:
            next(appeals)
            return judged_answer(judge(decider, "followed", note=deciders.WHY))

        appeals = appeals_of(race)
        for answer in deaths(judged, lambda _: events.dispatch(), 2 * EVERY):
            check(race, effects.OVERTURNED_BY_PERSON, answer)
        nothing_is_owed(race.login)


Pair = tuple[uuid.UUID, uuid.UUID]


def pairs_of(race: Race) -> Iterator[Pair]:
    """Yield an appealed and an unappealed rejection whose time is over, while those to come have time left."""
    while True:
        answered(race, REJECTABLE)
        answers = answered(race, REJECTABLE)
        for answer in answers:
            rejected(answer, race.tenant)
        recover()
        for answer in answers[::2]:
            assert acts.appeal(race.annotators[0], answer) == (201, "")
        recover()
        later(race, 8)
        for appealed, other in zip(answers[::2], answers[1::2], strict=True):
            let_pass(race, appealed, "end of appeal", 3600)
            let_pass(race, other, "appeal", 3600)
        for appealed, other in zip(answers[::2], answers[1::2], strict=True):
            let_pass(race, appealed, "end of appeal")
            let_pass(race, other, "appeal")
            yield appealed, other


def test_the_clock_ends_an_appeal_and_a_rejection(race: Race, site: None) -> None:
    for appealed, other in deaths(partial(next, pairs_of(race)), lambda _: end_due()):
        check(race, effects.OVERTURNED, appealed)
        check(race, effects.LAPSED, other)
    nothing_is_owed(race.login)


def test_leaving(race: Race, site: None) -> None:
    """The annotator who got no reply leaves again; what they had answered is kept."""
    [answer] = answered(race, 1)
    race.batch(60)
    ada = race.annotators[0]

    def at_work() -> dict[str, Any]:
        lease = ada.lease()
        assert lease
        return {"enrollment": ada.enrollment.pk, "lease": lease["id"], "since": uuid7()}

    for case in deaths(at_work, lambda _: acts.leave(ada)):
        is_done(effects.count(effects.LEAVING, race.login, **case))
        assert acts.leave(ada) == DONE
        assert is_done(effects.count(effects.LEAVING, race.login, **case))
        come_back(ada)
    assert acts.state_of(race, answer) == "submitted"
    recover()
    nothing_is_owed(race.login)


def reviewed_answers(race: Race) -> Answers:
    """Yield answers that their paid reviewer has just accepted, so that they are about to be accepted."""
    people = None
    while True:
        batch = opened(ask(answered_batch(race, 10), race.tenant))
        people = people or reviewers(batch, 1)
        for _ in range(10):
            recover()
            yield judged_answer(judge(people[0], "accept"))


def test_a_paid_review_accepts(race: Race, site: None) -> None:
    for answer in deaths(partial(next, reviewed_answers(race)), lambda _: events.dispatch(), EVERY):
        check(race, effects.ACCEPTED, answer)
    nothing_is_owed(race.login)


def test_a_bulk_accept(race: Race, site: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three answers in two transactions."""
    monkeypatch.setattr(accepting, "LIMIT", 2)

    def due() -> BulkAccept:
        asked = bulk.request(race.project, answered(race, 3), race.tenant.owner.pk)
        let_bulk_accepts_be_due(race)
        return asked

    for asked in deaths(due, lambda _: apply_bulk_accepts()):
        with planes.in_workspace(race.tenant.pk):
            rows = BulkAnswer.objects.filter(bulk_accept=asked)
            answers = dict(rows.values_list("annotation", "outcome"))
        accepted = [one for one, outcome in answers.items() if outcome == "accepted"]
        assert bulk.stored(asked, race.tenant).accepted == len(accepted)
        assert {acts.state_of(race, one) for one in accepted} <= {"accepted"}
        for answer in answers:
            check(race, effects.ACCEPTED, answer)
        done = bulk.stored(asked, race.tenant)
        assert (done.accepted, done.done_at is not None) == (3, True)
    nothing_is_owed(race.login)
