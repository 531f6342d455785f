"""Appeals that annotators cannot decide, or do not in time, are left to staff."""

import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from projects.items import services as batches
from projects.items.services import Plan
from projects.plan.models import Project
from projects.review.children import appeals
from projects.review.models import Appeal
from projects.review.tasks import end_due
from rlhfhub.events import debts, dispatch
from rlhfhub.events.models import Event
from rlhfhub.tenancy import planes
from tests.deciders import answer_to_appeal, appeal, lose_events, overview, status_of
from tests.factories import Tenant, fund_batch, import_items, make_batch, make_item
from tests.pages.conftest import browser_of
from tests.paid_reviews import ask, opened
from tests.people import Annotator, make_user
from tests.rejections import appealed, decide
from tests.review.money import balances
from tests.review.own import answer_of


@pytest.fixture
def answer(project: Project, annotators: list[Annotator]) -> uuid.UUID:
    return answer_to_appeal(project, annotators[0])


def test_an_appeal_that_is_too_long_for_an_item_is_left_to_staff_with_the_reason(
    workspace_a: Tenant,
    platform: Tenant,
    project: Project,
    annotators: list[Annotator],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither the sweep nor a second delivery of the event gives the appeal to paid reviewers again."""
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
