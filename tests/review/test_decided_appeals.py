"""Appeals that annotators outside the workspace decide, at the platform's cost."""

import json
import uuid
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from projects.items.models import Batch, Item
from projects.items.services import Plan
from projects.plan.models import Project
from projects.review.children import appeals
from projects.review.models import Decision, Source
from projects.review.services import accepting
from projects.review.tasks import end_due
from projects.work.models import Annotation
from rlhfhub.events import debts, dispatch
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import Workspace
from rlhfhub.tenancy.planes import Plane
from rlhfhub.tenancy.staff import site
from tests.factories import Tenant, make_batch, make_deposit
from tests.paid_reviews import judge
from tests.people import Annotator, make_annotator, make_member, make_user
from tests.rejections import appealed, decide, pass_days, rejected
from tests.review.money import all_hold, balances, earned, state_of

SLUG = "the-platform"
WAITING = "Appeals without a decision"
PAY = 200
COST = 240
WHY = "The rule asks for something else."


@pytest.fixture
def platform(database: None, settings: Any) -> Tenant:
    """The platform's workspace, with money."""
    settings.PLATFORM_WORKSPACE = SLUG
    boss = make_user("Boss", is_staff=True)
    call_command("platform", price_minor=PAY)
    with planes.as_system():
        workspace = Workspace.objects.get(slug=SLUG)
    make_deposit(workspace, 10_000)
    return Tenant(workspace, boss, "")


@pytest.fixture
def answer(project: Project, annotators: list[Annotator]) -> uuid.UUID:
    make_batch(project, 1, plan=Plan(overlap=1, share_percent=0))
    lease = annotators[0].lease()
    assert lease
    return uuid.UUID(annotators[0].submit(lease, 0, "qzreason").json()["id"])


def appeal(answer: uuid.UUID, tenant: Tenant, annotators: list[Annotator]) -> None:
    """The tenant's owner rejects the answer, its annotator appeals, and what follows is done."""
    rejected(answer, tenant)
    dispatch.drain()
    appealed(answer, tenant, annotators[0].user.pk, "I followed the rule, qzstatement.")
    dispatch.drain()


def project_of(platform: Tenant) -> Project:
    with planes.in_workspace(platform.pk):
        return Project.objects.get(purpose="appeal")


def decider(platform: Tenant, user: Any = None) -> Annotator:
    """An annotator of the project of appeals, which takes answers by program for tests."""
    project = project_of(platform)
    with planes.in_workspace(platform.pk):
        Project.objects.filter(pk=project.pk).update(programs=True)
    return make_annotator(project, user=user)


def ends(tenant: Tenant) -> list[tuple[str, str, Any, str]]:
    with planes.in_workspace(tenant.pk):
        rows = Decision.objects.filter(stage=2)
        return list(rows.values_list("verdict", "by", "reviewer_id", "note"))


def status_of(platform: Tenant) -> list[str]:
    with planes.in_workspace(platform.pk):
        return list(Batch.objects.order_by("number").values_list("status", flat=True))


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


def test_after_two_days_it_is_left_to_staff(
    workspace_a: Tenant, platform: Tenant, annotators: list[Annotator], answer: uuid.UUID
) -> None:
    appeal(answer, workspace_a, annotators)
    assert overview() == 0, "an annotator is asked first"
    end_due()
    assert status_of(platform) == ["open"]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_review_source DISABLE TRIGGER append_only")
        cursor.execute(
            "UPDATE projects_review_source SET frozen_at = frozen_at - interval '2 days'"
        )
    end_due()
    dispatch.drain()
    assert status_of(platform) == ["closed"]
    assert overview() == 1
    assert balances(platform) == {"workspace_available": 10_000}, "the money is free again"
    decide(answer, broken=False)


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


@pytest.mark.parametrize("guarded", [True, False])
def test_the_database_refuses_a_decision_that_no_annotator_made(
    workspace_a: Tenant,
    platform: Tenant,
    annotators: list[Annotator],
    answer: uuid.UUID,
    guarded: bool,
) -> None:
    appeal(answer, workspace_a, annotators)
    person = decider(platform)
    if not guarded:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE projects_review_decision DISABLE TRIGGER finishes")

    def forge() -> None:
        with transaction.atomic(), planes.as_system(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO projects_review_decision (id, workspace_id, annotation_id, annotator_id, stage, verdict, "
                "by, reviewer_id, note, decided_at) SELECT gen_random_uuid(), workspace_id, id, annotator_id, 2, "
                "'upheld', 'person', %s, 'Because.', clock_timestamp() FROM projects_work_annotation WHERE id = %s",
                [person.user.pk, answer],
            )

    if not guarded:
        forge()
        return
    with pytest.raises(DatabaseError) as refused:
        forge()
    diagnosis: Any = refused.value.__cause__
    assert diagnosis.diag.constraint_name == "decision_own_name"


def test_a_workspace_cannot_make_itself_the_platform(
    workspace_a: Tenant,
    platform: Tenant,
    annotators: list[Annotator],
    answer: uuid.UUID,
) -> None:
    """Only the system freezes appeals."""
    appeal(answer, workspace_a, annotators)
    with planes.as_system():
        row = Source.objects.get()
        row.pk = uuid.uuid4()
    with (
        planes.in_workspace(platform.pk),
        pytest.raises(DatabaseError, match="row-level security"),
        transaction.atomic(),
    ):
        row.save(force_insert=True)


def test_the_command_says_what_is_missing(database: None, settings: Any) -> None:
    settings.PLATFORM_WORKSPACE = ""
    with pytest.raises(CommandError, match="RLHFHUB_PLATFORM_WORKSPACE"):
        call_command("platform", price_minor=PAY)
    settings.PLATFORM_WORKSPACE = SLUG
    with pytest.raises(CommandError, match="create_staff"):
        call_command("platform", price_minor=PAY)


def test_a_strangers_workspace_is_not_the_platforms(workspace_a: Tenant, settings: Any) -> None:
    settings.PLATFORM_WORKSPACE = workspace_a.workspace.slug
    make_user("Boss", is_staff=True)
    with pytest.raises(CommandError, match="not staff"):
        call_command("platform", price_minor=PAY)
