"""Appeals that annotators outside the workspace decide, at the platform's cost."""

import json
import uuid
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from projects.items import services as batches
from projects.items.models import Item
from projects.items.services import Plan
from projects.plan.models import Project
from projects.review.children import appeals
from projects.review.models import Appeal, Source
from projects.review.services import accepting
from projects.review.tasks import end_due
from projects.work.models import Annotation
from rlhfhub.events import debts, dispatch
from rlhfhub.events.models import Event
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.planes import Plane
from rlhfhub.tenancy.staff import site
from tests.deciders import COST, PAY, WHY, answer_to_appeal, appeal, decider, ends, status_of
from tests.factories import Tenant, fund_batch, import_items, make_batch, make_item
from tests.pages.conftest import browser_of
from tests.paid_reviews import ask, judge, opened
from tests.people import Annotator, make_member, make_user
from tests.rejections import appealed, decide, pass_days, rejected
from tests.review.money import all_hold, balances, earned, state_of
from tests.review.own import answer_of

WAITING = "Appeals without a decision"


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
    assert context["The cited rule"] == "Be fair\nRead both."
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


def overview() -> int:
    """How many appeals wait for staff, as their overview says."""
    with planes.entered(Plane.STAFF):
        return next(one.count for source in site._waits if (one := source()).words == WAITING)


def test_an_appeal_that_is_too_long_for_an_item_is_left_to_staff_with_the_reason(
    workspace_a: Tenant,
    platform: Tenant,
    project: Project,
    annotators: list[Annotator],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is not tried again, neither by the sweep nor if the event is told again."""
    answer = answer_to_long_item(project, annotators[0])
    appeal(answer, workspace_a, annotators)
    assert status_of(platform) == [], "nothing is left of the attempt"
    with planes.as_system():
        because = Appeal.objects.get().left_to_staff
    assert because == "It cannot be an item for annotators: context is longer than 65536 bytes."
    assert overview() == 1
    staff = browser_of(make_user("Staff", is_staff=True))
    (need,) = staff.get("/admin/queue/").context["needs"]
    assert need.words.startswith(f"{because} The annotator says: I followed the rule")
    assert because in staff.get(need.path).content.decode()
    monkeypatch.setattr(debts, "SETTLED_SECONDS", -60)
    lose_events()
    debts.sweep()
    with planes.as_system():
        assert not Event.objects.filter(kind="review.appealed", dispatched_at=None).exists()
        assert appeals.freeze(annotation_ids=[answer]) == 0
    decide(answer, broken=False)


def answer_to_long_item(project: Project, annotator: Annotator) -> uuid.UUID:
    """An answer to an item whose context is almost as long as one may be."""
    batch = make_batch(project, 0, plan=Plan(1, share_percent=0))
    import_items(batch, [make_item(1, context={"document": "x" * 65_400})])
    fund_batch(batch)
    with planes.in_workspace(project.workspace_id):
        batch.refresh_from_db()
        batches.open_batch(batch=batch, actor_id=None)
    return answer_of(annotator)


def test_an_appeal_of_the_platforms_own_project_is_left_to_staff(
    workspace_a: Tenant,
    platform: Tenant,
    project: Project,
    annotators: list[Annotator],
    answer: uuid.UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(appeals, "_project", lambda: project)
    appeal(answer, workspace_a, annotators)
    with planes.as_system():
        assert "in which annotators decide appeals" in Appeal.objects.get().left_to_staff


def test_why_it_is_left_to_staff_is_written_once_and_nothing_else(
    workspace_a: Tenant,
    annotators: list[Annotator],
    answer: uuid.UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not by whoever appeals, nor by members."""
    with monkeypatch.context() as forged:
        create = Appeal.objects.create
        manager = type(Appeal.objects)
        forged.setattr(
            manager, "create", lambda _, **fields: create(left_to_staff="So that I win.", **fields)
        )
        with pytest.raises(DatabaseError, match="an appeal is made against"):
            appeal(answer, workspace_a, annotators)
    appealed(answer, workspace_a, annotators[0].user.pk)
    dispatch.drain()
    why = "UPDATE projects_review_appeal SET left_to_staff = 'It is too long.'"
    with planes.in_workspace(workspace_a.pk), pytest.raises(DatabaseError), transaction.atomic():
        run(why)
    with planes.as_system():
        run(why)
    for again in (
        why,
        why.replace("It is too long.", ""),
        why.replace("left_to_staff", "statement"),
    ):
        with pytest.raises(DatabaseError, match="once: why it is left"), transaction.atomic():
            run(again)


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_after_two_days_it_is_left_to_staff(
    workspace_a: Tenant, platform: Tenant, annotators: list[Annotator], answer: uuid.UUID
) -> None:
    appeal(answer, workspace_a, annotators)
    assert overview() == 0, "an annotator is asked first"
    end_due()
    pass_hours_since_frozen(47)
    end_due()
    assert status_of(platform) == ["open"]
    pass_hours_since_frozen(1)
    end_due()
    dispatch.drain()
    assert status_of(platform) == ["closed"]
    assert overview() == 1
    assert balances(platform) == {"workspace_available": 10_000}, "the money is free again"
    decide(answer, broken=False)


def test_what_was_left_to_staff_is_not_read_again(
    workspace_a: Tenant,
    platform: Tenant,
    annotators: list[Annotator],
    answer: uuid.UUID,
    project: Project,
) -> None:
    """Else the oldest appeals would be read for ever, and those after them never."""
    appeal(answer, workspace_a, annotators)
    pass_hours_since_frozen(48)
    with planes.as_system():
        assert appeals.withdraw_due(limit=1) == 1
    make_batch(project, 1, first=2, plan=Plan(overlap=1, share_percent=0))
    appeal(answer_of(annotators[0]), workspace_a, annotators)
    pass_hours_since_frozen(48)
    with planes.as_system():
        assert [appeals.withdraw_due(limit=1) for _ in range(2)] == [1, 0]
    assert status_of(platform) == ["closed", "closed"]


def pass_hours_since_frozen(hours: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_review_source DISABLE TRIGGER append_only")
        cursor.execute(
            "UPDATE projects_review_source SET frozen_at = frozen_at - %s * interval '1 hour'",
            [hours],
        )
        cursor.execute("ALTER TABLE projects_review_source ENABLE TRIGGER append_only")


def test_a_workspaces_own_review_takes_as_long_as_it_takes(
    workspace_a: Tenant, platform: Tenant, project: Project, annotators: list[Annotator]
) -> None:
    """Only appeals are withdrawn from annotators: nobody waits for a paid review as for an appeal."""
    batch = make_batch(project, 1, plan=Plan(overlap=1, share_percent=0))
    answer_of(annotators[0])
    review = opened(ask(batch, workspace_a))
    pass_hours_since_frozen(1000)
    end_due()
    with planes.in_workspace(workspace_a.pk):
        review.refresh_from_db()
    assert review.status == "open"


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


def lose_events() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM rlhfhub_events_event WHERE dispatched_at IS NULL")
        cursor.execute("DELETE FROM rlhfhub_events_sweepmark")
