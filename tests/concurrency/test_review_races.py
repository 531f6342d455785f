"""Paid reviews against members and the clock, and deciders of appeals against staff and the clock: one outcome each."""

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command

from billing.ledger.models import Journal
from projects.items.services import Plan
from projects.plan.models import Project
from projects.review.models import Decision
from projects.review.services import accepting, appeals
from projects.review.tasks import accept_due, end_due
from projects.work.models import Annotation
from rlhfhub.events import dispatch
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import Workspace
from rlhfhub.tenancy.planes import Plane
from tests import databases
from tests.concurrency.conftest import Race
from tests.concurrency.races import at_once
from tests.factories import make_deposit
from tests.paid_reviews import ask, judge, opened, reviewers
from tests.people import make_annotator, make_user
from tests.rejections import appealed, rejected

pytestmark = pytest.mark.concurrency
Sql = Callable[..., list[tuple[object, ...]]]
ROUNDS = 3


def answered(race: Race, items: int) -> Any:
    """One annotator answers every item of a new batch. Returns the batch."""
    batch = race.batch(items, plan=Plan(overlap=1, share_percent=0))
    for _ in range(items):
        lease = race.annotators[0].lease()
        assert lease
        assert race.annotators[0].submit(lease).status_code == 201
    return batch


def answers_of(race: Race) -> list[uuid.UUID]:
    with planes.in_workspace(race.tenant.pk):
        rows = Annotation.objects.filter(project=race.project).order_by("pk")
        return list(rows.values_list("pk", flat=True))


def accept(race: Race, answer: uuid.UUID) -> int:
    with planes.in_workspace(race.tenant.pk):
        return accepting.accept(annotation_ids=[answer], reviewer_id=race.tenant.owner.pk)


def accruals(answers: list[uuid.UUID]) -> int:
    causes = [f"accrual:{answer}" for answer in answers]
    with planes.as_system():
        return Journal.objects.filter(cause__in=causes).count()


def test_a_review_a_member_and_the_clock_decide_once(race: Race, as_owner: Sql) -> None:
    review = opened(ask(answered(race, ROUNDS), race.tenant, reviewers=2))
    both = reviewers(review, 2)
    answers = answers_of(race)
    with databases.site_login():
        dispatch.drain()
        for answer in answers:
            at_once(*[partial(judge, one, "accept") for one in both])
            as_owner(
                "UPDATE projects_work_annotation SET decide_by = clock_timestamp() - interval '1 second' WHERE id = %s",
                answer,
            )
            outcomes = at_once(
                dispatch.drain, dispatch.drain, accept_due, partial(accept, race, answer)
            )
            assert not [one for one in outcomes if isinstance(one, Exception)], outcomes
        at_once(dispatch.drain, dispatch.drain)
        with planes.in_workspace(race.tenant.pk):
            made = list(
                Decision.objects.filter(annotation__in=answers).values_list("stage", "verdict")
            )
        assert made == [(1, "accepted")] * ROUNDS
        assert accruals(answers) == ROUNDS


def test_two_last_verdicts_at_once_accept_once(race: Race) -> None:
    """Whichever of two dispatchers sees the review complete, the answer is accepted, and once."""
    review = opened(ask(answered(race, ROUNDS), race.tenant, reviewers=2))
    both = reviewers(review, 2)
    with databases.site_login():
        for _ in range(ROUNDS):
            at_once(
                *[partial(judge, one, "accept") for one in both], dispatch.drain, dispatch.drain
            )
        at_once(dispatch.drain, dispatch.drain)
        answers = answers_of(race)
        with planes.in_workspace(race.tenant.pk):
            made = list(
                Decision.objects.filter(annotation__in=answers).values_list("by", flat=True)
            )
        assert made == ["review"] * ROUNDS
        assert accruals(answers) == ROUNDS


def test_an_annotator_staff_and_the_clock_decide_an_appeal_once(
    race: Race, as_owner: Sql, settings: Any
) -> None:
    settings.PLATFORM_WORKSPACE = "the-platform"
    staff = make_user("Boss", is_staff=True)
    call_command("platform", price_minor=100)
    with planes.as_system():
        platform = Workspace.objects.get(slug="the-platform")
        project = Project.objects.get(purpose="appeal")
    with planes.in_workspace(platform.pk):
        Project.objects.filter(pk=project.pk).update(programs=True)
    make_deposit(platform, 10_000)
    decider = make_annotator(project)
    answered(race, ROUNDS)
    answers = answers_of(race)
    with databases.site_login():
        for number, answer in enumerate(answers):
            rejected(answer, race.tenant)
            appealed(answer, race.tenant, race.annotators[0].user.pk)
            at_once(dispatch.drain, dispatch.drain)
            dispatch.drain()
            judge(decider, "broken", note="It ignores the rule.")
            if number % 2:  # else the clock may not decide yet
                _pass_time(race, answer)
            outcomes = at_once(
                dispatch.drain, end_due, partial(_overturn, answer, staff.pk), dispatch.drain
            )
            refused = [one for one in outcomes if isinstance(one, Exception)]
            assert all(isinstance(one, Refused) for one in refused), outcomes
        at_once(dispatch.drain, dispatch.drain)
        with planes.in_workspace(race.tenant.pk):
            ends = list(Decision.objects.filter(stage=2).values_list("annotation", "verdict"))
        assert sorted(one for one, _ in ends) == sorted(answers)
        assert {verdict for _, verdict in ends} <= {"overturned", "upheld"}
        paid = [one for one, verdict in ends if verdict == "overturned"]
        assert accruals(answers) == len(paid)


def _pass_time(race: Race, answer: uuid.UUID) -> None:
    """The clock may decide this appeal now."""
    with databases.connected(**race.login) as owner, owner.transaction():
        owner.execute("ALTER TABLE projects_review_appeal DISABLE TRIGGER USER")
        owner.execute(
            "UPDATE projects_review_appeal SET appealed_at = appealed_at - interval '2 days', "
            "decide_by = clock_timestamp() - interval '1 ms' WHERE annotation_id = %s",
            [answer],
        )
        owner.execute("ALTER TABLE projects_review_appeal ENABLE TRIGGER USER")


def _overturn(answer: uuid.UUID, staff_id: uuid.UUID) -> str:
    with planes.entered(Plane.STAFF, person=staff_id):
        made = appeals.decide(
            annotation_id=answer, broken=False, note="The rule says so.", decider_id=staff_id
        )
    return str(made.verdict)
