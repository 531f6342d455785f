"""The forecast until the end of a batch: what is spent, set aside, expected, and when the last answer is given."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection

from billing.statements.spend.forecast import Forecast, forecast_of
from projects.items import services as batches
from projects.items.models import Batch
from projects.items.services import Plan
from projects.plan.models import Project
from projects.review.services import accepting
from rlhfhub.tenancy import clock, planes
from tests import people
from tests.factories import Tenant, make_batch, make_project
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.rejections import rejected
from tests.review.own import answer_of

COST = 30


@pytest.fixture
def project(workspace_a: Tenant) -> Project:
    return make_project(workspace_a, overlap=1)


@pytest.fixture
def batch(project: Project) -> Batch:
    return make_batch(project, 40, plan=Plan(1, share_percent=0, reserve_percent=10))


@pytest.fixture
def ada(project: Project, batch: Batch) -> Annotator:
    return people.make_annotator(project)


def forecast(project: Project, batch: Batch | None = None) -> Forecast | None:
    cache.clear()
    with planes.in_workspace(project.workspace_id):
        return forecast_of(project, batch)


def spread(batch: Batch, per_day: list[int]) -> None:
    """Move the answers to the days before today, so many to each, and the opening to the day before them."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("projects_work_annotation", "projects_items_batch"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("SELECT id FROM projects_work_annotation ORDER BY id")
        ids = [row[0] for row in cursor.fetchall()]
        for days, number in enumerate(reversed(per_day), 1):
            mine, ids = ids[:number], ids[number:]
            cursor.execute(
                "UPDATE projects_work_annotation SET submitted_at = submitted_at - make_interval(days => %s) "
                "WHERE id = ANY(%s)",
                [days, mine],
            )
        cursor.execute(
            "UPDATE projects_items_batch SET opened_at = opened_at - make_interval(days => %s) WHERE id = %s",
            [len(per_day) + 1, batch.pk],
        )
        for table in ("projects_work_annotation", "projects_items_batch"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_what_is_spent_set_aside_and_expected(
    workspace_a: Tenant, project: Project, batch: Batch, ada: Annotator, deliver: Callable[[], int]
) -> None:
    answers = [answer_of(ada) for _ in range(10)]
    with planes.in_workspace(workspace_a.pk):
        accepting.accept(annotation_ids=answers[:4], reviewer_id=workspace_a.owner.pk)
    deliver()
    for found in (forecast(project, batch), forecast(project)):
        assert found
        assert (found.spent_minor, found.left, found.undecided) == (4 * COST, 30, 6)
        assert found.rest_minor == 36 * COST
        assert found.reserved_minor == 40 * COST, "with the reserve of four"
        assert found.ending is None, "not enough data"


def test_rejections_so_far_let_replacements_be_expected(
    workspace_a: Tenant, project: Project, batch: Batch, ada: Annotator, deliver: Callable[[], int]
) -> None:
    answers = [answer_of(ada) for _ in range(10)]
    with planes.in_workspace(workspace_a.pk):
        accepting.accept(annotation_ids=answers[:9], reviewer_id=workspace_a.owner.pk)
    rejected(answers[9], workspace_a)
    found = forecast(project, batch)
    assert found and found.rest_minor == 30 * COST + 3 * COST, "one in ten"


def test_the_reserve_pays_for_no_more_replacements(
    workspace_a: Tenant, project: Project, batch: Batch, ada: Annotator
) -> None:
    rejected(answer_of(ada), workspace_a)
    found = forecast(project, batch)
    assert found and found.rest_minor == 39 * COST + 4 * COST


def test_the_day_of_the_last_answer(project: Project, batch: Batch, ada: Annotator) -> None:
    for _ in range(25):
        answer_of(ada)
    spread(batch, [5, 5, 5, 5, 5])
    found = forecast(project, batch)
    assert found and found.ending
    with planes.at_door():
        today = clock.now().date()
    assert (found.left, found.ending.days, found.ending.per_day) == (15, 5, 5.0)
    assert found.ending.day == found.ending.latest == today + timedelta(days=3)


@pytest.mark.parametrize(
    ("per_day", "is_known"), [([10, 9], False), ([6, 6, 7], False), ([7, 7, 7], True)]
)
def test_few_days_or_answers_are_not_enough(
    project: Project, batch: Batch, ada: Annotator, per_day: list[int], is_known: bool
) -> None:
    for _ in range(sum(per_day)):
        answer_of(ada)
    spread(batch, per_day)
    found = forecast(project, batch)
    assert found and (found.ending is not None) == is_known


def test_what_is_over_or_not_funded_has_none(project: Project, batch: Batch) -> None:
    draft = make_batch(project, 3, fund=False, first=100)
    assert forecast(project, draft) is None
    with planes.in_workspace(project.workspace_id):
        batches.close_batch(batch=batch, actor_id=None)
    assert forecast(project, batch) is None and forecast(project) is None


def test_an_unpaid_project_has_no_costs(workspace_a: Tenant, owner_page: Any) -> None:
    unpaid = make_project(workspace_a, access="members")
    made = make_batch(unpaid, 2)
    for path in (f"projects/{unpaid.pk}/", f"batches/{made.pk}/"):
        assert "costs-title" not in owner_page(path)


@pytest.fixture
def owner_page(workspace_a: Tenant) -> Callable[[str], str]:
    owner = browser_of(workspace_a.owner)
    return lambda path: owner.get(f"/w/{workspace_a.workspace.slug}/{path}").content.decode()
