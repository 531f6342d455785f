"""The record of a workspace is counted from its decisions, shown from enough of them, and to everybody."""

import uuid
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection

from projects.review.record import counting, selectors
from projects.review.record.models import WorkspaceRecord
from projects.review.services import accepting
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import Workspace
from tests import people
from tests.factories import Tenant, make_batch, make_project
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.rejections import appealed, decide, pass_days, rejected
from tests.review.own import answer_of, page_of


def decided_work(tenant: Tenant) -> Annotator:
    """An annotator of whose 22 answers five were rejected, one of them overturned, and six accepted by the clock."""
    project = make_project(tenant, overlap=1)
    make_batch(project, 22)
    ada = people.make_annotator(project, "Ada")
    answers = [answer_of(ada) for _ in range(22)]
    pass_days(1)
    for one in answers[:5]:
        rejected(one, tenant)
    for one in answers[:2]:
        appealed(one, tenant, ada.user.pk)
    decide(answers[0], broken=False)
    decide(answers[1], broken=True)
    with planes.in_workspace(tenant.pk, tenant.owner.pk):
        accepting.accept(annotation_ids=answers[5:16], reviewer_id=tenant.owner.pk)
    pass_days(20)
    with planes.as_system():
        accepting.accept_due()
    return ada


def test_a_record_is_counted_and_shown_to_everybody(workspace_a: Tenant) -> None:
    ada = decided_work(workspace_a)
    project = ada.enrollment.project
    assert counting.count_due() >= 1
    assert counting.count_due() == 0, "about once a day"
    with planes.in_workspace(workspace_a.pk):
        found = selectors.record_of_workspace()
    assert found
    counts = (found.decided, found.by_clock, found.rejected, found.appeals, found.overturned)
    assert counts == (22, 6, 5, 2, 1)
    assert found.median_seconds and 86_000 < found.median_seconds < 87_000
    assert (found.rejected_share, found.overturned_share) == (5 / 22, 1 / 5)
    assert found.appeals_overturned_share is None, "too few appeals"
    newcomer = browser_of(people.make_user("New"))
    make_batch(project, 1, first=900)
    listed = page_of(newcomer.get("/work/"))
    assert "this workspace decided on 22 answers, half of them within 1 d" in listed
    assert "20 % of these rejections were overturned" in listed
    assert ada.client.get("/api/v1/desk/record/").json()["record"]["rejected"] == 5
    own = workspace_a.client.get("/api/v1/record/").json()
    assert own["record"]["by_clock"] == 6 and own["market"]["median_seconds"] is None
    page = page_of(
        browser_of(workspace_a.owner).get(
            f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/rejections/"
        )
    )
    assert "27 % of 22" in page and "Too few workspaces" in page


def test_the_market_is_told_from_five_workspaces_on(workspace_a: Tenant) -> None:
    for number in range(5):
        _record(rejected=number)
    with planes.in_workspace(workspace_a.pk):
        market = selectors.market()
        assert selectors.record_of_workspace() is None
        assert not WorkspaceRecord.objects.exists(), "another's is not read"
    assert (market.workspaces, market.rejected_share) == (5, 2 / 40)
    _record(rejected=40, decided=19)
    with planes.in_workspace(workspace_a.pk):
        assert selectors.market() == market, "too few answers"


def _record(*, rejected: int, decided: int = 40) -> None:
    slug = uuid.uuid4().hex[:10]
    with connection.cursor() as cursor:
        made = Workspace(slug=slug, name=slug)
        made.save(force_insert=True)
        cursor.execute(
            "INSERT INTO projects_review_workspacerecord (id, workspace_id, decided, by_clock, median_seconds, "
            "rejected, appeals, overturned, at) VALUES (gen_random_uuid(), %s, %s, 0, 60, %s, 0, 0, now())",
            [made.pk, decided, min(rejected, decided)],
        )


def recounted(tenant: Tenant) -> tuple[int, int, int]:
    """Count all records anew. Returns how many answers of this one were decided on, by the clock, and rejected."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE projects_review_workspacerecord SET at = at - interval '20 hours'")
    counting.count_due()
    with planes.in_workspace(tenant.pk):
        found = selectors.record_of_workspace()
    assert found
    return found.decided, found.by_clock, found.rejected


def test_it_counts_the_own_answers_for_data_of_the_last_90_days(
    workspace_a: Tenant, workspace_b: Tenant
) -> None:
    project = make_project(workspace_a, overlap=1)
    make_batch(project, 4)
    ada = people.make_annotator(project, "Ada")
    answers = [answer_of(ada) for _ in range(4)]
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        accepting.accept(annotation_ids=answers[:3], reviewer_id=workspace_a.owner.pk)
    assert (recounted(workspace_a), recounted(workspace_b)) == ((3, 0, 0), (0, 0, 0))
    rejected(answers[3], workspace_a)
    assert recounted(workspace_a) == (4, 0, 1)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_work_annotation DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE projects_work_annotation SET purpose = 'gold' WHERE id = %s", [answers[0]]
        )
        cursor.execute("ALTER TABLE projects_work_annotation ENABLE TRIGGER USER")
    assert recounted(workspace_a) == (3, 0, 1), "what measures its annotator says nothing"
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_review_decision DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE projects_review_decision SET \"by\" = 'review', reviewer_id = NULL WHERE annotation_id = %s",
            [answers[1]],
        )
        cursor.execute("ALTER TABLE projects_review_decision ENABLE TRIGGER USER")
    assert recounted(workspace_a) == (3, 0, 1), "a paid review is not the clock"
    pass_days(89)
    assert recounted(workspace_a) == (3, 0, 1)
    pass_days(1)
    assert recounted(workspace_a) == (0, 0, 0)


def test_no_workspace_writes_its_own_record(workspace_a: Tenant) -> None:
    counting.count_due()
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        planes.in_workspace(workspace_a.pk, workspace_a.owner.pk),
    ):
        WorkspaceRecord.objects.update(rejected=0)


def test_a_share_needs_enough_answers() -> None:
    at = datetime(2026, 11, 27, tzinfo=UTC)
    enough = selectors.Record(20, 1, 60.0, 5, 5, 1, at)
    shares = (enough.clock_share, enough.rejected_share, enough.overturned_share)
    assert shares == (1 / 20, 5 / 20, 1 / 5) and enough.appeals_overturned_share == 1 / 5
    few = selectors.Record(19, 1, 60.0, 4, 4, 1, at)
    assert {few.clock_share, few.rejected_share, few.overturned_share} == {None}
    assert few.appeals_overturned_share is None


def test_a_fault_in_one_workspace_stops_no_others_record(
    workspace_a: Tenant, workspace_b: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = counting._count

    def fail_in_a(workspace_id: uuid.UUID) -> int:
        return 1 // 0 if workspace_id == workspace_a.pk else count(workspace_id)

    monkeypatch.setattr(counting, "_count", fail_in_a)
    counting.count_due()
    counted = []
    for tenant in (workspace_a, workspace_b):
        with planes.in_workspace(tenant.pk):
            counted.append(selectors.record_of_workspace() is not None)
    assert counted == [False, True]


def test_too_few_answers_say_nothing(ada: Annotator, workspace_a: Tenant) -> None:
    newcomer = browser_of(people.make_user("New"))
    assert "was not counted yet" in page_of(newcomer.get("/work/"))
    counting.count_due()
    with planes.in_workspace(workspace_a.pk):
        found = selectors.record_of_workspace()
    assert found and not found.is_enough and found.rejected_share is None
    assert "Too few answers were decided on" in page_of(newcomer.get("/work/"))
