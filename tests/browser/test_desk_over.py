"""The desk says at once, and truly, what became of an answer that was not saved."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk_page import Desk
from tests.browser.page_checks import faults
from tests.browser.records import answers_of, leave_seconds
from tests.browser.watch import Watch
from tests.factories import make_batch, make_project, make_workspace
from tests.people import Annotator, make_annotator

pytestmark = pytest.mark.browser
TEXT = "Half a thought"


@pytest.fixture(autouse=True)
def _conflicts_are_meant(watch: Watch) -> None:
    """Allow the line that Chromium writes to its console for a status of 400 and above."""
    watch.allow(r"status of 409")


def write(desk: Desk, choice: str = "2") -> None:
    desk.press(choice, "r")
    desk.page.keyboard.type(TEXT)


def let_time_run_out(desk: Desk, annotator: Annotator) -> None:
    """Type a text, then move the clocks of page and server forward; the page's clock then stops."""
    desk.page.clock.install()
    desk.page.reload()
    write(desk)
    expect(desk.page.locator("[data-save-state]")).to_have_text("Draft saved")
    leave_seconds(annotator, desk.lease_id(), -3600)
    desk.page.clock.pause_at(datetime.now().astimezone() + timedelta(minutes=31))


def test_the_end_of_the_time_is_told_at_once(desk: Desk, ada: Annotator) -> None:
    lease = desk.lease_id()
    let_time_run_out(desk, ada)
    panel = desk.page.locator("[data-over]")
    expect(panel).to_be_visible()
    expect(panel).to_have_attribute("role", "alert")
    expect(panel).to_contain_text("No answer to it was submitted, so it is not paid.")
    expect(panel).to_contain_text("What you wrote is kept in this browser")
    desk.page.clock.resume()  # the checks of accessibility wait by it
    assert faults(desk.page) == []
    # Nothing can be changed or sent any more; what was typed can be read and copied.
    expect(desk.reason).to_have_value(TEXT)
    expect(desk.reason).to_have_attribute("readonly", "")
    expect(desk.submit_button).to_be_hidden()
    desk.press("1")
    assert desk.chosen() == "2"
    desk.page.wait_for_timeout(1200)
    desk.press("Enter")
    desk.expect_next(lease)
    expect(desk.lease).to_be_visible()
    expect(desk.reason).to_have_value("")
    assert answers_of(ada) == []


def test_a_hand_still_typing_does_not_leave_the_page(desk: Desk, ada: Annotator) -> None:
    lease = desk.lease_id()
    let_time_run_out(desk, ada)
    expect(desk.page.locator("[data-over]")).to_be_visible()
    desk.press("Enter")
    assert desk.lease_id() == lease
    expect(desk.reason).to_have_value(TEXT)


def test_a_refused_draft_tells_why(desk: Desk, ada: Annotator) -> None:
    """The draft of another tab's item: it was submitted, and no time ran out."""
    other = Desk(desk.page.context.new_page())
    other.open(ada.enrollment)
    lease = desk.lease_id()
    desk.press("1", "Enter")
    desk.expect_next(lease)
    write(other)
    panel = other.page.locator("[data-over]")
    expect(panel).to_contain_text("was submitted already")
    expect(panel).not_to_contain_text("time")
    expect(other.page.locator("[data-save-state]")).not_to_contain_text("Draft saved")
    expect(other.reason).to_have_value(TEXT)


def test_of_two_tabs_the_refused_one_is_told_the_truth(desk: Desk, ada: Annotator) -> None:
    other = Desk(desk.page.context.new_page())
    other.open(ada.enrollment)
    write(other)
    expect(other.page.locator("[data-save-state]")).to_have_text("Draft saved")
    lease = desk.lease_id()
    desk.press("1", "Enter")
    desk.expect_next(lease)
    other.press("Control+Enter")
    expect(other.over).to_contain_text("Another answer to this item is already saved")
    expect(other.over).to_contain_text("was not saved")
    expect(other.over).not_to_contain_text("This answer is already saved")
    expect(other.over.get_by_label("What you wrote, not saved")).to_have_value(TEXT)
    assert faults(other.page) == []
    assert len(answers_of(ada)) == 1


def test_the_same_answer_of_two_tabs_is_saved(desk: Desk, ada: Annotator) -> None:
    other = Desk(desk.page.context.new_page())
    other.open(ada.enrollment)
    lease = desk.lease_id()
    desk.press("1", "Enter")
    desk.expect_next(lease)
    other.press("1", "Enter")
    expect(other.over).to_contain_text("This answer is already saved")
    assert len(answers_of(ada)) == 1


def test_what_is_not_at_the_server_is_not_called_saved(desk: Desk, watch: Watch) -> None:
    watch.allow(r"net::ERR_")
    state = desk.page.locator("[data-save-state]")
    desk.page.context.set_offline(True)
    write(desk)
    expect(state).to_have_text("Kept in this browser")
    desk.page.context.set_offline(False)
    desk.page.keyboard.type("!")
    expect(state).to_have_text("Draft saved")
    desk.page.evaluate(
        "() => { Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') } }"
    )
    desk.page.context.set_offline(True)
    desk.page.keyboard.type("!")
    expect(state).to_have_text("Draft not saved")


def test_a_choice_cannot_change_while_it_is_sent(desk: Desk, ada: Annotator) -> None:
    page, lease = desk.page, desk.lease_id()
    first = desk.responses()[0].split()[0].lower()
    held: list[Any] = []
    page.route("**/submit/", lambda route: held.append(route))
    desk.press("1", "Enter")
    expect(page.locator("[data-lease-form]")).to_have_js_property("inert", True)
    desk.press("2")
    assert desk.chosen() == "1"
    expect(desk.note).to_have_text("Your answer is being sent: it cannot be changed now.")
    page.locator("label.response-head").last.click(force=True)
    assert desk.chosen() == "1"
    held[0].continue_()
    desk.expect_next(lease)
    (answer,) = answers_of(ada)
    assert answer.answer["preference"]["choice"] == ["first", "second"].index(first)


def test_a_text_comes_back_with_its_item(browse: Callable[..., Page]) -> None:
    """Under a lease of its own, with response keys of its own."""
    project = make_project(make_workspace())
    make_batch(project, items=1)
    person = make_annotator(project)
    desk = Desk(browse(person.user))
    desk.open(person.enrollment)
    write(desk)
    expect(desk.page.locator("[data-save-state]")).to_have_text("Draft saved")
    lease = desk.lease_id()
    leave_seconds(person, lease, -3600)
    desk.page.reload()
    expect(desk.lease).to_be_visible()
    assert desk.lease_id() != lease
    expect(desk.reason).to_have_value(TEXT)


def test_drafts_of_somebody_else_are_removed(
    desk: Desk, ada: Annotator, browse: Callable[..., Page]
) -> None:
    write(desk)
    mine = "Object.keys(localStorage).filter(name => name.startsWith('rlhfhub.draft.')).length"
    assert desk.page.evaluate(mine) == 1
    desk.page.goto("/work/")
    assert desk.page.evaluate(mine) == 1
    desk.page.evaluate(
        """() => {
          const name = Object.keys(localStorage).find(name => name.startsWith('rlhfhub.draft.'));
          const entry = JSON.parse(localStorage.getItem(name));
          localStorage.setItem(name + '2', JSON.stringify({...entry, person: 'somebody else'}));
        }"""
    )
    desk.page.goto("/work/")
    assert desk.page.evaluate(mine) == 1
    desk.page.get_by_role("button", name="Account menu").click()
    desk.page.get_by_role("button", name="Sign out").click()
    desk.page.wait_for_url("**/")
    assert desk.page.evaluate(mine) == 0
