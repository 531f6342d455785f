"""A rejection cites a rule, holds the money, and ends by an appeal or the clock; its slot stays filled (W11, M1)."""

import uuid
from typing import Any

import pytest
from django.db import DatabaseError
from django.urls import reverse

from billing.funding.tasks import replace
from projects.items.models import Batch
from projects.items.services import Plan
from projects.plan.models import Project
from projects.review.models import Decision, RejectLimit
from projects.review.services import accepting, appeals, returning
from projects.review.tasks import accept_due, end_due
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.planes import Plane
from tests.factories import MONEY, Tenant, make_batch
from tests.pages.conftest import browser_of
from tests.people import Annotator, make_member, make_user
from tests.rejections import NOTE, appealed, decide, pass_days, reject, rejected
from tests.review.money import COST, all_hold, balances, earned, slots, state_of
from tests.review.own import page_of

Deliver = Any


@pytest.fixture
def batch(project: Project) -> Batch:
    """One item with one slot, and a reserve of one."""
    return make_batch(project, 1, plan=Plan(overlap=1, share_percent=0, reserve_percent=100))


@pytest.fixture
def answer(batch: Batch, annotators: list[Annotator]) -> uuid.UUID:
    lease = annotators[0].lease()
    assert lease
    return uuid.UUID(annotators[0].submit(lease).json()["id"])


def test_the_money_is_on_hold_and_another_slot_is_made(
    workspace_a: Tenant, answer: uuid.UUID, deliver: Deliver
) -> None:
    decision = rejected(answer, workspace_a)
    assert (decision.reason, decision.note) == ("rule", NOTE)
    assert (decision.appeal_by - decision.decided_at).days == 7  # type: ignore[operator]
    deliver()
    replace()
    assert balances(workspace_a) == {
        "workspace_available": MONEY - 2 * COST,
        "rejection_hold": COST,
        "batch_budget": COST,
    }
    assert slots(workspace_a) == {"filled": 1, "open": 1}
    all_hold()


def test_an_appeal_that_is_won_pays_from_the_hold_and_both_slots_stay(
    workspace_a: Tenant, answer: uuid.UUID, annotators: list[Annotator], deliver: Deliver
) -> None:
    rejected(answer, workspace_a)
    deliver()
    replace()
    appealed(answer, workspace_a, annotators[0].user.pk)
    decide(answer, broken=False)
    deliver()
    assert state_of(answer, workspace_a) == "accepted"
    assert earned(annotators[0]) == 25
    assert "rejection_hold" not in balances(workspace_a)
    assert slots(workspace_a) == {"filled": 1, "open": 1}
    lease = annotators[1].lease()
    assert lease
    assert annotators[1].submit(lease).status_code == 201
    all_hold()


def test_an_appeal_that_is_lost_gives_the_money_back(
    workspace_a: Tenant, answer: uuid.UUID, annotators: list[Annotator], deliver: Deliver
) -> None:
    rejected(answer, workspace_a)
    appealed(answer, workspace_a, annotators[0].user.pk)
    decide(answer, broken=True)
    # Both facts at once: their order is not promised.
    deliver()
    replace()
    assert state_of(answer, workspace_a) == "rejected"
    assert balances(workspace_a) == {
        "workspace_available": MONEY - COST,
        "batch_budget": COST,
    }
    assert earned(annotators[0]) == 0
    all_hold()


def test_without_an_appeal_the_rejection_is_final_after_seven_days(
    workspace_a: Tenant, answer: uuid.UUID, annotators: list[Annotator], deliver: Deliver
) -> None:
    rejected(answer, workspace_a)
    pass_days(6)
    end_due()
    deliver()
    assert balances(workspace_a)["rejection_hold"] == COST
    pass_days(2)
    end_due()
    deliver()
    with planes.in_workspace(workspace_a.pk):
        assert Decision.objects.get(stage=2).verdict == "lapsed"
    assert "rejection_hold" not in balances(workspace_a)
    with pytest.raises(Refused, match="time to appeal"):
        appealed(answer, workspace_a, annotators[0].user.pk)
    all_hold()


def test_an_appeal_that_nobody_decides_is_paid(
    workspace_a: Tenant, answer: uuid.UUID, annotators: list[Annotator], deliver: Deliver
) -> None:
    rejected(answer, workspace_a)
    appealed(answer, workspace_a, annotators[0].user.pk)
    pass_days(4)
    end_due()
    assert state_of(answer, workspace_a) == "rejected"
    pass_days(2)
    end_due()
    deliver()
    assert state_of(answer, workspace_a) == "accepted"
    assert earned(annotators[0]) == 25
    all_hold()


def test_the_owner_of_a_workspace_of_one_cannot_decide_the_appeal(
    workspace_a: Tenant, answer: uuid.UUID, annotators: list[Annotator]
) -> None:
    rejected(answer, workspace_a)
    appealed(answer, workspace_a, annotators[0].user.pk)
    owner = workspace_a.owner.pk
    with (
        pytest.raises(Refused, match="outside the workspace"),
        planes.entered(Plane.STAFF, person=owner),
    ):
        appeals.decide(annotation_id=answer, broken=True, note="I say so again.", decider_id=owner)
    with pytest.raises(DatabaseError), planes.in_workspace(workspace_a.pk, owner):
        appeals.decide(
            annotation_id=answer, broken=True, note="I say so again.", decider_id=uuid.uuid4()
        )


def test_the_clock_rejects_nothing_and_no_clock_accepts_rejected_work(
    workspace_a: Tenant, answer: uuid.UUID
) -> None:
    rejected(answer, workspace_a)
    pass_days(6)
    accept_due()
    assert state_of(answer, workspace_a) == "rejected"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "minority"}, "reason"),
        ({"reason": "disagreement"}, "reason"),
        ({"rule": "R99"}, "rule"),
        ({"rule": ""}, "rule"),
        ({"note": "no"}, "note"),
        ({"note": " \u200b" * 20}, "note"),
        ({"note": "x" * 2001}, "note"),
    ],
)
def test_a_rejection_needs_a_reason_a_rule_and_words(
    workspace_a: Tenant, answer: uuid.UUID, changes: dict[str, str], field: str
) -> None:
    with pytest.raises(Refused) as refused, planes.in_workspace(workspace_a.pk):
        reject(answer, workspace_a, **changes)
    assert refused.value.errors[0]["field"] == field
    assert state_of(answer, workspace_a) == "submitted"


def test_nobody_rejects_twice_nor_accepts_what_is_rejected(
    workspace_a: Tenant, answer: uuid.UUID
) -> None:
    rejected(answer, workspace_a)
    with planes.in_workspace(workspace_a.pk):
        with pytest.raises(Refused, match="rejected already"):
            reject(answer, workspace_a)
        assert accepting.accept(annotation_ids=[answer], reviewer_id=workspace_a.owner.pk) == 0


def test_nobody_rejects_their_own_work(
    workspace_a: Tenant, answer: uuid.UUID, annotators: list[Annotator]
) -> None:
    with planes.in_workspace(workspace_a.pk), pytest.raises(Refused, match="own work"):
        reject(answer, workspace_a, reviewer_id=annotators[0].user.pk)


def test_a_stranger_cannot_reject_in_the_name_of_a_member(
    workspace_a: Tenant, answer: uuid.UUID
) -> None:
    reviewer = make_member(workspace_a.workspace)
    with pytest.raises(DatabaseError, match="name the member"), planes.in_workspace(workspace_a.pk):
        reject(answer, workspace_a, reviewer_id=uuid.uuid4())
    with (
        pytest.raises(DatabaseError, match="name the member"),
        planes.in_workspace(workspace_a.pk, reviewer.pk),
    ):
        reject(answer, workspace_a, reviewer_id=workspace_a.owner.pk)


def test_an_appeal_is_ones_own_and_made_once(
    workspace_a: Tenant, answer: uuid.UUID, annotators: list[Annotator]
) -> None:
    with pytest.raises(Refused, match="not rejected"):
        appealed(answer, workspace_a, annotators[0].user.pk)
    rejected(answer, workspace_a)
    with pytest.raises(Refused) as refused:
        appealed(answer, workspace_a, annotators[1].user.pk)
    assert refused.value.status == 404
    appealed(answer, workspace_a, annotators[0].user.pk)
    with pytest.raises(Refused, match="once"):
        appealed(answer, workspace_a, annotators[0].user.pk)


def test_so_many_rejections_stop_until_staff_allow_more(
    workspace_a: Tenant, project: Project, annotators: list[Annotator]
) -> None:
    make_batch(project, 7, plan=Plan(overlap=1, share_percent=0))
    answers = []
    for _ in range(7):
        lease = annotators[0].lease()
        assert lease
        answers.append(uuid.UUID(annotators[0].submit(lease).json()["id"]))
    address = reverse("review_one", args=[workspace_a.workspace.slug, project.pk, answers[6]])
    owner = browser_of(workspace_a.owner)
    assert "5 more answers of this batch can be rejected" in page_of(owner.get(address))
    for one in answers[:5]:
        rejected(one, workspace_a)
    assert "No more answers of this batch can be rejected until" in page_of(owner.get(address))
    with pytest.raises(Refused, match="staff must look"):
        rejected(answers[5], workspace_a)
    assert state_of(answers[5], workspace_a) == "submitted"
    staff = make_user("Staff", is_staff=True)
    with planes.entered(Plane.STAFF, person=staff.pk):
        stopped = RejectLimit.objects.get()
        assert stopped.stopped_at
        appeals.allow_more(
            limit_id=stopped.pk, more=1, note="They are right to.", staff_id=staff.pk
        )
    rejected(answers[5], workspace_a)
    with pytest.raises(Refused, match="staff must look"):
        rejected(answers[6], workspace_a)


def test_nobody_rejects_or_sends_back_after_the_time_to_decide(
    workspace_a: Tenant, answer: uuid.UUID
) -> None:
    pass_days(4)
    owner = workspace_a.owner.pk
    with planes.in_workspace(workspace_a.pk, owner):
        with pytest.raises(Refused, match="accepted automatically"):
            reject(answer, workspace_a)
        with pytest.raises(Refused, match="accepted automatically"):
            returning.send_back(
                annotation_id=answer, note="See the rule, please.", reviewer_id=owner
            )
    accept_due()
    assert state_of(answer, workspace_a) == "accepted"


def test_nobody_upholds_after_the_time_for_the_appeal(
    workspace_a: Tenant, answer: uuid.UUID, annotators: list[Annotator]
) -> None:
    rejected(answer, workspace_a)
    appealed(answer, workspace_a, annotators[0].user.pk)
    pass_days(6)
    with pytest.raises(Refused, match="the work is paid"):
        decide(answer, broken=True)
    assert decide(answer, broken=False).verdict == "overturned"


def test_the_money_page_shows_what_is_on_hold(
    workspace_a: Tenant, answer: uuid.UUID, deliver: Deliver
) -> None:
    money = f"/w/{workspace_a.workspace.slug}/money/"
    rejected(answer, workspace_a)
    deliver()
    owner = browser_of(workspace_a.owner)
    page = owner.get(money, {"show": "all"}).content.decode()
    assert "On hold for a rejected answer" in page
    assert "rejected answers, until that is final" in page
    pass_days(8)
    end_due()
    deliver()
    page = owner.get(money).content.decode()
    assert "Given back for a final rejection" in page
    assert "rejected answers, until that is final" not in page
