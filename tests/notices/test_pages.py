"""The pages of notices: the bell, the list, where each leads, and the choice of mails."""

import re
from typing import Any

import pytest
from django.test import Client

from rlhfhub.notices import selectors
from rlhfhub.notices.topics import How, Topic
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from tests import people
from tests.factories import Tenant
from tests.notices.told import DECIDED, notices, tell
from tests.pages.conftest import browser_of
from tests.people import Annotator

__all__ = ["browser_of"]


@pytest.fixture
def user(database: None) -> User:
    return people.make_user()


@pytest.fixture
def browser(user: User) -> Client:
    return browser_of(user)


def words(page: Any) -> str:
    """Return the page's source on one line, with single blanks."""
    return " ".join(page.content.decode().split())


def count(page: Any) -> str:
    """Return what the bell of the page says after "Notices", and its visible number."""
    text = words(page)
    label = re.search(r'aria-label="Notices([^"]*)"', text)
    shown = re.search(r'class="bell-count" aria-hidden="true">([^<]*)<', text)
    assert label
    return f"{label[1]}|{shown[1].strip() if shown else ''}"


def test_the_bell_counts_what_is_unread(workspace_a: Tenant, user: User, browser: Client) -> None:
    assert count(browser.get("/")) == "|"
    for cause in range(3):
        tell(workspace_a, user, cause)
        tell(workspace_a, people.make_user(), cause)
    for path in ("/", "/work/", "/notices/", "/workspaces/new/"):
        assert count(browser.get(path)) == ", 3 unread|3", path
    for cause in range(3, 100):
        tell(workspace_a, user, cause)
    assert count(browser.get("/")) == ", more than 99 unread|99+"


def test_the_bell_counts_on_a_page_that_refuses(
    workspace_a: Tenant, user: User, browser: Client
) -> None:
    tell(workspace_a, user)
    page = browser.post("/workspaces/new/", {"name": ""})
    assert page.status_code == 422 and count(page) == ", 1 unread|1"


def test_the_desk_counts_nothing(annotators: list[Annotator], queries: Any) -> None:
    """It has a head of its own, and leasing must stay as cheap as it is."""
    ada = annotators[0]
    with queries() as sent:
        browser_of(ada.user).get(f"/work/{ada.enrollment.pk}/")
    assert sent.texts and not [text for text in sent.texts if "unread" in text]


def test_a_notice_leads_on_and_is_read(workspace_a: Tenant, user: User, browser: Client) -> None:
    tell(workspace_a, user, project="Essays")
    (one,) = notices(user)
    page = words(browser.get("/notices/"))
    assert "About Essays" in page and f'href="/notices/{one.pk}/"' in page
    response = browser.get(f"/notices/{one.pk}/")
    assert (response.status_code, response["Location"]) == (302, "/")
    assert notices(user)[0].read_at
    assert count(browser.get("/notices/")) == "|"


def test_anothers_notice_is_as_if_missing(workspace_a: Tenant, user: User, browser: Client) -> None:
    other = people.make_user()
    tell(workspace_a, other)
    (theirs,) = notices(other)
    assert browser.get(f"/notices/{theirs.pk}/").status_code == 404
    assert browser.post("/notices/", {"notice": str(theirs.pk)}).status_code == 303
    assert browser.post("/notices/", {"until": str(theirs.pk)}).status_code == 303
    assert not notices(other)[0].read_at


def test_one_and_all_are_marked_as_read(workspace_a: Tenant, user: User, browser: Client) -> None:
    for cause in range(3):
        tell(workspace_a, user, cause)
    _first, second, _third = notices(user)
    browser.post("/notices/?topic=alerts", {"notice": str(second.pk)})
    assert [bool(one.read_at) for one in notices(user)] == [False, True, False]
    page = words(browser.get("/notices/"))
    until = re.search(r'name="until" value="([^"]+)"', page)
    assert until
    tell(workspace_a, user, "after the page")
    answer = browser.post("/notices/", {"until": until[1]})
    assert answer["Location"] == "/notices/"
    assert [bool(one.read_at) for one in notices(user)] == [True, True, True, False]
    assert browser.post("/notices/", {"notice": "x"}).status_code == 404
    assert browser.post("/notices/").status_code == 404


def test_the_list_is_filtered_and_paged(workspace_a: Tenant, user: User, browser: Client) -> None:
    for cause in range(60):
        tell(workspace_a, user, cause, project=f"P{cause}.")
    tell(workspace_a, user, kind=DECIDED, project="Decision.")
    first = browser.get("/notices/")
    assert [one.words.title for one in first.context["listing"].rows][:2] == [
        "About Decision.",
        "About P59.",
    ]
    second = browser.get("/notices/" + first.context["listing"].next_query)
    assert len(second.context["listing"].rows) == 11
    decided = browser.get("/notices/?topic=decisions").context["listing"].rows
    assert [one.words.title for one in decided] == ["About Decision."]
    browser.post("/notices/", {"notice": str(decided[0].id)})
    assert browser.get("/notices/?unread=1&topic=decisions").context["listing"].rows == []
    for wrong in ("topic=weather", "unread=2", "color=red"):
        assert browser.get(f"/notices/?{wrong}").status_code == 404


def test_texts_of_a_notice_are_inert(workspace_a: Tenant, user: User, browser: Client) -> None:
    tell(workspace_a, user, project="<script>alert(1)</script>")
    page = words(browser.get("/notices/"))
    assert "&lt;script&gt;alert(1)" in page and "<script>alert(1)" not in page


def test_mails_are_chosen_by_topic(user: User, browser: Client) -> None:
    page = words(browser.get("/notices/settings/"))
    assert 'name="decisions" value="off"' not in page
    assert 'name="alerts" value="at_once" checked' in page
    answer = browser.post("/notices/settings/", {"alerts": "off", "guidelines": "at_once"})
    assert answer.status_code == 303
    with planes.at_door():
        chosen = {choice.topic: choice.how for choice in selectors.choices_of(user.pk)}
    assert chosen[Topic.ALERTS] == How.OFF and chosen[Topic.GUIDELINES] == How.AT_ONCE
    assert chosen[Topic.ROUNDS] == How.AT_ONCE
    assert 'name="alerts" value="off" checked' in words(browser.get("/notices/settings/"))


def test_a_refused_choice_saves_none(user: User, browser: Client) -> None:
    answer = browser.post("/notices/settings/", {"decisions": "off", "alerts": "off"}, follow=True)
    assert "cannot be switched off" in answer.content.decode()
    with planes.at_door():
        assert {choice.how for choice in selectors.choices_of(user.pk)} == {How.AT_ONCE, How.DAILY}
