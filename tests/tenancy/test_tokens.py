"""An annotator's own tokens: who may have one, what it can do, and when it ends."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_scopes import scope

from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes, selectors, services
from rlhfhub.tenancy.models import ApiKey, AuditEntry, Membership, User
from tests import people
from tests.factories import Tenant
from tests.people import Annotator


def make_token(person: Annotator, name: str = "laptop", days: int | None = None) -> str:
    """The secret of a token made as the page makes it, in the annotator's own plane."""
    workspace = person.enrollment.workspace_id
    with planes.at_desk(person.user.pk, workspace):
        _, secret = services.create_desk_token(
            person_id=person.user.pk,
            workspace_id=workspace,
            name=name,
            expires_at=timezone.now() + timedelta(days=days) if days is not None else None,
        )
    return secret


@pytest.fixture
def ada(annotators: list[Annotator], batch: Batch) -> Annotator:
    """Of the market, with work to do; her own token is the only one she has."""
    ada = annotators[0]
    with planes.in_workspace(ada.enrollment.workspace_id):
        ApiKey.objects.filter(annotator=ada.user).update(revoked_at=timezone.now())
    return Annotator(ada.user, ada.enrollment, make_token(ada))


def mine(person: Annotator) -> list[selectors.DeskToken]:
    with planes.at_door():
        return selectors.desk_tokens_of(person.user.pk, most=500)


def test_it_opens_the_desk_and_nothing_else(ada: Annotator) -> None:
    lease = ada.lease()
    assert lease and ada.submit(lease).status_code == 201
    assert ada.client.get("/api/v1/projects/").status_code == 403
    newest = mine(ada)[0]
    assert (newest.state, newest.name, newest.workspace) == ("working", "laptop", "Alpha")
    assert newest.last_used_at and ada.secret.startswith(newest.prefix)


def test_making_and_revoking_are_noted(ada: Annotator) -> None:
    token = mine(ada)[0]
    with planes.at_desk(ada.user.pk, token.workspace_id):
        key = ApiKey.objects.get(pk=token.id)
        services.revoke_key(key=key, by=ada.user)
        services.revoke_key(key=key, by=ada.user)
    assert ada.client.post("/api/v1/desk/lease/", {}).status_code == 401
    with planes.in_workspace(token.workspace_id):
        notes = AuditEntry.objects.filter(subject=str(token.id)).order_by("pk")
        found = [(note.verb, note.plane, note.actor_id, note.data) for note in notes]
    about = {"scopes": ["desk"]}
    assert found == [
        ("key.create", "annotator", ada.user.pk, about),
        ("key.revoke", "annotator", ada.user.pk, about),
    ]


def test_keys_that_end_with_a_membership_are_noted(workspace_a: Tenant) -> None:
    manager = people.make_member(workspace_a.workspace, "manager")
    people.make_key(workspace_a.workspace, manager)
    with planes.in_workspace(workspace_a.pk):
        membership = Membership.objects.get(user=manager)
        assert services.remove_member(membership=membership, by=workspace_a.owner) == 1
        key = ApiKey.objects.get(created_by=manager)
        note = AuditEntry.objects.get(verb="key.revoke")
    assert (note.subject, note.actor_id) == (str(key.pk), workspace_a.owner.pk)


def test_ten_may_work_at_once(ada: Annotator, annotators: list[Annotator]) -> None:
    for _ in range(services.TOKENS_AT_MOST - 2):
        make_token(ada)
    make_token(ada, "gone", days=0)
    make_token(ada, "the tenth")
    with pytest.raises(Refused, match="revoke one first"):
        make_token(ada)
    make_token(annotators[1])  # others' do not count
    newest = mine(ada)[0]
    with planes.at_desk(ada.user.pk, newest.workspace_id):
        services.revoke_key(key=ApiKey.objects.get(pk=newest.id), by=ada.user)
    make_token(ada)


def test_a_token_outlives_an_enrollment(ada: Annotator) -> None:
    """Answers can be revised and appealed after it has ended, and earnings read; nothing can be leased."""
    lease = {"project": str(ada.enrollment.project_id)}
    people.pause(ada.enrollment)
    paused = ada.client.post("/api/v1/desk/lease/", lease)
    assert (paused.status_code, paused.json()["code"]) == (409, "not_active")
    people.end(ada.enrollment)
    assert ada.client.post("/api/v1/desk/lease/", lease).status_code in (404, 409)
    for path in ("enrollments/", "earnings/"):
        assert ada.client.get(f"/api/v1/desk/{path}").status_code == 200, path


def test_who_is_locked_out_has_no_token(ada: Annotator) -> None:
    User.objects.filter(pk=ada.user.pk).update(is_active=False)
    assert ada.client.post("/api/v1/desk/lease/", {}).status_code == 401
    User.objects.filter(pk=ada.user.pk).update(is_active=True)
    assert ada.client.post("/api/v1/desk/lease/", {}).status_code == 200


def test_an_expired_one_says_so(ada: Annotator) -> None:
    secret = make_token(ada, "short", days=0)
    assert people.client_for(secret).get("/api/v1/desk/enrollments/").status_code == 401
    assert {token.name: token.state for token in mine(ada) if token.name == "short"} == {
        "short": "expired"
    }


def test_the_list_goes_on_where_a_page_ended(ada: Annotator) -> None:
    for number in range(3):
        make_token(ada, str(number))
    every = mine(ada)
    with planes.at_door():
        first = selectors.desk_tokens_of(ada.user.pk, most=2)
        rest = selectors.desk_tokens_of(ada.user.pk, before=first[-1].id, most=9)
    assert [token.name for token in first] == ["2", "1"]
    assert first + rest == every and len(every) == 5


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"scopes": ["read"]}, "apikey_desk_is_annotators"),
        ({"scopes": ["desk", "read"]}, "apikey_desk_is_annotators"),
        ({"annotator": None, "scopes": ["desk"]}, "apikey_desk_is_annotators"),
        ({"created_by": "owner"}, "apikey_desk_is_made_by_them"),
    ],
)
def test_the_database_keeps_desk_keys_to_the_desk(
    ada: Annotator, workspace_a: Tenant, change: dict[str, object], constraint: str
) -> None:
    """Whoever writes the row: here the owner, who may make a key for any desk."""
    row: dict[str, object] = {
        "workspace_id": workspace_a.pk,
        "name": "x",
        "prefix": "rlh_x",
        "secret_sha256": uuid.uuid4().hex,
        "scopes": ["desk"],
        "annotator": ada.user,
        "created_by": ada.user,
    }
    if change.get("created_by"):
        change = {"created_by": workspace_a.owner}
    with scope(workspace=workspace_a.pk):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            ApiKey.objects.create(**{**row, **change})
        ApiKey.objects.create(**row)


def test_a_revoked_key_stays_revoked(ada: Annotator, workspace_a: Tenant) -> None:
    with planes.in_workspace(workspace_a.pk):
        keys = ApiKey.objects.filter(annotator=ada.user)
        keys.filter(revoked_at=None).update(revoked_at=timezone.now())
        for value in (None, timezone.now()):
            with pytest.raises(IntegrityError, match="stays revoked"), transaction.atomic():
                keys.update(revoked_at=value)


def test_a_token_revoked_by_a_member_ends_for_its_annotator(
    ada: Annotator, workspace_a: Tenant, project: Project
) -> None:
    token = mine(ada)[0]
    with planes.in_workspace(workspace_a.pk):
        services.revoke_key(key=ApiKey.objects.get(pk=token.id), by=workspace_a.owner)
    assert ada.client.get("/api/v1/desk/enrollments/").status_code == 401
    assert next(one for one in mine(ada) if one.id == token.id).state == "revoked"
