"""The percentages of gold and repeats in a batch's plan: their limits, their cost, and that they freeze (M3, M6)."""

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from billing.funding.models import Funding
from projects.items import services as batches
from projects.items.models import Batch
from projects.items.services import Plan
from projects.plan.models import Project
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests import gold
from tests.factories import Tenant, fund_batch, import_items, make_batch, make_items

COST = 30


def test_the_quote_the_run_and_rest_speak_of_one_cost(
    workspace_a: Tenant, project: Project
) -> None:
    gold.make_pool(workspace_a, project, 2)
    path = f"/api/v1/projects/{project.pk}/batches/"
    body = {"overlap": 2, "share_percent": 0, "gold_percent": 5, "repeat_percent": 3}
    made = workspace_a.client.post(path, body).json()
    assert (made["gold_percent"], made["repeat_percent"]) == (5, 3)
    with planes.in_workspace(workspace_a.pk):
        batch = Batch.objects.get(pk=made["id"])
    import_items(batch, make_items(25))
    names = ("slots", "gold_items", "gold_slots", "repeat_slots", "reserve_slots", "cost_minor")
    quote = workspace_a.client.get(f"/api/v1/batches/{batch.pk}/fund/").json()
    assert [quote[name] for name in names] == [50, 2, 4, 2, 0, 56 * COST]
    fund_batch(batch)
    funded = workspace_a.client.get(f"/api/v1/batches/{batch.pk}/fund/").json()
    assert [funded[name] for name in names] == [quote[name] for name in names]


@given(st.integers(1, 10**6), st.integers(0, 20), st.lists(st.integers(1, 999), max_size=5))
def test_chunks_add_up_to_the_whole(items: int, percent: int, chunks: list[int]) -> None:
    plan, done, made = Plan(1, gold_percent=percent), 0, 0
    for chunk in [*chunks, items]:
        size = min(chunk, items - done)
        made += plan.gold(done + size) - plan.gold(done)
        done += size
    assert made == plan.gold(items)
    assert items * percent / 100 <= made < items * percent / 100 + 1


@pytest.mark.parametrize(("field", "value"), [("gold_percent", 21), ("repeat_percent", 11)])
def test_percentages_out_of_range_are_refused_by_their_field(
    workspace_a: Tenant, project: Project, field: str, value: int
) -> None:
    path = f"/api/v1/projects/{project.pk}/batches/"
    for wrong in (value, -1, 2.5, "many"):
        answer = workspace_a.client.post(path, {field: wrong})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field), wrong
    with planes.in_workspace(workspace_a.pk):
        with pytest.raises(Refused):
            batches.create_batch(project=project, plan=Plan(1, **{field: value}), actor_id=None)
        with pytest.raises(DatabaseError), transaction.atomic():
            Batch.objects.create(
                workspace_id=workspace_a.pk, project=project, number=99, overlap=1, **{field: value}
            )


def test_the_percentages_stay_once_funded(workspace_a: Tenant, batch: Batch) -> None:
    answer = workspace_a.client.patch(f"/api/v1/batches/{batch.pk}/", {"gold_percent": 5})
    assert (answer.status_code, answer.json()["code"]) == (409, "funded")
    for column in ("gold_percent", "repeat_percent"):
        with (
            pytest.raises(DatabaseError, match="the plan and the terms"),
            transaction.atomic(),
            planes.in_workspace(workspace_a.pk),
        ):
            Batch.objects.filter(pk=batch.pk).update(**{column: 1})


def test_the_database_refuses_a_run_with_other_gold(workspace_a: Tenant, project: Project) -> None:
    gold.make_pool(workspace_a, project, 1)
    batch = make_batch(project, 20, plan=Plan(1, 0, 3, gold_percent=5))
    with planes.in_workspace(workspace_a.pk):
        run = Funding.objects.get(batch=batch)
    for change in ("gold_items = 0", "repeat_slots = 1"):
        with (
            pytest.raises(DatabaseError, match="check constraint"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE billing_funding_funding SET {change} WHERE id = %s", [run.pk])
