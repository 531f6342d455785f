"""What an appeal owes to people is done although its events are lost, and done once; the sweep finds nothing else."""

import uuid
from collections import Counter
from collections.abc import Callable

import pytest

from billing.accruals import services as accruals
from billing.funding import replacements
from billing.funding.models import Replacement
from billing.ledger.models import Journal
from projects.items.services import Plan
from projects.plan.models import Project
from projects.review.children import appeals
from projects.review.services import accepting
from projects.review.tasks import end_due
from rlhfhub.events import debts, dispatch
from rlhfhub.tenancy import planes
from tests.deciders import WHY, answer_to_appeal, appeal, decider, ends, status_of
from tests.events.test_debts import lose_events, sweep_from_the_start, waiting
from tests.factories import Tenant, make_batch, make_project
from tests.notices.told import kinds_told
from tests.paid_reviews import answer_of, ask, judge
from tests.people import Annotator, make_annotator, make_member
from tests.rejections import appealed, decide, pass_days, reject, rejected
from tests.review.money import all_hold, earned


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are checked at once, not after an hour."""
    monkeypatch.setattr(debts, "SETTLED_SECONDS", -60)


@pytest.fixture
def answer(project: Project, annotators: list[Annotator]) -> uuid.UUID:
    return answer_to_appeal(project, annotators[0])


def swept() -> None:
    """The events that wait are lost; the sweep finds what they would have led to, and it is done."""
    lose_events()
    sweep_from_the_start()
    assert waiting() > 0
    dispatch.drain()
    nothing_is_owed()


def nothing_is_owed() -> None:
    sweep_from_the_start()
    assert waiting() == 0


def journals() -> dict[str, int]:
    with planes.as_system():
        kinds = Journal.objects.exclude(kind__in=["deposit", "fund"]).values_list("kind", flat=True)
        return dict(Counter(kinds))


def test_a_rejection_holds_the_money_and_asks_for_another_answer(
    workspace_a: Tenant, answer: uuid.UUID
) -> None:
    dispatch.drain()
    rejected(answer, workspace_a)
    swept()
    assert journals() == {"reject": 1}
    with planes.in_workspace(workspace_a.pk):
        assert Replacement.objects.get().annotation_id == answer
    all_hold()


def hold(answer: uuid.UUID, _: Tenant) -> None:
    with planes.as_system():
        accruals.hold(annotation_ids=[answer])


def want(answer: uuid.UUID, tenant: Tenant) -> None:
    with planes.in_workspace(tenant.pk):
        replacements.want(annotation_ids=[answer])


@pytest.mark.parametrize("done", [hold, want])
def test_either_is_owed_without_the_other(
    workspace_a: Tenant, answer: uuid.UUID, done: Callable[[uuid.UUID, Tenant], None]
) -> None:
    """Of the two handlers of a rejection, one had no effect."""
    dispatch.drain()
    rejected(answer, workspace_a)
    done(answer, workspace_a)
    swept()
    assert journals() == {"reject": 1}
    with planes.in_workspace(workspace_a.pk):
        assert Replacement.objects.count() == 1


def after_days(days: int) -> Callable[[uuid.UUID], None]:
    def end(_: uuid.UUID) -> None:
        pass_days(days)
        end_due()

    return end


@pytest.mark.parametrize(
    ("is_appealed", "end", "booked"),
    [
        (True, lambda answer: decide(answer, broken=False), "accrual"),
        (True, lambda answer: decide(answer, broken=True), "rejectfinal"),
        (True, after_days(6), "accrual"),
        (False, after_days(8), "rejectfinal"),
    ],
)
def test_the_end_of_a_rejection_is_booked_and_told(
    workspace_a: Tenant,
    answer: uuid.UUID,
    annotators: list[Annotator],
    is_appealed: bool,
    end: Callable[[uuid.UUID], object],
    booked: str,
) -> None:
    rejected(answer, workspace_a)
    if is_appealed:
        appealed(answer, workspace_a, annotators[0].user.pk)
    dispatch.drain()
    end(answer)
    swept()
    assert journals() == {"reject": 1, booked: 1}
    assert earned(annotators[0]) == (25 if booked == "accrual" else 0)
    assert kinds_told(annotators[0].user) == ["review.rejected", "review.ended"]
    all_hold()


def test_a_rejection_that_was_overturned_meanwhile_owes_no_other_answer(
    workspace_a: Tenant, answer: uuid.UUID, annotators: list[Annotator]
) -> None:
    dispatch.drain()
    rejected(answer, workspace_a)
    lose_events()
    appealed(answer, workspace_a, annotators[0].user.pk)
    decide(answer, broken=False)
    dispatch.drain()
    nothing_is_owed()
    with planes.in_workspace(workspace_a.pk):
        assert not Replacement.objects.exists()


def test_an_appeal_is_frozen_paid_for_and_decided(
    workspace_a: Tenant, platform: Tenant, answer: uuid.UUID, annotators: list[Annotator]
) -> None:
    """Each event of it is lost in turn."""
    rejected(answer, workspace_a)
    dispatch.drain()
    appealed(answer, workspace_a, annotators[0].user.pk)
    lose_events()
    sweep_from_the_start()
    assert dispatch.dispatch_once() and status_of(platform) == ["draft"], "frozen"
    swept()
    assert status_of(platform) == ["open"], "paid for"
    judge(decider(platform), "followed", note=WHY)
    swept()
    assert [end[0] for end in ends(workspace_a)] == ["overturned"]
    assert kinds_told(annotators[0].user) == ["review.rejected", "review.ended"]


def test_a_judgment_by_which_nothing_was_decided_decides(
    workspace_a: Tenant,
    platform: Tenant,
    answer: uuid.UUID,
    annotators: list[Annotator],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its event was delivered, and all but the decision was done."""
    appeal(answer, workspace_a, annotators)
    judge(decider(platform), "broken", note=WHY)
    with monkeypatch.context() as patch:
        patch.setattr(appeals, "decide", lambda item_ids: 0)
        dispatch.drain()
    sweep_from_the_start()
    dispatch.drain()
    assert [end[0] for end in ends(workspace_a)] == ["upheld"]
    nothing_is_owed()


def test_an_appeal_that_cannot_be_frozen_is_not_told_again(
    workspace_a: Tenant, answer: uuid.UUID, annotators: list[Annotator]
) -> None:
    """There is no project for appeals, so staff decide."""
    appeal(answer, workspace_a, annotators)
    nothing_is_owed()


def test_an_appeal_that_has_ended_is_not_frozen(
    workspace_a: Tenant,
    answer: uuid.UUID,
    annotators: list[Annotator],
    request: pytest.FixtureRequest,
) -> None:
    appeal(answer, workspace_a, annotators)
    request.getfixturevalue("platform")  # from now on annotators are asked
    decide(answer, broken=True)
    dispatch.drain()
    nothing_is_owed()


def test_a_judgment_that_was_rejected_decides_nothing(
    workspace_a: Tenant, platform: Tenant, answer: uuid.UUID, annotators: list[Annotator]
) -> None:
    appeal(answer, workspace_a, annotators)
    judgment = judge(decider(platform), "followed", note=WHY)
    lose_events()
    with planes.in_workspace(platform.pk, platform.owner.pk):
        reject(judgment, platform)
    swept()
    assert ends(workspace_a) == []


def test_a_draft_of_a_paid_review_is_not_paid_for(
    workspace_a: Tenant, project: Project, annotators: list[Annotator]
) -> None:
    """Only appeals are: their cost is the platform's."""
    batch = make_batch(project, 1, plan=Plan(overlap=1, share_percent=0))
    answer_of(annotators[0])
    ask(batch, workspace_a)
    dispatch.drain()
    nothing_is_owed()


def test_unpaid_work_owes_no_money(workspace_a: Tenant) -> None:
    project = make_project(workspace_a, access="members", overlap=1)
    make_batch(project, 2)
    ada = make_annotator(project, "Ada")
    first, second = answer_of(ada), answer_of(ada)
    rejected(first, workspace_a)
    reviewer = make_member(workspace_a.workspace)
    with planes.in_workspace(workspace_a.pk):
        accepting.accept(annotation_ids=[second], reviewer_id=reviewer.pk)
    dispatch.drain()
    pass_days(8)
    end_due()
    dispatch.drain()
    nothing_is_owed()
    assert journals() == {}
