"""Appeals that annotators outside the workspace decide, at the platform's cost."""

import json
import uuid
from typing import Any

import pytest
from django.db import connection

from projects.items.models import Item
from projects.plan.models import Project
from projects.review import case
from projects.review.children import appeals
from projects.review.models import Appeal, Source
from projects.review.services import accepting
from projects.review.tasks import end_due
from projects.work.models import Annotation
from rlhfhub.events import debts, dispatch
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.planes import Plane
from tests.deciders import (
    COST,
    PAY,
    WHY,
    answer_to_appeal,
    appeal,
    decider,
    ends,
    lose_events,
    overview,
    status_of,
)
from tests.factories import Tenant
from tests.paid_reviews import judge, second_first
from tests.people import Annotator, make_member
from tests.rejections import appealed, decide, pass_days, rejected
from tests.review.money import all_hold, balances, earned, state_of


@pytest.fixture
def answer(project: Project, annotators: list[Annotator]) -> uuid.UUID:
    return answer_to_appeal(project, annotators[0])


@pytest.mark.parametrize(
    ("verdict", "end", "state"),
    [("followed", "overturned", "accepted"), ("broken", "upheld", "rejected")],
)
def test_an_annotator_decides(
    workspace_a: Tenant,
    platform: Tenant,
    annotators: list[Annotator],
    answer: uuid.UUID,
    verdict: str,
    end: str,
    state: str,
) -> None:
    appeal(answer, workspace_a, annotators)
    assert balances(platform) == {"workspace_available": 10_000 - COST, "batch_budget": COST}
    person = decider(platform)
    judge(person, verdict, note=WHY)
    dispatch.drain()
    words = f"The rule was {verdict}. {WHY}"
    assert ends(workspace_a) == [(end, "person", person.user.pk, words)]
    assert state_of(answer, workspace_a) == state
    assert status_of(platform) == ["closed"], "nobody is asked any more"
    pass_days(4)
    with planes.as_system():
        accepting.accept_due()
    dispatch.drain()
    assert earned(person) == PAY
    assert earned(annotators[0]) == (25 if state == "accepted" else 0)
    all_hold()


def test_the_item_shows_the_case_without_names_and_votes(
    workspace_a: Tenant, platform: Tenant, annotators: list[Annotator], answer: uuid.UUID
) -> None:
    appeal(answer, workspace_a, annotators)
    person = decider(platform)
    lease = person.lease()
    assert lease
    context = lease["context"]
    assert context["What its annotator says"] == "I followed the rule, qzstatement."
    assert context["The cited rule"] == "R1 Be fair\nRead both."
    assert "The answer ignores the rule that is cited." in context["Why it was rejected"]
    assert "qzreason" in context["The answer"]
    with planes.in_workspace(platform.pk):
        item = Item.objects.get()
        shown = json.dumps([item.prompt, item.responses, item.context, item.metadata]) + json.dumps(
            {**lease, "project": "", "id": ""}
        )
    author, owner = annotators[0], workspace_a.owner
    for secret in (
        *(author.user.name, author.user.email, str(author.user.pk), author.enrollment.pseudonym),
        *(
            owner.name,
            owner.email,
            str(owner.pk),
            workspace_a.workspace.name,
            workspace_a.workspace.slug,
        ),
        *(str(answer), str(workspace_a.pk), "model-a", "model-b"),
    ):
        assert secret not in shown


def test_a_verdict_that_does_not_say_why_is_left_to_staff(
    workspace_a: Tenant,
    platform: Tenant,
    annotators: list[Annotator],
    answer: uuid.UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    appeal(answer, workspace_a, annotators)
    judge(decider(platform), "broken", note=".")
    dispatch.drain()
    assert ends(workspace_a) == []
    with planes.as_system():
        assert "without saying why" in Appeal.objects.get().left_to_staff
    monkeypatch.setattr(debts, "SETTLED_SECONDS", -60)
    lose_events()
    debts.sweep()
    assert dispatch.drain() == 0, "it is not told again"
    decide(answer, broken=False)
    assert [end[0] for end in ends(workspace_a)] == ["overturned"]


def test_the_decider_sees_the_responses_in_the_order_that_both_sides_write_about(
    workspace_a: Tenant,
    platform: Tenant,
    project: Project,
    annotators: list[Annotator],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    second_first(monkeypatch)
    answer = answer_to_appeal(project, annotators[0])
    appeal(answer, workspace_a, annotators)
    lease = decider(platform).lease()
    assert lease
    assert lease["responses"][0]["messages"][0]["content"].startswith("Second")
    assert "A is better" in lease["context"]["The answer"]
    with planes.entered(Plane.STAFF):
        found = case.of_appeal(str(Appeal.objects.get().pk))
    assert found and "A is better" in found.summary[0]
    assert [response.index for response in found.responses] == [1, 0]


def test_who_has_a_part_in_it_is_never_asked(
    workspace_a: Tenant, platform: Tenant, annotators: list[Annotator], answer: uuid.UUID
) -> None:
    """Neither the annotator who appeals, nor members of the workspace, nor the reviewer once they have left it."""
    appeal(answer, workspace_a, annotators)
    member = make_member(workspace_a.workspace, "viewer")
    for user in (annotators[0].user, member, workspace_a.owner):
        assert decider(platform, user).lease() is None
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM rlhfhub_tenancy_membership WHERE user_id = %s", [workspace_a.owner.pk]
        )
    assert decider(platform, workspace_a.owner).lease() is None
    assert decider(platform).lease() is not None


def test_who_becomes_a_member_meanwhile_does_not_decide(
    workspace_a: Tenant, platform: Tenant, annotators: list[Annotator], answer: uuid.UUID
) -> None:
    appeal(answer, workspace_a, annotators)
    person = decider(platform)
    lease = person.lease()
    assert lease
    make_member(workspace_a.workspace, "viewer", person.user)
    judge(person, "broken", note=WHY)
    dispatch.drain()
    assert ends(workspace_a) == []
    with planes.in_workspace(platform.pk):
        assert Annotation.objects.get().state == "submitted", "the work is paid as any other"


@pytest.mark.parametrize("first", ["staff", "clock"])
def test_whoever_is_first_decides_and_the_other_is_paid(
    workspace_a: Tenant,
    platform: Tenant,
    annotators: list[Annotator],
    answer: uuid.UUID,
    first: str,
) -> None:
    appeal(answer, workspace_a, annotators)
    person = decider(platform)
    assert person.lease()
    if first == "staff":
        decide(answer, broken=True)
    else:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE projects_review_appeal DISABLE TRIGGER USER")
            cursor.execute(
                "UPDATE projects_review_appeal SET decide_by = decide_by - interval '6 days', "
                "appealed_at = appealed_at - interval '6 days'"
            )
            cursor.execute("ALTER TABLE projects_review_appeal ENABLE TRIGGER USER")
        end_due()
    dispatch.drain()
    made = ends(workspace_a)
    assert [end[0] for end in made] == ["upheld" if first == "staff" else "overturned"]
    assert status_of(platform) == ["closed"]
    judge(person, "followed", note=WHY)
    dispatch.drain()
    assert ends(workspace_a) == made
    assert balances(platform)["batch_budget"] == COST, "their slot is paid"


@pytest.mark.parametrize("lacking", ["setting", "project", "money"])
def test_without_the_platform_staff_decide(
    workspace_a: Tenant,
    platform: Tenant,
    annotators: list[Annotator],
    answer: uuid.UUID,
    settings: Any,
    lacking: str,
) -> None:
    if lacking == "setting":
        settings.PLATFORM_WORKSPACE = ""
    elif lacking == "project":
        settings.PLATFORM_WORKSPACE = "another"
    else:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE billing_ledger_account SET balance_minor = 100 WHERE workspace_id = %s",
                [platform.pk],
            )
    appeal(answer, workspace_a, annotators)
    assert status_of(platform) == (["draft"] if lacking == "money" else [])
    assert overview() == 1
    decide(answer, broken=False)
    dispatch.drain()
    assert state_of(answer, workspace_a) == "accepted"


def test_everything_is_done_once_however_often_it_is_told(
    workspace_a: Tenant,
    platform: Tenant,
    annotators: list[Annotator],
    answer: uuid.UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A lost event is found by the sweep, and one that is told again changes nothing."""
    monkeypatch.setattr(debts, "SETTLED_SECONDS", -60)
    rejected(answer, workspace_a)
    dispatch.drain()
    appealed(answer, workspace_a, annotators[0].user.pk)
    lose_events()
    debts.sweep()
    dispatch.drain()
    with planes.as_system():
        assert appeals.freeze(annotation_ids=[answer]) == 0
    assert status_of(platform) == ["open"]
    judge(decider(platform), "followed", note=WHY)
    lose_events()
    debts.sweep()
    dispatch.drain()
    assert [end[0] for end in ends(workspace_a)] == ["overturned"]
    with planes.as_system():
        items = list(Source.objects.values_list("item", flat=True))
        assert appeals.decide(item_ids=items) == 0
