"""Annotators' own tokens on their page, and on the page of the workspace's keys."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from projects.enrollment import panels
from rlhfhub.tenancy import planes, selectors, services
from rlhfhub.tenancy.models import ApiKey, AuditEntry, Membership
from rlhfhub.web import listing
from tests import people
from tests.factories import Tenant, make_project
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.routes import row_of

PATH = "/work/tokens/"


def form(person: Annotator, **changes: Any) -> dict[str, Any]:
    """What the page's form sends."""
    asked = {"action": "create", "workspace": person.enrollment.workspace_id}
    return {**asked, "name": "My laptop", "days": "30", **changes}


def secret_in(response: Any) -> str:
    """The secret that a page shows; empty if none."""
    found = re.search(r"rlh_[\w-]{30,}", response.content.decode())
    return found[0] if found else ""


def make(browser: Client, person: Annotator, **changes: Any) -> str:
    """A token made on the page."""
    shown = browser.post(PATH, form(person, **changes))
    assert shown.status_code == 200, shown.content
    return secret_in(shown)


def tokens_of(person: Annotator) -> list[selectors.DeskToken]:
    with planes.at_door():
        return selectors.desk_tokens_of(person.user.pk, most=500)


def rows(response: Any) -> str:
    """The rows of the page's table, without tags."""
    body = response.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


def test_a_token_is_shown_once_works_and_is_revoked(ada: Annotator, browser: Client) -> None:
    shown = browser.post(PATH, form(ada))
    secret = secret_in(shown)
    assert secret and shown["Cache-Control"] == "no-store"
    listed = browser.get(PATH)
    assert listed["Cache-Control"] == "no-store" and secret not in listed.content.decode()
    assert f"My laptop {secret[:10]}… Alpha" in rows(listed)
    caller = Annotator(ada.user, ada.enrollment, secret)
    lease = caller.lease()
    assert lease and caller.submit(lease).status_code == 201
    token = tokens_of(ada)[0]
    assert token.expires_at and token.last_used_at
    revoked = browser.post(PATH, {"action": "revoke", "key": token.id})
    assert (revoked.status_code, revoked["Location"]) == (303, PATH)
    assert caller.client.post("/api/v1/desk/lease/", {}).status_code == 401
    assert "revoked" in rows(browser.get(PATH))
    # Ada's other token goes on.
    assert ada.client.post("/api/v1/desk/lease/", {}).status_code == 200


def test_the_way_there(ada: Annotator, browser: Client) -> None:
    for page in ("/work/", "/earnings/"):
        assert f'href="{PATH}"' in browser.get(page).content.decode()


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "x" * 81}, {"days": "9999"}, {"workspace": ""}]
)
def test_a_wrong_form_makes_none(ada: Annotator, browser: Client, wrong: dict[str, str]) -> None:
    response = browser.post(PATH, form(ada, **wrong))
    assert (response.status_code, secret_in(response)) == (422, "")
    assert "field-bad" in response.content.decode()
    assert len(tokens_of(ada)) == 1


def test_only_where_one_works(ada: Annotator, browser: Client, workspace_b: Tenant) -> None:
    """Another workspace is as one that does not exist; a place that has ended is none, but keeps its token."""
    answers = [
        browser.post(PATH, form(ada, workspace=pk)) for pk in (workspace_b.pk, uuid.uuid4(), "x")
    ]
    assert [answer.status_code for answer in answers] == [422] * 3
    assert len({rows(answer) for answer in answers}) == 1
    people.end(ada.enrollment)
    assert browser.post(PATH, form(ada)).status_code == 422
    assert len(tokens_of(ada)) == 1
    page = browser.get(PATH).content.decode()
    assert "Join a project first" in page
    assert {token.state for token in tokens_of(ada)} == {"working"}
    assert ada.client.get("/api/v1/desk/decisions/").status_code == 200


def test_who_is_no_member_any_more_makes_none(workspace_a: Tenant) -> None:
    person = people.make_annotator(make_project(workspace_a, access="members"))
    browser = browser_of(person.user)
    assert make(browser, person)
    with planes.in_workspace(workspace_a.pk):
        membership = Membership.objects.get(user=person.user)
        services.remove_member(membership=membership, by=workspace_a.owner)
    assert browser.post(PATH, form(person)).status_code == 422
    assert {token.state for token in tokens_of(person)} == {"revoked"}


def test_the_eleventh_is_refused(ada: Annotator, browser: Client) -> None:
    for _ in range(services.TOKENS_AT_MOST - 1):
        make(browser, ada)
    refused = browser.post(PATH, form(ada))
    assert (refused.status_code, secret_in(refused)) == (422, "")
    assert "revoke one first" in refused.content.decode()


def test_anothers_token_is_as_a_missing_one(
    ada: Annotator, browser: Client, annotators: list[Annotator]
) -> None:
    theirs = tokens_of(annotators[1])[0].id
    for key in (theirs, uuid.uuid4(), "nonsense", ""):
        assert browser.post(PATH, {"action": "revoke", "key": key}).status_code == 404
    assert annotators[1].client.get("/api/v1/desk/enrollments/").status_code == 200


def test_markup_in_a_name_is_text(ada: Annotator, browser: Client) -> None:
    make(browser, ada, name="<b>bold</b>\u202e")
    page = browser.get(PATH).content.decode()
    assert "<b>bold" not in page and "&lt;b&gt;bold" in page


def test_the_secret_is_in_no_log_and_nothing_kept(
    ada: Annotator, browser: Client, workspace_a: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    secret = make(browser, ada)
    assert secret not in caplog.text
    with planes.in_workspace(workspace_a.pk):
        kept = [*ApiKey.objects.values_list(), *AuditEntry.objects.values_list()]
    assert kept and secret not in str(kept)


def test_queries_do_not_grow(
    ada: Annotator, browser: Client, workspace_b: Tenant, queries: type
) -> None:
    browser.get(PATH)
    with queries() as few:
        browser.get(PATH)
    elsewhere = people.make_annotator(make_project(workspace_b), user=ada.user)
    for person in (ada, ada, elsewhere, elsewhere):
        make(browser, person)
    with queries() as many:
        assert "Beta" in rows(browser.get(PATH))
    assert len(many) == len(few), str(many)
    assert len(few) <= row_of("tokens").most, str(few)


def test_the_list_is_paged(
    ada: Annotator, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("first", "second"):
        make(browser, ada, name=name)
    monkeypatch.setattr(listing, "SIZE", 2)
    page = browser.get(PATH)
    newest = [token.name for token in page.context["listing"].rows]
    older = browser.get(PATH, {"cursor": page.context["listing"].next_cursor})
    assert newest == ["second", "first"]
    assert [token.name for token in older.context["listing"].rows] == ["desk"]
    assert browser.get(PATH, {"cursor": "nonsense"}).status_code == 404


def theirs(browser: Client, path: str) -> str:
    """What the page of keys shows of annotators' tokens."""
    page = browser.get(path).content.decode()
    part = page.partition('id="tokens-title"')[2]
    return " ".join(re.sub(r"<[^>]*>", " ", part).split())


def test_members_see_pseudonyms_and_revoke(
    ada: Annotator, browser: Client, owner: Client, addresses: dict[str, str], workspace_a: Tenant
) -> None:
    secret = make(browser, ada, name="Ada's own laptop")
    shown = theirs(owner, addresses["keys"])
    assert f"{secret[:10]}… {ada.enrollment.pseudonym}" in shown
    whole = owner.get(addresses["keys"]).content.decode()
    for private in ("own laptop", ada.user.email, str(ada.user.pk)):
        assert private not in whole
    token = tokens_of(ada)[0]
    response = owner.post(addresses["keys"], {"action": "revoke", "key": token.id})
    assert response.status_code == 303
    assert people.client_for(secret).get("/api/v1/desk/enrollments/").status_code == 401
    assert "revoked" in rows(browser.get(PATH))
    with planes.in_workspace(workspace_a.pk):
        note = AuditEntry.objects.get(verb="key.revoke", subject=str(token.id))
    assert (note.actor_id, note.plane) == (workspace_a.owner.pk, "workspace")


def test_who_may_not_make_keys_revokes_no_token(
    ada: Annotator, member: Callable[[str], Client], addresses: dict[str, str], stranger: Client
) -> None:
    body = {"action": "revoke", "key": tokens_of(ada)[0].id}
    assert member("reviewer").post(addresses["keys"], body).status_code == 403
    assert stranger.post(addresses["keys"], body).status_code == 404
    assert ada.client.get("/api/v1/desk/enrollments/").status_code == 200
    assert member("manager").post(addresses["keys"], body).status_code == 303
    assert ada.client.get("/api/v1/desk/enrollments/").status_code == 401


def test_members_page_through_the_tokens(
    annotators: list[Annotator],
    owner: Client,
    addresses: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(panels, "PAGE_SIZE", 2)
    first = owner.get(addresses["keys"]).content.decode()
    older = re.search(r'href="(\?tokens=[^"#]+)#tokens-title"', first)
    assert older
    last = theirs(owner, addresses["keys"] + older[1])
    shown = [a.enrollment.pseudonym for a in annotators]
    assert [name in first for name in shown] == [False, True, True]
    assert [name in last for name in shown] == [True, False, False]
    assert owner.get(addresses["keys"] + "?tokens=nonsense").status_code == 404


def test_queries_of_the_page_of_keys_do_not_grow(
    ada: Annotator,
    owner: Client,
    addresses: dict[str, str],
    workspace_a: Tenant,
    queries: type,
) -> None:
    owner.get(addresses["keys"])
    with queries() as few:
        owner.get(addresses["keys"])
    for number in range(3):
        people.make_annotator(make_project(workspace_a), f"More {number}")
        people.make_annotator(make_project(workspace_a), user=ada.user)
        people.make_key(workspace_a.workspace, workspace_a.owner)
    with queries() as many:
        owner.get(addresses["keys"])
    assert len(many) == len(few), str(many)
    assert len(few) <= row_of("keys").most, str(few)


def test_under_the_sites_own_login(
    own_database: str,
    ada: Annotator,
    addresses: dict[str, str],
    workspace_a: Tenant,
    as_site: Callable[[], None],
) -> None:
    """Members see annotators' tokens, though not their accounts; and the keys of former members."""
    past = people.make_member(workspace_a.workspace, "manager")
    people.make_key(workspace_a.workspace, past, "export")
    with planes.in_workspace(workspace_a.pk):
        services.remove_member(membership=Membership.objects.get(user=past), by=workspace_a.owner)
    browser, owner = browser_of(ada.user), browser_of(workspace_a.owner)
    as_site()
    secret = make(browser, ada)
    keys = owner.get(addresses["keys"])
    assert f"{secret[:10]}… {ada.enrollment.pseudonym}" in theirs(owner, addresses["keys"])
    assert "export" in rows(keys) and "revoked" in rows(keys)
    token = tokens_of(ada)[0]
    assert browser.post(PATH, {"action": "revoke", "key": token.id}).status_code == 303
    assert people.client_for(secret).get("/api/v1/desk/enrollments/").status_code == 401
    second = make(browser, ada)
    key = tokens_of(ada)[0].id
    assert owner.post(addresses["keys"], {"action": "revoke", "key": key}).status_code == 303
    assert people.client_for(second).get("/api/v1/desk/enrollments/").status_code == 401
