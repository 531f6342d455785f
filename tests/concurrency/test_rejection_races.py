"""Concurrent rejections, appeals and clocks: each effect once, one outcome for each answer."""

import time
import uuid
from functools import partial
from typing import Any

import pytest

from billing.funding import replacements
from billing.funding.models import Replacement
from billing.ledger.models import Journal
from projects.items.services import Plan
from projects.review.models import Appeal, Decision, RejectLimit
from projects.review.services import accepting, returning
from projects.review.tasks import end_due
from projects.work.models import Annotation, Slot
from rlhfhub.events import dispatch
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests import databases
from tests.concurrency.conftest import Race
from tests.concurrency.races import at_once
from tests.people import make_member
from tests.rejections import appealed, pass_days, reject, rejected

pytestmark = pytest.mark.concurrency


def answered(race: Race, items: int, **plan: int) -> list[uuid.UUID]:
    """One annotator answers every item of a new batch."""
    race.batch(items, plan=Plan(**{"overlap": 1, "share_percent": 0} | plan))
    for _ in range(items):
        lease = race.annotators[0].lease()
        assert lease
        assert race.annotators[0].submit(lease).status_code == 201
    with planes.in_workspace(race.tenant.pk):
        found = Annotation.objects.filter(state="submitted").order_by("pk")
        return list(found.values_list("pk", flat=True))


def accept(race: Race, answer: uuid.UUID) -> int:
    with planes.in_workspace(race.tenant.pk):
        return accepting.accept(annotation_ids=[answer], reviewer_id=race.tenant.owner.pk)


def send_back(race: Race, answer: uuid.UUID) -> str:
    with planes.in_workspace(race.tenant.pk):
        back = returning.send_back(
            annotation_id=answer, note="Say which rule, please.", reviewer_id=race.tenant.owner.pk
        )
    return str(back.pk)


def reject_as(reviewer: uuid.UUID, race: Race, answer: uuid.UUID) -> Decision:
    with planes.in_workspace(race.tenant.pk, reviewer):
        return reject(answer, race.tenant, reviewer_id=reviewer)


def later(race: Race, days: int) -> None:
    with databases.connected(**race.login) as owner, owner.transaction():
        pass_days(days, owner)


def kinds(race: Race) -> dict[str, int]:
    with planes.as_system():
        found = Journal.objects.exclude(kind__in=["deposit", "fund"]).values_list("kind", flat=True)
        return {kind: list(found).count(kind) for kind in sorted(set(found))}


def test_two_reviewers_decide_differently(race: Race, site: None) -> None:
    second = make_member(race.tenant.workspace, "reviewer")
    for answer in answered(race, 4):
        outcomes = at_once(
            partial(accept, race, answer),
            partial(reject_as, second.pk, race, answer),
            partial(send_back, race, answer),
        )
        with planes.in_workspace(race.tenant.pk):
            state = Annotation.objects.get(pk=answer).state
            decisions = Decision.objects.filter(annotation=answer).count()
        done = [one for one in outcomes if one and not isinstance(one, Exception)]
        assert len(done) == 1, outcomes
        assert decisions == (0 if state == "returned" else 1)
        assert all(isinstance(one, Refused | Decision | int | str) for one in outcomes), outcomes
    dispatch.drain()


def test_no_more_are_rejected_at_once_than_are_allowed(race: Race, site: None) -> None:
    answers = answered(race, 8)
    outcomes = at_once(*[partial(rejected, answer, race.tenant) for answer in answers])
    assert sum(isinstance(one, Decision) for one in outcomes) == 5
    assert {one.code for one in outcomes if isinstance(one, Refused)} == {"reject_limit"}
    with planes.in_workspace(race.tenant.pk):
        limit = RejectLimit.objects.get()
    assert (limit.rejected, limit.stopped_at is not None) == (5, True)
    dispatch.drain()


def test_replacements_are_made_once(race: Race, site: None) -> None:
    answers = answered(race, 3, reserve_percent=100)
    for answer in answers:
        rejected(answer, race.tenant)
    with planes.in_workspace(race.tenant.pk):
        batch_id = Slot.objects.values_list("batch_id", flat=True).first()

    def make() -> Any:
        with planes.in_workspace(race.tenant.pk):
            return replacements.make(batch_id=batch_id)  # type: ignore[arg-type]

    outcomes = at_once(dispatch.drain, dispatch.drain, make, make)
    assert not [one for one in outcomes if isinstance(one, Exception)]
    dispatch.drain()
    make()
    with planes.in_workspace(race.tenant.pk):
        assert set(Replacement.objects.values_list("state", flat=True)) == {"made"}
        assert Slot.objects.filter(state="open").count() == 3
    assert 1 <= kinds(race)["draw"] <= 3
    assert kinds(race)["reject"] == 3


_LAST_MOMENT = (
    "UPDATE projects_review_decision SET appeal_by = clock_timestamp() + interval '400 ms'"
)


def test_an_appeal_in_the_last_moment_and_the_clock(race: Race, site: None) -> None:
    """Either the appeal is made or the rejection lapses, never both."""
    [answer] = answered(race, 1)
    rejected(answer, race.tenant)
    dispatch.drain()
    with databases.connected(**race.login) as owner, owner.transaction():
        pass_days(8, owner)
        owner.execute("ALTER TABLE projects_review_decision DISABLE TRIGGER USER")
        owner.execute(_LAST_MOMENT)
        owner.execute("ALTER TABLE projects_review_decision ENABLE TRIGGER USER")
    person = race.annotators[0].user.pk

    def clocks() -> None:
        until = time.monotonic() + 1
        while time.monotonic() < until:
            end_due()

    def appeal() -> None:
        time.sleep(0.38)
        appealed(answer, race.tenant, person)

    outcomes = at_once(appeal, clocks, clocks)
    end_due()  # an appeal that is refused may have held the row
    with planes.in_workspace(race.tenant.pk):
        ends = list(Decision.objects.filter(stage=2).values_list("verdict", flat=True))
        was_made = Appeal.objects.exists()
    assert ends == ([] if was_made else ["lapsed"])
    assert was_made == (outcomes[0] is None)
    assert was_made or isinstance(outcomes[0], Refused)
    at_once(dispatch.drain, dispatch.drain)
    assert kinds(race) == ({"reject": 1} if was_made else {"reject": 1, "rejectfinal": 1})


def test_many_clocks_end_what_is_due_once(race: Race, site: None) -> None:
    answers = answered(race, 4)
    person = race.annotators[0].user.pk
    for answer in answers:
        rejected(answer, race.tenant)
    for answer in answers[:2]:
        appealed(answer, race.tenant, person)
    later(race, 8)
    at_once(end_due, end_due, end_due)
    at_once(dispatch.drain, dispatch.drain, dispatch.drain)
    assert kinds(race) == {"accrual": 2, "reject": 4, "rejectfinal": 2}
    with planes.in_workspace(race.tenant.pk):
        verdicts = sorted(Decision.objects.filter(stage=2).values_list("verdict", flat=True))
    assert verdicts == ["lapsed", "lapsed", "overturned", "overturned"]


def test_what_nobody_revised_is_decided_as_it_stands(race: Race, site: None) -> None:
    [answer] = answered(race, 1)
    send_back(race, answer)
    later(race, 3)
    end_due()
    with planes.in_workspace(race.tenant.pk):
        assert Annotation.objects.get(pk=answer).state == "submitted"
    assert accept(race, answer) == 1
    dispatch.drain()
    assert kinds(race) == {"accrual": 1}
