"""Sign-up asks one thing: work, or work to give. Each has its own path, and the site remembers the side."""

import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from rlhfhub.tenancy import planes, services
from rlhfhub.tenancy.models import User
from tests import people
from tests.factories import Tenant
from tests.pages.conftest import browser_of

SIGNUP = "/accounts/signup/"
ADDRESS = "new@people.example"


def sign_up(capture: Any, **more: str) -> Client:
    """Make an account and confirm its address in the same browser."""
    cache.clear()  # which limits mails to one address
    browser = browser_of()
    form = {"email": ADDRESS, "password1": people.PASSWORD, "password2": people.PASSWORD, **more}
    with capture(execute=True):
        assert browser.post(SIGNUP, form).status_code == 302
    found = re.search(r"/accounts/confirm-email/\S+/", str(mail.outbox[-1].body))
    assert found
    browser.confirmed = browser.post(found[0])  # type: ignore[attr-defined]
    return browser


def links_of(page: str) -> list[str]:
    """The links in the head of a page."""
    nav = page.partition('<nav class="topbar-nav"')[2].partition("</nav>")[0]
    return re.findall(r">([A-Z][a-z]+)</a>", nav)


@pytest.mark.parametrize(
    ("side", "first", "links"),
    [
        ("work", "/work/profile/", ["Work", "Earnings", "Profile"]),
        ("give", "/workspaces/new/", ["Workspaces"]),
    ],
)
def test_each_side_has_its_own_path_and_links(
    database: None, django_capture_on_commit_callbacks: Any, side: str, first: str, links: list[str]
) -> None:
    browser = sign_up(django_capture_on_commit_callbacks, side=side)
    home = browser.get("/", follow=True)
    assert (home.status_code, home.redirect_chain[-1][0]) == (200, first)
    assert links_of(home.content.decode()) == links


def test_it_is_asked_and_nothing_is_made_without_an_answer(database: None) -> None:
    form = {"email": ADDRESS, "password1": people.PASSWORD, "password2": people.PASSWORD}
    for side in ({}, {"side": "both"}):
        page = browser_of().post(SIGNUP, form | side)
        assert page.status_code == 200 and "I have work to give" in page.content.decode()
    with planes.at_door():
        assert not User.objects.exists()


def test_who_is_invited_is_not_asked_and_goes_on_to_the_invitation(
    workspace_a: Tenant, django_capture_on_commit_callbacks: Any
) -> None:
    with planes.in_workspace(workspace_a.pk):
        _, token = services.invite(
            workspace=workspace_a.workspace, email=ADDRESS, role="viewer", by=workspace_a.owner
        )
    to = reverse("invitation", args=[token])
    asked = browser_of().get(SIGNUP, {"next": to}).content.decode()
    assert "I have work to give" not in asked
    browser = sign_up(django_capture_on_commit_callbacks, next=to)
    assert browser.confirmed["Location"] == to  # type: ignore[attr-defined]
    page = browser.post(to, follow=True).content.decode()
    assert workspace_a.workspace.name in page and links_of(page) == ["Workspaces"]


def test_the_switch_is_remembered_by_the_account_and_not_by_the_browser(
    workspace_a: Tenant,
) -> None:
    """One account does both: the owner of a workspace works, and finds work again in another browser."""
    here, there = browser_of(workspace_a.owner), browser_of(workspace_a.owner)
    assert here.post("/side/", {"side": "work"})["Location"] == "/work/"
    assert there.get("/")["Location"] == "/work/"
    back = here.post("/side/", {"side": "give"}, follow=True).content.decode()
    assert workspace_a.workspace.name in back and "Find work" in back
    assert there.get("/").status_code == 200
    here.post("/side/", {"side": "neither"})
    assert there.get("/").status_code == 200
