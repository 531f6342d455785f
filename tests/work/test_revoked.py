"""An annotator who may no longer work loses the lease at once; its slot is offered again, and they get no other."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from projects.work.models import Lease, Slot
from rlhfhub.tenancy import planes, services
from rlhfhub.tenancy.models import Membership
from tests import people
from tests.factories import Tenant, make_batch, make_project
from tests.people import Annotator

ANSWER = {"preference": {"choice": "tie"}}


@pytest.fixture
def ada(workspace_a: Tenant) -> Annotator:
    """A member at work in a project of members, with two items."""
    project = make_project(workspace_a, access="members", overlap=1)
    make_batch(project, 2)
    return people.make_annotator(project)


def send_away(annotator: Annotator, tenant: Tenant) -> None:
    with planes.in_workspace(tenant.pk):
        membership = Membership.objects.get(user=annotator.user)
        services.remove_member(membership=membership, by=tenant.owner)


def keep_draft(annotator: Annotator, lease: dict[str, Any]) -> None:
    path = f"/api/v1/desk/leases/{lease['id']}/draft/"
    assert annotator.client.put(path, {"answer": ANSWER}).status_code == 204


def left_of(annotator: Annotator, lease: dict[str, Any]) -> tuple[Any, ...]:
    """Return how the lease ended, its slot's state and holder, whether that slot is last, and the number of drafts."""
    with connection.cursor() as cursor:  # as the owner, who sees drafts too
        cursor.execute(
            "SELECT l.ended_as, s.state, s.holder_id, s.seq = (SELECT max(seq) FROM projects_work_slot),"
            " (SELECT count(*) FROM projects_work_draft) FROM projects_work_lease l"
            " JOIN projects_work_slot s ON s.id = l.slot_id WHERE l.id = %s",
            [lease["id"]],
        )
        return tuple(cursor.fetchone())


# What was typed is kept: it comes back when the item does.
REVOKED = ("revoked", "open", None, True, 1)


def give_back(annotator: Annotator, lease: dict[str, Any]) -> Any:
    path = f"/api/v1/desk/leases/{lease['id']}/return/"
    return annotator.client.post(path, {"reason": "unclear"})


def draft_again(annotator: Annotator, lease: dict[str, Any]) -> Any:
    return annotator.client.put(f"/api/v1/desk/leases/{lease['id']}/draft/", {"answer": ANSWER})


def test_a_member_who_is_sent_away_holds_nothing(ada: Annotator, workspace_a: Tenant) -> None:
    lease = ada.lease()
    assert lease
    keep_draft(ada, lease)
    send_away(ada, workspace_a)
    assert left_of(ada, lease) == REVOKED
    assert ada.submit(lease).status_code == 401  # their key ended too


def test_who_was_sent_away_gets_no_lease_by_another_token(
    ada: Annotator, workspace_a: Tenant
) -> None:
    """Their place is still there, should they come back; a token made since opens it, and nothing in it."""
    lease = ada.lease()
    assert lease
    send_away(ada, workspace_a)
    ada.client = people.client_for(people.make_desk_key(workspace_a.workspace, ada.user))
    asked = ada.client.post("/api/v1/desk/lease/", {"project": str(ada.enrollment.project_id)})
    assert (asked.status_code, asked.json()["code"]) == (409, "not_active")
    assert "no longer" in asked.json()["detail"]
    for answer in (ada.submit(lease), give_back(ada, lease), draft_again(ada, lease)):
        assert (answer.status_code, answer.json()["code"]) == (409, "lease_ended")
    people.make_member(workspace_a.workspace, "viewer", ada.user)
    assert ada.lease()


def test_what_others_hold_and_what_was_submitted_stays(ada: Annotator, workspace_a: Tenant) -> None:
    first = ada.lease()
    assert first and ada.submit(first).status_code == 201
    ben = people.make_annotator(ada.enrollment.project, "Ben")
    theirs = ben.lease()
    assert theirs
    send_away(ada, workspace_a)
    with planes.in_workspace(workspace_a.pk):
        assert Lease.objects.get(pk=first["id"]).ended_as == "submitted"
        assert Slot.objects.get(holder_id=ada.user.pk).state == "filled"
    assert ben.submit(theirs).status_code == 201


def test_who_leaves_a_workspace_keeps_paid_work_elsewhere(
    ada: Annotator, workspace_a: Tenant, workspace_b: Tenant
) -> None:
    project = make_project(workspace_b)
    make_batch(project, 1)
    paid = people.make_annotator(project, user=ada.user)
    lease = paid.lease()
    assert lease
    send_away(ada, workspace_a)
    assert paid.submit(lease).status_code == 201


def test_no_lease_is_made_for_who_was_sent_away_meanwhile(
    ada: Annotator, workspace_a: Tenant
) -> None:
    """A request that had been let in before: the database refuses."""
    lease = ada.lease()
    assert lease
    send_away(ada, workspace_a)
    with (
        pytest.raises(IntegrityError, match="a lease needs an active enrollment"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO projects_work_lease SELECT (jsonb_populate_record(l, jsonb_build_object("
            "'id', gen_random_uuid(), 'ended_at', NULL, 'ended_as', NULL))).*"
            " FROM projects_work_lease l"
        )
