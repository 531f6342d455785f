"""Agreement over months is a bounded number of rows, drawn in even steps; the newest is always the present."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.items.models import Batch, Item
from projects.plan.models import Project
from projects.quality import history, services
from projects.quality.models import AgreementSnapshot, Tally
from rlhfhub.tenancy import planes
from tests.factories import Tenant, make_batch, make_project

NOW = datetime(2026, 6, 1, 12, 0, 7, tzinfo=UTC)


def snapshot(
    project: Project, at: datetime, batch: Batch | None = None, **more: Any
) -> AgreementSnapshot:
    figures = {
        "question": "preference",
        "level": "ordinal",
        "answered": 1,
        "items": 1,
        "pairs": 1,
        "accuracy": 0.8,
        "decided": 0,
        "chose_first": 0,
        "annotations": 1,
        "counts": [1, 0, 0],
        "alpha": 0.5,
    }
    return AgreementSnapshot(
        workspace_id=project.workspace_id,
        project=project,
        batch=batch,
        at=at,
        **{**figures, **more},
    )


def fill(project: Project, *ages: timedelta, batch: Batch | None = None) -> None:
    AgreementSnapshot.objects.bulk_create(snapshot(project, NOW - age, batch) for age in ages)


def ages(**where: Any) -> list[timedelta]:
    return [
        NOW - at
        for at in AgreementSnapshot.objects.filter(**where)
        .order_by("-at")
        .values_list("at", flat=True)
    ]


def every(step: timedelta, begin: timedelta, end: timedelta) -> list[timedelta]:
    return [begin + step * n for n in range((end - begin) // step)]


@pytest.mark.slow
def test_what_is_old_is_thinned_by_its_age(
    workspace_a: Tenant, project: Project, batch: Batch
) -> None:
    minute, hour, day = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
    with planes.in_workspace(workspace_a.pk):
        for of in (None, batch):
            fill(project, *every(timedelta(seconds=30), timedelta(0), 2 * hour), batch=of)
            fill(project, *every(minute, 2 * hour, 26 * hour), batch=of)
            fill(project, *every(15 * minute, 26 * hour, 60 * day), batch=of)
        assert history.thin(project_id=project.pk, now=NOW) > 10_000
        for of in (None, batch):
            left = ages(batch=of)
            assert sum(age <= hour for age in left) == 121
            assert 12 * 23 <= sum(hour < age <= day for age in left) <= 12 * 23 + 2
            assert 24 * 29 <= sum(day < age <= 30 * day for age in left) <= 24 * 29 + 2
            assert 30 <= sum(age > 30 * day for age in left) <= 32
        assert history.thin(project_id=project.pk, now=NOW) == 0


def test_thinning_often_or_once_comes_to_the_same(workspace_a: Tenant, project: Project) -> None:
    made = every(timedelta(minutes=7), timedelta(0), timedelta(days=3))
    with planes.in_workspace(workspace_a.pk):
        fill(project, *made)
        for back in range(40, -1, -1):
            history.thin(project_id=project.pk, now=NOW - timedelta(hours=back))
        often = ages()
        AgreementSnapshot.objects.all().delete()
        fill(project, *made)
        history.thin(project_id=project.pk, now=NOW)
        assert set(ages()) == set(often)


@pytest.mark.slow
def test_answers_for_months_leave_few_rows(workspace_a: Tenant, project: Project) -> None:
    """The function that adds snapshots, which the scheduler calls, also thins them."""
    with planes.in_workspace(workspace_a.pk):
        begin = NOW - timedelta(hours=40)
        for n in range(2400):
            at = begin + timedelta(minutes=n)
            history.add(project_id=project.pk, snapshots=[snapshot(project, at, annotations=n)])
        newest = AgreementSnapshot.objects.order_by("-at").first()
        assert newest and newest.annotations == 2399
        # An hour of minutes, 23 hours of twelve each, 16 hours: and not 2400.
        assert AgreementSnapshot.objects.count() <= 66 + 23 * 12 + 18


def test_other_projects_are_left_alone(workspace_a: Tenant, project: Project) -> None:
    other = make_project(workspace_a)
    old = every(timedelta(seconds=10), timedelta(hours=3), timedelta(hours=4))
    with planes.in_workspace(workspace_a.pk):
        fill(project, *old)
        fill(other, *old)
        history.thin(project_id=project.pk, now=NOW)
        assert AgreementSnapshot.objects.filter(project=other).count() == 360


@pytest.mark.slow
def test_the_course_is_even_in_time_and_ends_with_the_present(
    workspace_a: Tenant, project: Project
) -> None:
    """A busy last hour does not push the months before off the chart."""
    with planes.in_workspace(workspace_a.pk):
        fill(project, *every(timedelta(seconds=2), timedelta(0), timedelta(hours=1)))
        fill(project, *every(timedelta(days=1), timedelta(days=1), timedelta(days=100)))
        with CaptureQueriesContext(connection) as asked:
            course = history.points(project_id=project.pk, question="preference")
        assert len(asked) == 1
        assert len(course) == 100
        assert [p.at for p in course] == sorted(p.at for p in course)
        assert course[-1].at == NOW
        assert course[0].at == NOW - timedelta(days=99)
        assert len(history.points(project_id=project.pk, question="preference", most=10)) == 10
        assert history.points(project_id=project.pk, question="preference", most=1)[0].at == NOW


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_short_course(workspace_a: Tenant, project: Project, count: int) -> None:
    with planes.in_workspace(workspace_a.pk):
        fill(project, *every(timedelta(seconds=2), timedelta(0), timedelta(seconds=2 * count)))
        assert len(history.points(project_id=project.pk, question="preference")) == count


def test_a_refresh_asks_as_much_for_many_batches_as_for_one(
    workspace_a: Tenant, project: Project
) -> None:
    def asked() -> int:
        for each in Batch.objects.filter(project=project):
            answered(project, each)
        with CaptureQueriesContext(connection) as queries:
            assert services.refresh_agreement(project_id=project.pk, now=NOW)
        return len(queries)

    make_batch(project, 1, fund=False, open=False)
    with planes.in_workspace(workspace_a.pk):
        asked()  # the first thins
        one = asked()
    for number in range(2, 6):
        make_batch(project, 1, first=number * 10, fund=False, open=False)
    with planes.in_workspace(workspace_a.pk):
        assert asked() == one
        assert AgreementSnapshot.objects.values("batch").distinct().count() == 6


def answered(project: Project, batch: Batch) -> None:
    """One more vote on the batch's item."""
    (item,) = Item.objects.filter(batch=batch)
    kept, made = Tally.objects.get_or_create(
        item=item,
        question="preference",
        defaults={
            "workspace_id": project.workspace_id,
            "project": project,
            "batch": batch,
            "facets": ["preference@0-1"],
            "first": [[1, 0, 0]],
            "counted": [[1, 0, 0]],
            "answers": 1,
            "counted_answers": 1,
            "votes": 1,
            "decided": 1,
            "chose_first": 1,
            "margin": 1,
            "updated_at": NOW,
        },
    )
    if not made:
        kept.first = [[kept.first[0][0] + 1, 0, 0]]
        kept.save(update_fields=["first"])
