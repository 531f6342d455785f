"""Ids in bodies and queries are treated like those in URLs: another workspace's id is like a missing one."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import ApiKey, Invitation, Membership
from tests import identities
from tests.row import Row
from tests.security.walk import OWN, Walker, without_what_changes
from tests.security.world import Side, World


@dataclass(frozen=True)
class Named:
    """A request that names `thing` in its body (`field` is where), and what it gets for its own and another's."""

    who: str
    url: str
    thing: str
    body: dict[str, Any]
    own: int
    other: int
    method: str = "POST"

    def __str__(self) -> str:
        return f"{self.method} {self.url} {json.dumps(self.body)}"


ID = "<id>"
CASES = (
    Named(identities.KEY, "api_accept_many", "annotation", {"ids": [ID]}, 200, 404),
    Named(identities.KEY, "api_exports", "batch", {"batch": ID}, 202, 400),
    Named(identities.KEY, "api_annotations", "batch", {"batch": ID}, 200, 400, "GET"),
    Named(identities.TOKEN, "api_lease", "project", {"project": ID}, 200, 404),
    Named(identities.TOKEN, "api_enrollments", "project", {"project": ID}, 200, 404),
    Named(
        identities.OWNER, "members", "membership", {"action": "remove", "membership": ID}, 303, 404
    ),
    Named(
        identities.OWNER,
        "members",
        "membership",
        {"action": "role", "membership": ID, "role": "manager"},
        303,
        404,
    ),
    Named(
        identities.OWNER, "members", "invitation", {"action": "revoke", "invitation": ID}, 303, 404
    ),
    Named(identities.OWNER, "keys", "key", {"action": "revoke", "key": ID}, 303, 404),
    # A workspace revokes its annotators' tokens, and an annotator their own.
    Named(identities.OWNER, "keys", "token", {"action": "revoke", "key": ID}, 303, 404),
    Named(identities.ANNOTATOR, "tokens", "token", {"action": "revoke", "key": ID}, 303, 404),
    Named(
        identities.ANNOTATOR,
        "tokens",
        "workspace",
        {"workspace": ID, "name": "new", "days": ""},
        200,
        422,
    ),
    Named(identities.OWNER, "exports", "batch", {"dataset": "dpo", "batch": ID}, 303, 422),
    # No valid box is ticked: nothing is accepted, and the page is shown again.
    Named(identities.OWNER, "review", "annotation", {"annotation": [ID]}, 303, 303),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_another_workspaces_id_is_as_a_missing_one(
    walker: Walker, world: World, case: Named
) -> None:
    own = _send(walker, case, things(world.a)[case.thing])
    foreign = _send(walker, case, things(world.b)[case.thing])
    missing = _send(walker, case, uuid.uuid4())
    assert own[0] == case.own
    assert foreign[0] == case.other
    assert foreign == missing


def things(side: Side) -> dict[str, uuid.UUID]:
    """What bodies name."""
    with planes.in_workspace(side.pk):
        return {
            "annotation": side.waiting[0].pk,
            "batch": side.batch.pk,
            "project": side.project.pk,
            "membership": Membership.objects.get(user=side.viewer).pk,
            "invitation": Invitation.objects.get().pk,
            "workspace": side.pk,
            "token": ApiKey.objects.get(annotator=side.person.user).pk,
            "key": ApiKey.objects.filter(revoked_at=None, annotator=None).order_by("pk")[0].pk,
        }


def _send(walker: Walker, case: Named, thing: uuid.UUID) -> tuple[int, bytes]:
    body = json.loads(json.dumps(case.body).replace(ID, str(thing)))
    path = _path(walker, case.url)
    client = walker.clients[case.who]
    with transaction.atomic():
        if case.method == "GET":
            response = client.get(path, body)
        elif path.startswith("/api/"):
            response = client.post(path, json.dumps(body), "application/json")
        else:
            response = client.post(path, body)
        transaction.set_rollback(True)
    return response.status_code, without_what_changes(response.content).replace(
        str(thing).encode(), b"ID"
    )


def _path(walker: Walker, url: str) -> str:
    return walker.path(Row(url, "GET", {}), OWN)[0]


def test_what_is_named_in_vain_changes_nothing(walker: Walker, world: World) -> None:
    """A review that ticks another workspace's answers accepts none of them."""
    path = _path(walker, "review")
    with transaction.atomic():
        walker.clients[identities.OWNER].post(path, {"annotation": [str(world.b.waiting[0].pk)]})
        with planes.in_workspace(world.b.pk):
            world.b.waiting[0].refresh_from_db()
        transaction.set_rollback(True)
    assert world.b.waiting[0].state == "submitted"


def test_a_query_lists_no_more_for_another_workspaces_id(walker: Walker, world: World) -> None:
    path = _path(walker, "api_annotations")
    found = walker.clients[identities.KEY].get(path, {"batch": str(world.b.batch.pk)})
    assert found.status_code == 400 and "results" not in found.json()
    assert reverse("api_annotations", args=[world.a.project.pk]) == path
