"""Query parameters of pages, and what is sent to an address that is almost right. All URLs come from the resolver."""

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import get_resolver, reverse

from projects.plan.models import Project
from tests.api.unchanged import nothing_changes
from tests.factories import Tenant
from tests.pages.conftest import browser_of
from tests.people import make_user
from tests.urls import parameters, urls

OTHERS = ("api/", "admin/", "accounts/")


def _paths() -> Iterator[tuple[str, str]]:
    """(name, path) of every page of ours, with ids that exist nowhere."""
    for route, name in urls():
        if not route.startswith(OTHERS):
            assert name, route
            words = {"slug": "no-such-place", "token": "none"}
            ids = {one: words.get(one, uuid.UUID(int=7)) for one in parameters(name)}
            yield name, reverse(name, kwargs=ids)


PAGES = dict(_paths())


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_an_unknown_parameter_is_no_filter(client: Client, name: str) -> None:
    """Every method refuses it with 404 and names it, before anything else is checked."""
    for method in ("get", "post"):
        for query in ("surplus=1", "surplus", "status=accepted&surplus=1"):
            response = getattr(client, method)(f"{PAGES[name]}?{query}")
            assert response.status_code == 404, (method, query)
            assert "surplus" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_links_from_elsewhere_open_the_page(client: Client, name: str) -> None:
    """Parameters that other sites add to links for their statistics are ignored."""
    path = PAGES[name]
    plain = client.get(path)
    counted = client.get(f"{path}?utm_source=letter&utm_campaign=x&fbclid=y&gclid=z&ref=w")
    assert counted.status_code == plain.status_code
    if plain.status_code in (301, 302):
        assert counted["Location"].partition("%3F")[0] == plain["Location"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_a_parameter_is_given_once_and_not_empty(client: Client, name: str) -> None:
    """Which of two was meant is a guess, and so is what was meant by none."""
    view = _view(PAGES[name]).__dict__
    for one in view.get("query_names", ()):
        # Browsers send the fields of a search form that were left alone.
        empty = () if one in view.get("query_form", ()) else (f"{one}=", one)
        for query in (f"{one}=1&{one}=2", *empty):
            assert client.get(f"{PAGES[name]}?{query}").status_code == 404, query


def _view(path: str) -> Any:
    return get_resolver().resolve(path).func


def test_the_page_is_one_click_away(owner: Client, project: Project, workspace_a: Tenant) -> None:
    """Without what it does not know, and with what it does; what others wrote is shown inert."""
    path = reverse("exports", args=[workspace_a.workspace.slug, project.pk])
    response = owner.get(f"{path}?format=dpo&utm_source=x&%3Cscript%3E=1")
    body = response.content.decode()
    assert response.status_code == 404 and "format" in body and "&lt;script&gt;" in body
    link = re.search(r'btn-primary" href="([^"]+)"', body)
    assert link and link[1] == f"{path}?utm_source=x"
    assert owner.get(link[1]).status_code == 200


def test_a_version_of_guidelines_that_is_missing(
    owner: Client, project: Project, workspace_a: Tenant
) -> None:
    """Is not answered with another one."""
    path = reverse("guidelines", args=[workspace_a.workspace.slug, project.pk])
    assert owner.get(f"{path}?version=1").status_code == 200
    for version in ("2", "0", "x", "-1", "1.0", "9" * 30):
        assert owner.get(f"{path}?version={version}").status_code == 404, version


# --- Addresses without their last slash, and without TLS ---

UNSAFE = ("post", "put", "patch", "delete")


@pytest.mark.parametrize("method", UNSAFE)
def test_rest_without_the_last_slash(workspace_a: Tenant, project: Project, method: str) -> None:
    """No client is led to a GET: the right address is named, and nothing is done."""
    for path in ("projects", f"projects/{project.pk}/batches", "desk/lease", "annotations/accept"):
        with nothing_changes():
            response = getattr(workspace_a.client, method)(
                f"/api/v1/{path}?x=1", {"name": "x"}, follow=True
            )
        assert (response.status_code, response.json()["code"]) == (404, "wrong_address")
        assert response.json()["detail"].endswith(f"whole address: /api/v1/{path}/?x=1")
        assert not response.redirect_chain and "Location" not in response
        assert int(response["Content-Length"]) == len(response.content)
        assert response["Content-Security-Policy"].startswith("default-src 'none'")
    assert workspace_a.client.post("/api/v1/nowhere", {}).json()["code"] == "not_found"


def test_reading_without_the_last_slash_leads_to_it(workspace_a: Tenant) -> None:
    response = workspace_a.client.get("/api/v1/projects?page_size=1")
    assert (response.status_code, response["Location"]) == (301, "/api/v1/projects/?page_size=1")


@pytest.mark.parametrize("method", UNSAFE)
def test_forms_without_the_last_slash(workspace_a: Tenant, project: Project, method: str) -> None:
    """Of members, of accounts and of staff: the page says where the form belongs."""
    browser = browser_of(workspace_a.owner)
    at_home = f"/w/{workspace_a.workspace.slug}"
    for path in (
        "/workspaces/new",
        f"{at_home}/projects/{project.pk}/exports",
        f"{at_home}/members",
        "/accounts/login",
    ):
        with nothing_changes():
            _refused(browser, method, path)
    _refused(browser_of(make_user("Staff", is_staff=True)), method, "/admin/logout")


def _refused(browser: Client, method: str, path: str) -> None:
    response = getattr(browser, method)(path, follow=True)
    assert response.status_code == 404 and not response.redirect_chain, path
    assert f"{path}/" in response.content.decode(), path
    assert browser.get(path).status_code == 301, path


def test_what_was_sent_without_tls_is_not_lost(workspace_a: Tenant) -> None:
    """Production redirects http to https; a POST would become a GET there, too."""
    with override_settings(SECURE_SSL_REDIRECT=True):
        client = workspace_a.client
        client.handler.load_middleware()
        sent = client.post("/api/v1/projects/", {"name": "x"})
        assert (sent.status_code, sent.json()["code"]) == (404, "wrong_address")
        assert "https://testserver/api/v1/projects/" in sent.json()["detail"]
        assert client.get("/api/v1/projects/").status_code == 301
        form = browser_of(workspace_a.owner).post("/workspaces/new/", {"name": "x"})
        assert form.status_code == 404 and b"https://testserver/workspaces/new/" in form.content
