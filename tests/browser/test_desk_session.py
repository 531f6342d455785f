"""After signing out, in again or as another user, the answer on the desk is neither lost nor sent as that user."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from rlhfhub.tenancy.models import User
from tests.browser.desk_page import Desk
from tests.browser.page_checks import faults
from tests.browser.records import answers_of
from tests.browser.watch import Watch
from tests.people import PASSWORD, Annotator, make_user

pytestmark = pytest.mark.browser
TEXT = "Kept over the sign-in."


@pytest.fixture(autouse=True)
def _refusals_are_meant(watch: Watch) -> None:
    """Allow the line that Chromium writes to its console for a status of 400 and above."""
    # A draft may come in just after its answer.
    watch.allow(r"status of 40[349]", r"Status Error Code 40[349]")


def write(desk: Desk) -> None:
    desk.press("1", "r")
    desk.page.keyboard.type(TEXT)
    expect(desk.page.locator("[data-save-state]")).to_have_text("Draft saved")


def sign_in(page: Page, user: User) -> None:
    """By the form, which gives the browser a new CSRF token."""
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def sign_out(page: Page) -> None:
    page.context.clear_cookies(name="sessionid")


def elsewhere(desk: Desk, user: User) -> None:
    """Sign in as a user in another tab."""
    tab = desk.page.context.new_page()
    tab.goto("/accounts/login/")
    sign_in(tab, user)
    expect(tab).not_to_have_url("**/accounts/login/")
    tab.close()


def test_the_way_back_sends_the_answer(desk: Desk, ada: Annotator) -> None:
    lease = desk.lease_id()
    write(desk)
    sign_out(desk.page)
    desk.press("Control+Enter")
    expect(desk.note).to_contain_text("You are signed out")
    expect(desk.reason).to_have_value(TEXT)
    assert faults(desk.page) == []
    desk.note.get_by_role("link", name="Sign in and send it").click()
    sign_in(desk.page, ada.user)
    desk.page.wait_for_url(f"**/work/{ada.enrollment.pk}/")
    desk.expect_next(lease)
    (answer,) = answers_of(ada)
    assert answer.answer["reason"] == TEXT


def test_signed_in_anew_elsewhere_the_answer_is_sent(desk: Desk, ada: Annotator) -> None:
    """The page's token is an old one by then."""
    lease = desk.lease_id()
    write(desk)
    sign_out(desk.page)
    elsewhere(desk, ada.user)
    desk.press("Control+Enter")
    desk.expect_next(lease)
    assert len(answers_of(ada)) == 1


def test_a_draft_that_is_not_saved_for_it_is_signed_out_is_told(desk: Desk) -> None:
    write(desk)
    sign_out(desk.page)
    desk.page.keyboard.type(" More.")
    expect(desk.note).to_contain_text("You are signed out. Your draft is not saved on the server")
    expect(desk.note.get_by_role("link", name="Sign in and go on")).to_be_visible()
    expect(desk.page.locator("[data-save-state]")).to_have_text("Kept in this browser")


def test_nothing_is_sent_in_another_name(desk: Desk, ada: Annotator) -> None:
    lease = desk.lease_id()
    write(desk)
    sign_out(desk.page)
    elsewhere(desk, make_user("Ben"))
    desk.press("Control+Enter")
    expect(desk.note).to_contain_text("Somebody else is signed in in this browser now.")
    expect(desk.note).to_contain_text(ada.enrollment.pseudonym)
    expect(desk.reason).to_have_value(TEXT)
    assert desk.page.evaluate("JSON.stringify(localStorage)").count(TEXT) == 0
    assert answers_of(ada) == []
    way = desk.note.get_by_role("link", name="Sign out and in again")
    expect(way).to_have_attribute("target", "_blank")
    # Signed in as before, in another tab: the answer goes its way when one comes back to it.
    sign_out(desk.page)
    elsewhere(desk, ada.user)
    desk.page.evaluate("dispatchEvent(new Event('focus'))")
    desk.expect_next(lease)
    (answer,) = answers_of(ada)
    assert answer.answer["reason"] == TEXT


def test_two_tabs_to_sign_in_lead_on(browse: Callable[..., Page], ada: Annotator) -> None:
    first = browse()
    second = first.context.new_page()
    for page in (first, second):
        page.goto(f"/accounts/login/?next=/work/{ada.enrollment.pk}/")
    sign_in(first, ada.user)
    first.wait_for_url(f"**/work/{ada.enrollment.pk}/")
    sign_in(second, ada.user)
    expect(second.get_by_role("heading", level=1)).to_have_text("Not allowed")
    second.get_by_role("link", name="Open the form again").click()
    second.wait_for_url(f"**/work/{ada.enrollment.pk}/")
