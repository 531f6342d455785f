"""Workspaces, invitations and keys."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django_scopes import scope

from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes, services
from rlhfhub.tenancy.models import ApiKey, AuditEntry, Invitation, Membership, Workspace
from tests import people
from tests.factories import Tenant, make_batch, make_project
from tests.pages.conftest import browser_of


def test_a_taken_address_is_refused_and_changes_nothing(workspace_a: Tenant) -> None:
    with planes.at_door(), pytest.raises(Refused, match="taken"):
        services.create_workspace(
            user=people.make_user(), name="X", slug=workspace_a.workspace.slug
        )
    with planes.as_system():
        assert Workspace.objects.count() == 1


def invite(tenant: Tenant, email: str, role: str = "reviewer") -> str:
    with planes.in_workspace(tenant.pk):
        return services.invite(workspace=tenant.workspace, email=email, role=role, by=tenant.owner)[
            1
        ]


def test_an_invitation_works_once_and_for_its_address_only(workspace_a: Tenant) -> None:
    user, other = people.make_user(), people.make_user()
    token = invite(workspace_a, user.email.upper())
    with planes.at_door():
        with pytest.raises(Refused, match="another address"):
            services.accept_invitation(user=other, token=token)
        assert services.accept_invitation(user=user, token=token) == workspace_a.pk
        with pytest.raises(Refused, match="not open"):
            services.accept_invitation(user=user, token=token)
    with planes.in_workspace(workspace_a.pk):
        assert Membership.objects.get(user=user).role == "reviewer"


def test_a_new_invitation_replaces_the_old_and_an_old_one_expires(workspace_a: Tenant) -> None:
    user = people.make_user()
    first, second = invite(workspace_a, user.email), invite(workspace_a, user.email)
    with planes.at_door(), pytest.raises(Refused):
        services.accept_invitation(user=user, token=first)
    with scope(workspace=workspace_a.pk):  # as the owner, whom no wall holds
        Invitation.objects.filter(revoked_at=None).update(
            expires_at=timezone.now() - timedelta(seconds=1)
        )
    with planes.at_door(), pytest.raises(Refused):
        services.accept_invitation(user=user, token=second)


def test_the_last_owner_stays(workspace_a: Tenant) -> None:
    with planes.in_workspace(workspace_a.pk):
        membership = Membership.objects.get(user=workspace_a.owner)
        with pytest.raises(Refused, match="at least one owner"):
            services.remove_member(membership=membership, by=workspace_a.owner)
    second = people.make_member(workspace_a.workspace, "owner")
    with planes.in_workspace(workspace_a.pk):
        services.remove_member(membership=membership, by=second)
        assert Membership.objects.count() == 1


def test_no_secret_is_kept(workspace_a: Tenant) -> None:
    token = invite(workspace_a, "x@people.example")
    with connection.cursor() as cursor:
        for table in (
            "rlhfhub_tenancy_apikey",
            "rlhfhub_tenancy_invitation",
            "rlhfhub_tenancy_auditentry",
        ):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
            (text,) = cursor.fetchone()
            assert workspace_a.secret not in (text or "")
            assert token not in (text or "")


def test_a_revoked_or_expired_key_stops_at_once(workspace_a: Tenant) -> None:
    url = "/api/v1/projects/"
    assert workspace_a.client.get(url).status_code == 200
    with scope(workspace=workspace_a.pk):  # as the owner, whom no wall holds
        ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert workspace_a.client.get(url).status_code == 401
    with scope(workspace=workspace_a.pk):
        ApiKey.objects.update(expires_at=None)
    with planes.in_workspace(workspace_a.pk):
        key = ApiKey.objects.get()
        assert key.last_used_at is not None
        services.revoke_key(key=key, by=workspace_a.owner)
    assert workspace_a.client.get(url).status_code == 401


def test_a_key_of_a_person_who_left_stops(workspace_a: Tenant) -> None:
    manager = people.make_member(workspace_a.workspace, "manager")
    secret = people.make_key(workspace_a.workspace, manager)
    client = people.client_for(secret)
    assert client.get("/api/v1/projects/").status_code == 200
    with planes.in_workspace(workspace_a.pk):
        services.remove_member(
            membership=Membership.objects.get(user=manager), by=workspace_a.owner
        )
    assert client.get("/api/v1/projects/").status_code == 401


def test_keys_end_when_their_maker_may_make_none(workspace_a: Tenant) -> None:
    manager = people.make_member(workspace_a.workspace, "manager")
    client = people.client_for(people.make_key(workspace_a.workspace, manager))
    with planes.in_workspace(workspace_a.pk):
        membership = Membership.objects.get(user=manager)
        services.change_role(membership=membership, role="owner", by=workspace_a.owner)
    assert client.get("/api/v1/projects/").status_code == 200
    with planes.in_workspace(workspace_a.pk):
        services.change_role(membership=membership, role="reviewer", by=workspace_a.owner)
    assert client.get("/api/v1/projects/").status_code == 401


def test_who_is_no_member_any_more_sees_no_item(workspace_a: Tenant) -> None:
    project = make_project(workspace_a, access="members")
    make_batch(project)
    ada = people.make_annotator(project)
    desk, browser = f"/work/{ada.enrollment.pk}/", browser_of(ada.user)
    assert ada.lease() and browser.get(desk).status_code == 200
    with planes.in_workspace(workspace_a.pk):
        membership = Membership.objects.get(user=ada.user)
        services.remove_member(membership=membership, by=workspace_a.owner)
    assert ada.client.post("/api/v1/desk/lease/").status_code == 401
    assert browser.get(desk).status_code == 404
    assert browser.get(f"{desk}guideline/").status_code == 404
    people.make_member(workspace_a.workspace, "viewer", ada.user)
    assert browser.get(desk).status_code == 200


@pytest.mark.parametrize("scopes", [[], ["desk"], ["read", "everything"]])
def test_unknown_scopes_are_refused(workspace_a: Tenant, scopes: list[str]) -> None:
    with planes.in_workspace(workspace_a.pk), pytest.raises(Refused, match="scopes"):
        services.create_key(
            workspace_id=workspace_a.pk, name="x", scopes=scopes, by_id=workspace_a.owner.pk
        )


def test_the_audit_trail_names_who_did_what(workspace_a: Tenant) -> None:
    with planes.in_workspace(workspace_a.pk):
        verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"workspace.create", "key.create"} <= verbs
