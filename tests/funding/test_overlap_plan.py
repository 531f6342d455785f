"""How many annotators judge an item is the batch's plan: a base for all, and more for a random share (W1, M3, M6)."""

from collections import Counter

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from billing.funding import costs
from billing.funding import services as funding
from billing.funding.models import Funding
from projects.items import services as batches
from projects.items.models import Batch
from projects.items.services import Plan
from projects.plan.models import Project
from projects.work.models import Slot
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests.factories import Tenant, fund_batch, import_items, make_batch, make_items

SHARE = Plan(overlap=1, share_percent=10, share_overlap=3)


def slots_by_item(batch: Batch) -> Counter[str]:
    with planes.in_workspace(batch.workspace_id):
        return Counter(Slot.objects.filter(batch=batch).values_list("item__external_id", flat=True))


def test_a_tenth_of_the_items_gets_three_slots_and_the_rest_one(project: Project) -> None:
    batch = make_batch(project, 95, plan=SHARE)
    found = slots_by_item(batch)
    assert Counter(found.values()) == {3: 10, 1: 85}
    with planes.in_workspace(batch.workspace_id):
        run = Funding.objects.get(batch=batch)
        cost = costs.cost_of(batch, run)
    assert (run.shared_items, run.slots_paid, run.slots, batch.slots_count) == (10, 115, 115, 115)
    assert (cost.slots, cost.total_minor) == (115, 115 * 30)


def test_the_share_is_drawn_anew_for_each_batch_and_can_be_drawn_again(project: Project) -> None:
    shared = []
    for first in (1, 1001):
        batch = make_batch(project, 60, plan=SHARE, first=first)
        found = slots_by_item(batch)
        shared.append({int(i.split("-")[1]) - first for i, n in found.items() if n == 3})
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT i.external_id FROM projects_items_item i JOIN billing_funding_funding f"
                " ON f.batch_id = i.batch_id WHERE f.batch_id = %s"
                " AND uuid_hash_extended(i.id, f.seed) <= f.share_up_to",
                [batch.pk],
            )
            assert {row[0] for row in cursor.fetchall()} == {i for i, n in found.items() if n == 3}
    assert len(shared[0]) == len(shared[1]) == 6
    assert shared[0] != shared[1], "two draws of six of sixty are alike once in fifty million"


def test_siblings_of_the_share_stand_among_the_others_in_the_queue(project: Project) -> None:
    batch = make_batch(project, 40, plan=SHARE)
    with planes.in_workspace(batch.workspace_id):
        rows = Slot.objects.filter(batch=batch).order_by("seq").values_list("item_id", "seq")
    seqs = {item: {seq for i, seq in rows if i == item} for item, _ in rows}
    assert all(len(found) == 1 for found in seqs.values())


@given(st.integers(0, 10**7), st.integers(1, 50), st.integers(0, 100), st.integers(3, 50))
def test_a_plan_counts_its_slots(items: int, overlap: int, percent: int, share: int) -> None:
    plan = Plan(overlap, percent, share)
    shared = plan.shared(items)
    assert 0 <= shared <= items
    assert plan.slots(items) == (items - shared) * overlap + shared * max(overlap, share)
    if share > overlap and items and percent:
        assert shared >= items * percent / 100


def test_the_page_rest_and_the_run_speak_of_one_cost(workspace_a: Tenant, project: Project) -> None:
    batch = make_batch(project, 7, plan=Plan(2, 50, 5), fund=False)
    quote = workspace_a.client.get(f"/api/v1/batches/{batch.pk}/fund/").json()
    assert (quote["slots"], quote["shared_items"], quote["cost_minor"]) == (26, 4, 780)
    with planes.in_workspace(workspace_a.pk):
        run = funding.start(batch=batch, actor_id=None)
    assert (run.slots_paid, run.shared_items) == (26, 4)
    funded = workspace_a.client.get(f"/api/v1/batches/{batch.pk}/fund/").json()
    assert {name: funded[name] for name in ("slots", "shared_items", "cost_minor")} == {
        name: quote[name] for name in ("slots", "shared_items", "cost_minor")
    }


def test_the_plan_is_the_projects_overlap_with_a_tenth_at_three_unless_said(
    workspace_a: Tenant, project: Project
) -> None:
    path = f"/api/v1/projects/{project.pk}/batches/"
    made = workspace_a.client.post(path, {}).json()
    names = ("overlap", "share_percent", "share_overlap")
    assert [made[name] for name in names] == [3, 10, 3]
    said = workspace_a.client.post(path, {"overlap": 1, "share_percent": 25}).json()
    assert [said[name] for name in names] == [1, 25, 3]
    changed = workspace_a.client.patch(f"/api/v1/batches/{said['id']}/", {"share_overlap": 4})
    assert [changed.json()[name] for name in names] == [1, 25, 4]


@pytest.mark.parametrize(
    ("field", "value"),
    [("overlap", 0), ("overlap", 51), ("share_percent", 101), ("share_overlap", 2)],
)
def test_a_plan_that_cannot_be_is_refused_by_its_field(
    workspace_a: Tenant, project: Project, field: str, value: int
) -> None:
    answer = workspace_a.client.post(f"/api/v1/projects/{project.pk}/batches/", {field: value})
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    with planes.in_workspace(workspace_a.pk):
        assert not Batch.objects.exists()
        with pytest.raises(Refused):
            plan = Plan(**{"overlap": 1, field: value})
            batches.create_batch(project=project, plan=plan, actor_id=None)


def test_what_was_funded_keeps_its_plan_and_its_terms(
    workspace_a: Tenant, batch: Batch, project: Project
) -> None:
    answer = workspace_a.client.patch(f"/api/v1/batches/{batch.pk}/", {"overlap": 1})
    assert (answer.status_code, answer.json()["code"]) == (409, "funded")
    for column, value in (("overlap", 1), ("price_minor", 1), ("lease_minutes", 1)):
        with (
            pytest.raises(DatabaseError, match="the plan and the terms of a batch cannot change"),
            transaction.atomic(),
            planes.in_workspace(workspace_a.pk),
        ):
            Batch.objects.filter(pk=batch.pk).update(**{column: value})


def test_terms_are_null_until_funding_freezes_the_projects(
    workspace_a: Tenant, project: Project
) -> None:
    batch = make_batch(project, 0)
    import_items(batch, make_items(2))
    terms = ("form_id", "price_minor", "fee_minor", "currency", "lease_minutes")
    assert all(getattr(batch, name) is None for name in terms)
    fund_batch(batch)
    with planes.in_workspace(workspace_a.pk):
        batch.refresh_from_db()
    assert [getattr(batch, name) for name in terms] == [
        *(project.form_id, project.price_minor, 5, "USD", project.lease_minutes)
    ]
    assert batch.auto_accept_hours == project.auto_accept_hours


def test_a_batch_is_not_funded_under_other_terms(workspace_a: Tenant, project: Project) -> None:
    batch = make_batch(project, 1, fund=False)
    with (
        pytest.raises(DatabaseError, match="terms of its project"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("ALTER TABLE projects_items_batch DISABLE TRIGGER funded")
        cursor.execute(
            "UPDATE projects_items_batch SET funding = 'running', form_id = %s, price_minor = 1,"
            " fee_minor = 0, currency = 'USD', lease_minutes = 1, auto_accept_hours = 1"
            " WHERE id = %s",
            [project.form_id, batch.pk],
        )
