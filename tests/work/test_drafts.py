"""What was typed belongs to the annotator and the item: it outlives the lease and comes back under the next (W18)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client

from projects.work.models import Draft, Lease
from projects.work.services import drafts, slots
from rlhfhub.tenancy import planes
from tests import people
from tests.factories import Tenant, make_batch, make_project
from tests.people import Annotator


@pytest.fixture
def ada(workspace_a: Tenant) -> Annotator:
    """A member at work in a project of members, with one item."""
    project = make_project(workspace_a, access="members", overlap=1)
    make_batch(project, 1)
    return people.make_annotator(project)


def keep(annotator: Annotator, lease: dict[str, Any], answer: dict[str, Any]) -> None:
    path = f"/api/v1/desk/leases/{lease['id']}/draft/"
    assert annotator.client.put(path, {"answer": answer}).status_code == 204


def run_out(lease: dict[str, Any]) -> None:
    """Let the lease's time run out and expire it, as the scheduler does."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_work_lease DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE projects_work_lease SET expires_at = now() - interval '1 hour' WHERE id = %s",
            [lease["id"]],
        )
        cursor.execute("ALTER TABLE projects_work_lease ENABLE TRIGGER USER")
    with planes.as_system():
        assert slots.expire_leases(grace_seconds=0) == 1


def chosen_text(lease: dict[str, Any]) -> str:
    key = lease["draft"]["preference"]["choice"]
    return str(next(r["messages"][0]["content"] for r in lease["responses"] if r["key"] == key))


def test_a_draft_comes_back_in_whatever_order_the_next_lease_draws(ada: Annotator) -> None:
    orders = set()
    lease: Any = ada.lease()
    wanted = lease["responses"][0]
    choice = {"preference": {"choice": wanted["key"]}, "reason": "half a th"}
    keep(ada, lease, choice)
    for _ in range(12):
        run_out(lease)
        lease = ada.lease()
        orders.add(lease["responses"][0]["messages"][0]["content"])
        assert lease["draft"]["reason"] == "half a th"
        assert chosen_text(lease) == wanted["messages"][0]["content"]
    assert len(orders) == 2, "both orders were seen"
    assert ada.submit(lease).status_code == 201
    with planes.as_system():
        assert not Draft.objects.exists()


def test_a_lease_that_ran_out_keeps_no_new_draft(ada: Annotator) -> None:
    lease: Any = ada.lease()
    run_out(lease)
    late = ada.client.put(
        f"/api/v1/desk/leases/{lease['id']}/draft/", {"answer": {"reason": "late"}}
    )
    assert (late.status_code, late.json()["code"]) == (409, "lease_ended")


def test_a_draft_holds_what_can_be_placed_and_all_that_was_typed(ada: Annotator) -> None:
    lease: Any = ada.lease()
    keep(ada, lease, {"preference": {"choice": "nobody's key"}, "reason": "x" * 5000})
    again: Any = ada.lease()
    assert again["draft"] == {"reason": "x" * 5000}


def test_drafts_are_forgotten_after_thirty_days(ada: Annotator) -> None:
    lease: Any = ada.lease()
    keep(ada, lease, {"reason": "old"})
    with planes.as_system():
        assert drafts.delete_old() == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE projects_work_draft SET saved_at = now() - interval '31 days'")
    with planes.as_system():
        assert drafts.delete_old() == 1
        assert Lease.objects.filter(
            ended_at=None, leased_at__gt=Now() - timedelta(hours=1)
        ).exists()


def test_what_was_typed_stands_where_its_author_finds_it(ada: Annotator, client: Client) -> None:
    lease: Any = ada.lease()
    keep(ada, lease, {"reason": "Half a <b>th"})
    run_out(lease)
    client.force_login(ada.user)
    page = client.get(f"/work/{ada.enrollment.pk}/drafts/").content.decode()
    assert "Half a &lt;b&gt;th" in page and "at your desk now" not in page
    ada.lease()
    assert "at your desk now" in client.get(f"/work/{ada.enrollment.pk}/drafts/").content.decode()
