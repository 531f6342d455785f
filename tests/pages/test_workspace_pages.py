"""Workspaces, members, keys, projects and guidelines, by plain forms."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from projects.items.models import Batch
from projects.plan.models import GuidelineVersion, Project
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import ApiKey, Invitation, Membership, Workspace
from tests import people
from tests.factories import Tenant, make_project
from tests.pages.conftest import HTMX, browser_of
from tests.routes import row_of

pytestmark = pytest.mark.django_db


def test_the_start_page_is_for_everybody(workspace_a: Tenant, owner: Client) -> None:
    assert "Sign in" in browser_of().get("/").content.decode()
    assert workspace_a.workspace.name in owner.get("/").content.decode()


def test_a_workspace_is_made_and_its_address_is_taken_once(workspace_a: Tenant) -> None:
    browser = browser_of(people.make_user())
    form = {"name": "Gamma", "slug": "gamma-1"}
    response = browser.post("/workspaces/new/", form)
    assert (response.status_code, response["Location"]) == (303, "/w/gamma-1/")
    assert browser.get("/w/gamma-1/").status_code == 200
    taken = browser.post("/workspaces/new/", form)
    assert taken.status_code == 422
    assert "This address is taken." in taken.content.decode()
    with planes.in_workspace(Workspace.objects.get(slug="gamma-1").pk):
        assert Membership.objects.get().role == "owner"


@pytest.mark.parametrize("slug", ["", "Über", "a b", "-a", "a" * 51])
def test_a_bad_address_is_refused(slug: str, workspace_a: Tenant) -> None:
    response = browser_of(people.make_user()).post("/workspaces/new/", {"name": "X", "slug": slug})
    assert response.status_code == 422
    assert "field-bad" in response.content.decode()


def test_an_invitation_is_shown_once_and_accepted_by_its_address(
    workspace_a: Tenant, owner: Client, addresses: dict[str, str]
) -> None:
    guest = people.make_user("Guest", "guest@people.example")
    form = {"action": "invite", "email": "Guest@people.example", "role": "reviewer"}
    shown = owner.post(addresses["members"], form)
    assert shown.status_code == 200
    assert shown["Cache-Control"] == "no-store"
    link = re.search(r"/invitations/[\w-]+/", shown.content.decode())
    assert link
    assert link[0] not in owner.get(addresses["members"]).content.decode()
    assert "Sign in to accept" in browser_of().get(link[0]).content.decode()
    other = browser_of(people.make_user())
    assert other.get(link[0]).status_code == 200
    other.post(link[0])
    assert other.get(addresses["workspace"]).status_code == 404
    browser = browser_of(guest)
    assert browser.post(link[0]).status_code == 303
    assert browser.get(addresses["workspace"]).status_code == 200
    assert browser.get(link[0]).status_code == 404


def test_owners_change_roles_and_remove(
    workspace_a: Tenant, owner: Client, addresses: dict[str, str]
) -> None:
    user = people.make_member(workspace_a.workspace, "manager")
    browser = browser_of(user)
    people.make_key(workspace_a.workspace, user, "read")
    with planes.in_workspace(workspace_a.pk):
        membership = Membership.objects.get(user=user)
    form = {"membership": str(membership.pk)}
    owner.post(addresses["members"], {**form, "action": "role", "role": "viewer"})
    assert browser.get(addresses["project_new"]).status_code == 403
    owner.post(addresses["members"], {**form, "action": "remove"})
    assert browser.get(addresses["workspace"]).status_code == 404
    with planes.in_workspace(workspace_a.pk):
        assert not ApiKey.objects.filter(created_by=user, revoked_at=None).exists()
    assert owner.post(addresses["members"], {**form, "action": "remove"}).status_code == 404


def test_the_last_owner_stays(
    workspace_a: Tenant, owner: Client, addresses: dict[str, str]
) -> None:
    with planes.in_workspace(workspace_a.pk):
        membership = Membership.objects.get(user=workspace_a.owner)
    for action in ({"action": "remove"}, {"action": "role", "role": "viewer"}):
        form = {"membership": str(membership.pk), **action}
        response = owner.post(addresses["members"], form, follow=True)
        assert "keeps at least one owner" in response.content.decode()
    assert owner.get(addresses["members"]).status_code == 200


def test_an_invitation_is_taken_back(
    workspace_a: Tenant, owner: Client, addresses: dict[str, str]
) -> None:
    owner.post(addresses["members"], {"action": "invite", "email": "x@y.example", "role": "viewer"})
    with planes.in_workspace(workspace_a.pk):
        invitation = Invitation.objects.get()
    owner.post(addresses["members"], {"action": "revoke", "invitation": str(invitation.pk)})
    assert "x@y.example" not in owner.get(addresses["members"]).content.decode()
    for bad in ("", "nonsense", str(workspace_a.pk)):
        response = owner.post(addresses["members"], {"action": "revoke", "invitation": bad})
        assert response.status_code == 404


def test_a_key_is_shown_once_and_revoked(
    workspace_a: Tenant, owner: Client, addresses: dict[str, str]
) -> None:
    form = {"action": "create", "name": "Importer", "scopes": ["read", "write"], "days": "30"}
    shown = owner.post(addresses["keys"], form)
    secret = re.search(r"rlh_[\w-]{30,}", shown.content.decode())
    assert secret
    assert shown["Cache-Control"] == "no-store"
    assert secret[0] not in owner.get(addresses["keys"]).content.decode()
    caller = people.client_for(secret[0])
    assert caller.get("/api/v1/projects/").status_code == 200
    with planes.in_workspace(workspace_a.pk):
        key = ApiKey.objects.get(name="Importer")
    assert key.expires_at is not None
    owner.post(addresses["keys"], {"action": "revoke", "key": str(key.pk)})
    assert caller.get("/api/v1/projects/").status_code == 401
    assert owner.post(addresses["keys"], {"action": "create", "name": ""}).status_code == 422


def test_a_project_is_made_from_a_template(
    workspace_a: Tenant, owner: Client, addresses: dict[str, str]
) -> None:
    form = {
        "template": "pairwise",
        "name": "Tides",
        "access": "market",
        "price": "0.25",
        "overlap": "2",
        "lease_minutes": "30",
        "auto_accept_hours": "72",
        "estimated_seconds": "60",
    }
    response = owner.post(addresses["project_new"], form)
    assert response.status_code == 303
    with planes.in_workspace(workspace_a.pk):
        made = Project.objects.get(name="Tides")
    assert (made.price_minor, made.overlap, made.access) == (25, 2, "market")
    assert owner.get(response["Location"]).status_code == 200
    for wrong in ({"price": "0.251"}, {"price": "1e999999"}, {"price": "-1"}, {"price": "0"}):
        refused = owner.post(addresses["project_new"], {**form, **wrong})
        assert refused.status_code == 422, wrong
    unpaid = owner.post(addresses["project_new"], {**form, "access": "members"})
    assert "members work unpaid" in unpaid.content.decode().lower()


def test_guidelines_are_written_and_published(
    workspace_a: Tenant, owner: Client, addresses: dict[str, str], project: Project
) -> None:
    path = addresses["guidelines"]
    form = {"action": "save", "text": "# Two\r\nlines", "change": "minor"}
    saved = owner.post(path, form, follow=True).content.decode()
    assert "Version 2 is saved" in saved
    with planes.in_workspace(workspace_a.pk):
        version = GuidelineVersion.objects.get(project=project, number=2)
    assert version.text == "# Two\nlines"
    assert version.published_at is None
    published = owner.post(path, {"action": "publish", "number": "2"}, follow=True)
    assert "Version 2 is in force" in published.content.decode()
    owner.post(path, {**form, "text": "# Three", "then": "publish"})
    project.refresh_from_db()
    with planes.in_workspace(workspace_a.pk):
        assert GuidelineVersion.objects.get(pk=project.guideline_version_id).number == 3
    late = owner.post(path, {"action": "publish", "number": "2"}, follow=True)
    assert late.status_code == 200
    for number in ("9", "", "x", "9" * 30):
        assert owner.post(path, {"action": "publish", "number": number}).status_code == 404
    assert owner.post(path, {"action": "save", "text": " "}).status_code == 422
    assert "lines" in owner.get(path, {"version": "2"}).content.decode()


def test_the_live_part_is_the_pages_own(owner: Client, addresses: dict[str, str]) -> None:
    page = owner.get(addresses["project"]).content.decode()
    part = owner.get(addresses["project_agreement"], **HTMX)
    assert part["Vary"].count("HX-Request") == 1
    assert _figures(part.content.decode()) in _figures(page)
    by_hand = owner.get(addresses["project_agreement"])
    assert by_hand["Location"] == addresses["project"]


def _figures(html: str) -> str:
    """The HTML without times, which pass."""
    return re.sub(r"\d\d:\d\d(:\d\d)?", "", html).strip()


def test_a_batch_is_made_on_the_projects_page(
    workspace_a: Tenant, owner: Client, addresses: dict[str, str], project: Project
) -> None:
    response = owner.post(addresses["project"], {"name": "Second", "model_tag": "m@2"})
    assert response.status_code == 303
    with planes.in_workspace(workspace_a.pk):
        made = Batch.objects.get(name="Second")
    assert made.model_tag == "m@2"
    assert str(made.pk) in response["Location"]


def test_queries_do_not_grow_with_projects(
    workspace_a: Tenant, owner: Client, addresses: dict[str, str], queries: type
) -> None:
    owner.get(addresses["workspace"])
    with queries() as few:
        owner.get(addresses["workspace"])
    for _ in range(5):
        make_project(workspace_a)
    with queries() as many:
        owner.get(addresses["workspace"])
    assert len(many) == len(few), many
    assert len(few) <= row_of("workspace").most, few


def test_sign_up_sign_out_and_a_new_password(django_capture_on_commit_callbacks: Any) -> None:
    browser = browser_of()
    signup = {
        "side": "work",
        "email": "new@people.example",
        "password1": people.PASSWORD,
        "password2": people.PASSWORD,
    }
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post("/accounts/signup/", signup).status_code == 302
    browser.post(_link("/accounts/confirm-email/"))
    login = {"login": "new@people.example", "password": people.PASSWORD}
    browser.post("/accounts/login/", login)
    assert browser.get("/work/").status_code == 200
    browser.post("/accounts/logout/")
    assert browser.get("/work/").status_code == 302
    with django_capture_on_commit_callbacks(execute=True):
        browser.post("/accounts/password/reset/", {"email": "new@people.example"})
    to = browser.get(_link("/accounts/password/reset/key/"))["Location"]
    other = "another long password 7"
    browser.post(to, {"password1": other, "password2": other})
    browser.post("/accounts/login/", {**login, "password": other})
    assert browser.get("/work/").status_code == 200


def _link(path: str) -> str:
    """The link that the newest email brought."""
    found = re.search(re.escape(path) + r"\S+/", mail.outbox[-1].body)
    assert found
    return found[0]
