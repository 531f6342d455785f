"""Every page of a workspace: 200 with the right role, 403 with another, 404 for strangers, else the sign-in page."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests.factories import Tenant, make_batch
from tests.pages.conftest import HTMX, browser_of
from tests.people import Annotator

EVERYBODY = {"owner", "manager", "reviewer", "billing", "viewer"}
PAGES = {
    "workspace": EVERYBODY,
    "members": EVERYBODY,
    "keys": {"owner", "manager"},
    "money": {"owner", "billing"},
    "project_new": {"owner", "manager"},
    "project": EVERYBODY,
    "guidelines": EVERYBODY,
    "review": EVERYBODY,
    "exports": EVERYBODY,
    "batch": EVERYBODY,
}
PARTS = ("project_agreement", "batch_progress")
ACTS = {
    "import": {"owner", "manager"},
    "fund": {"owner", "manager", "billing"},
    "open": {"owner", "manager"},
    "close": {"owner", "manager"},
}


@pytest.mark.parametrize("name", [*PAGES, *PARTS])
def test_a_stranger_finds_nothing(
    name: str, addresses: dict[str, str], stranger: Client, owner: Client
) -> None:
    assert stranger.get(addresses[name]).status_code == 404
    missing = stranger.get(addresses[name].replace(addresses["workspace"], "/w/no-such-place/"))
    assert missing.status_code == 404
    assert without_nonce(stranger.get(addresses[name])) == without_nonce(missing)


def without_nonce(response: Any) -> bytes:
    """The body without what differs in every answer."""
    return re.sub(rb'nonce="[^"]*"', b"", response.content)


@pytest.mark.parametrize("name", [*PAGES, *PARTS])
def test_nobody_is_asked_to_sign_in(name: str, addresses: dict[str, str]) -> None:
    response = browser_of().get(addresses[name])
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=/w/")


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_each_role_sees_its_pages(
    role: str, addresses: dict[str, str], member: Callable[[str], Client]
) -> None:
    browser = member(role)
    seen = {name: browser.get(addresses[name]).status_code for name in PAGES}
    assert seen == {name: 200 if role in roles else 403 for name, roles in PAGES.items()}


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_each_role_gets_the_live_parts(
    role: str, addresses: dict[str, str], member: Callable[[str], Client]
) -> None:
    browser = member(role)
    assert [browser.get(addresses[name], **HTMX).status_code for name in PARTS] == [200, 200]


@pytest.mark.parametrize("name", ACTS)
def test_steps_of_a_batch_need_a_manager(
    name: str, addresses: dict[str, str], member: Callable[[str], Client], stranger: Client
) -> None:
    address = f"{addresses['batch']}{name}/"
    assert stranger.post(address).status_code == 404
    assert browser_of().post(address).status_code == 302
    for role in sorted(EVERYBODY - ACTS[name]):
        assert member(role).post(address).status_code == 403, role
    by_mistake = member("manager").get(address)
    assert (by_mistake.status_code, by_mistake["Allow"]) == (405, "POST")
    assert "Nothing was changed" in by_mistake.content.decode()


SPENDERS = {"owner", "manager", "billing"}


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_only_who_may_spend_sees_what_there_is(
    role: str, workspace_a: Tenant, project: Project, addresses: dict[str, str], member: Any
) -> None:
    """On the dashboard and where a batch waits to be funded."""
    browser, waiting = member(role), make_batch(project, 1, first=101, fund=False)
    dashboard = browser.get(addresses["workspace"])
    step = browser.get(f"{addresses['workspace']}batches/{waiting.pk}/")
    assert dashboard.context["cards"][0].project == project
    # Of the 100,000.00 deposited 4.50 is set aside for the open batch.
    for page, figures in ((dashboard, ("$99,995.50", "$4.50")), (step, ("$99,995.50",))):
        text = page.content.decode()
        assert [figure in text for figure in figures] == [role in SPENDERS] * len(figures)
    assert ("/fund/" in step.content.decode()) == (role in SPENDERS)


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_a_batch_is_funded_by_who_may_spend(
    role: str, project: Project, addresses: dict[str, str], member: Any
) -> None:
    waiting = make_batch(project, 1, first=101, fund=False)
    cost = {"agreed_minor": 90}
    answer = member(role).post(f"{addresses['workspace']}batches/{waiting.pk}/fund/", cost)
    assert answer.status_code == (303 if role in SPENDERS else 403)
    with planes.in_workspace(project.workspace_id):
        waiting.refresh_from_db()
    assert waiting.funding == ("funded" if role in SPENDERS else "none")


@pytest.mark.parametrize(
    ("page", "form", "roles"),
    [
        ("members", {"action": "invite", "email": "a@b.example", "role": "viewer"}, {"owner"}),
        ("project", {"name": "B"}, {"owner", "manager"}),
        ("guidelines", {"action": "save", "text": "x", "change": "minor"}, {"owner", "manager"}),
        ("review", {"action": "accept"}, {"owner", "manager", "reviewer"}),
        ("exports", {"dataset": "dpo"}, {"owner", "manager"}),
    ],
)
def test_forms_refuse_who_may_only_look(
    page: str,
    form: dict[str, str],
    roles: set[str],
    addresses: dict[str, str],
    member: Callable[[str], Client],
) -> None:
    for role in sorted(EVERYBODY):
        status = member(role).post(addresses[page], form).status_code
        assert (status != 403) == (role in roles), role


def test_a_project_of_another_workspace_is_missing_in_ours(
    stranger: Client, workspace_b: Tenant, addresses: dict[str, str]
) -> None:
    theirs = f"/w/{workspace_b.workspace.slug}/"
    for name in ("project", "guidelines", "review", "exports", "batch"):
        path = addresses[name].replace(addresses["workspace"], theirs)
        assert stranger.get(path).status_code == 404, name


def test_another_annotators_desk_is_missing(
    annotators: list[Annotator], stranger: Client, addresses: dict[str, str], owner: Client
) -> None:
    desk = f"/work/{annotators[0].enrollment.pk}/"
    lease = annotators[0].lease()
    assert lease is not None
    for browser in (browser_of(annotators[1].user), stranger, owner):
        assert browser.get(desk).status_code == 404
        assert browser.get(f"{desk}guideline/").status_code == 404
        for verb in ("submit", "return", "draft"):
            assert browser.post(f"{desk}leases/{lease['id']}/{verb}/").status_code == 404
    own = f"/work/{annotators[1].enrollment.pk}/"
    for verb in ("submit", "return", "draft"):
        foreign = browser_of(annotators[1].user).post(f"{own}leases/{lease['id']}/{verb}/")
        assert foreign.status_code == 404


@pytest.mark.parametrize("path", ["/work/", "/earnings/", "/workspaces/new/"])
def test_own_pages_ask_to_sign_in(path: str, db: None) -> None:
    assert browser_of().get(path).status_code == 302


def test_posts_without_the_token_are_refused(
    workspace_a: Tenant, project: Project, addresses: dict[str, str]
) -> None:
    browser = browser_of(workspace_a.owner, enforce_csrf_checks=True)
    draft = make_batch(project, 0)
    for path in (
        addresses["project"],
        f"{addresses['batch']}open/",
        f"{addresses['workspace']}batches/{draft.pk}/import/",
    ):
        assert browser.post(path, {"name": "x", "text": "{}"}).status_code == 403, path


def test_an_oversized_form_is_refused_before_any_transaction(
    owner: Client, addresses: dict[str, str], queries: type
) -> None:
    form = {"action": "save", "change": "minor", "text": "x" * 5_000_000}
    with queries() as seen:
        response = owner.post(addresses["guidelines"], form)
    assert response.status_code == 413
    assert len(seen) == 0, seen
