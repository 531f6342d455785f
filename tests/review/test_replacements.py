"""A rejected answer is asked of somebody else, from the batch's reserve; it waits while that is empty (W1, M3)."""

import uuid
from typing import Any

import pytest
from django.db import connection

from billing.funding import replacements, reserve
from billing.funding.models import Replacement
from billing.funding.tasks import replace
from projects.items import services as batches
from projects.items.services import Plan
from projects.plan.models import Project
from projects.work.models import Slot
from rlhfhub.tenancy import planes
from tests.factories import MONEY, Tenant, make_batch
from tests.people import Annotator
from tests.rejections import appealed, decide, rejected
from tests.review.money import COST, all_hold, balances, slots

Deliver = Any


def test_the_replacement_waits_for_the_reserve_and_is_made_when_it_is_filled(
    workspace_a: Tenant, project: Project, annotators: list[Annotator], deliver: Deliver
) -> None:
    batch = make_batch(project, 1, plan=Plan(overlap=1, share_percent=0))
    lease = annotators[0].lease()
    assert lease
    answer = uuid.UUID(annotators[0].submit(lease).json()["id"])
    rejected(answer, workspace_a)
    deliver()
    replace()
    assert slots(workspace_a) == {"filled": 1}
    with planes.in_workspace(workspace_a.pk):
        assert Replacement.objects.get().state == "waiting"
        reserve.top_up(batch=batch, slots=2, actor_id=None)
    assert balances(workspace_a)["batch_reserve"] == 2 * COST
    replace()
    replace()
    assert slots(workspace_a) == {"filled": 1, "open": 1}
    assert balances(workspace_a) == {
        "workspace_available": MONEY - 3 * COST,
        "batch_reserve": COST,
        "batch_budget": COST,
        "rejection_hold": COST,
    }
    # The one whose work was rejected does not get the item again.
    assert annotators[0].lease() is None
    assert annotators[1].lease()
    all_hold()


def test_an_overturned_rejection_drops_a_replacement_that_waits(
    workspace_a: Tenant, project: Project, annotators: list[Annotator], deliver: Deliver
) -> None:
    make_batch(project, 1, plan=Plan(overlap=1, share_percent=0))
    lease = annotators[0].lease()
    assert lease
    answer = uuid.UUID(annotators[0].submit(lease).json()["id"])
    rejected(answer, workspace_a)
    deliver()
    appealed(answer, workspace_a, annotators[0].user.pk)
    decide(answer, broken=False)
    deliver()
    with planes.in_workspace(workspace_a.pk):
        assert Replacement.objects.get().state == "dropped"
    all_hold()


def test_two_rejections_of_one_item_have_two_replacements(
    workspace_a: Tenant, project: Project, annotators: list[Annotator], deliver: Deliver
) -> None:
    batch = make_batch(project, 1, plan=Plan(overlap=2, share_percent=0, reserve_percent=100))
    for annotator in annotators[:2]:
        lease = annotator.lease()
        assert lease
        rejected(uuid.UUID(annotator.submit(lease).json()["id"]), workspace_a)
    deliver()
    replace()
    assert slots(workspace_a) == {"filled": 2, "open": 2}
    with planes.in_workspace(workspace_a.pk):
        assert replacements.make(batch_id=batch.pk) == 0
    all_hold()


def test_a_closed_batch_drops_what_waits(
    workspace_a: Tenant, project: Project, annotators: list[Annotator], deliver: Deliver
) -> None:
    batch = make_batch(project, 1, plan=Plan(overlap=1, share_percent=0))
    lease = annotators[0].lease()
    assert lease
    rejected(uuid.UUID(annotators[0].submit(lease).json()["id"]), workspace_a)
    deliver()
    with planes.in_workspace(workspace_a.pk):
        batches.close_batch(batch=batch, actor_id=None)
    replace()
    with planes.in_workspace(workspace_a.pk):
        assert Replacement.objects.get().state == "dropped"
    deliver()
    all_hold()


def test_an_item_with_all_the_slots_it_may_have_stops_no_other(
    workspace_a: Tenant,
    project: Project,
    annotators: list[Annotator],
    deliver: Deliver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_batch(project, 2, plan=Plan(overlap=1, share_percent=0, reserve_percent=100))
    for _ in range(2):
        lease = annotators[0].lease()
        assert lease
        rejected(uuid.UUID(annotators[0].submit(lease).json()["id"]), workspace_a)
    deliver()
    with planes.in_workspace(workspace_a.pk):
        first = Slot.objects.order_by("seq").first()
    assert first
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_work_slot DISABLE TRIGGER USER")
        cursor.execute("UPDATE projects_work_slot SET number = 50 WHERE id = %s", [first.pk])
        cursor.execute("ALTER TABLE projects_work_slot ENABLE TRIGGER USER")
    replace()
    with planes.in_workspace(workspace_a.pk):
        states = dict(Replacement.objects.values_list("item_id", "state"))
    assert states.pop(first.item_id) == "dropped"
    assert list(states.values()) == ["made"]
