"""The guidelines beside the work are those that the answer is stamped with, and a change of them is seen."""

import pytest
from playwright.sync_api import expect

from tests.browser.desk_page import Desk
from tests.browser.page_checks import faults
from tests.browser.records import answers_of
from tests.factories import publish_guidelines
from tests.people import Annotator

pytestmark = pytest.mark.browser
MINOR = "# Be fair\n\nRead both, twice."
MAJOR = "# Be fair\n\nRead both, thrice.\n\n## Ties\n\nNone."
# In one go, before the page can tell that the drawer closed: the focus is still on the button that opened it.
CLOSE_AND_CHOOSE = """() => {
  document.getElementById("desk-guideline").hidePopover();
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "1", bubbles: true, cancelable: true }));
  return Boolean(document.activeElement.closest("[data-guideline-changed]"));
}"""


def in_drawer(desk: Desk, text: str) -> None:
    """Whether the drawer shows `text`: opened, read and closed."""
    drawer = desk.page.locator("#desk-guideline")
    desk.press("g")
    expect(drawer).to_be_visible()
    expect(drawer).to_contain_text(text)
    desk.press("g")
    expect(drawer).to_be_hidden()


def versions(annotator: Annotator) -> list[int]:
    """The guideline versions of the annotator's answers, oldest answer first."""
    return [answer.guideline_version.number for answer in answers_of(annotator)]


def test_a_minor_version_comes_with_the_next_item_and_is_told(desk: Desk, ada: Annotator) -> None:
    lease = desk.lease_id()
    publish_guidelines(ada.enrollment.project, MINOR, "minor")
    in_drawer(desk, "version 1")
    desk.press("1", "Enter")
    desk.expect_next(lease)
    news = desk.page.locator("[data-guideline-changed]")
    expect(news).to_contain_text("judge this item by version 2")
    expect(desk.page.locator("#announcer")).to_contain_text("The guidelines changed")
    assert faults(desk.page) == []
    news.get_by_role("button", name="See what changed").click()
    drawer = desk.page.locator("#desk-guideline")
    expect(drawer).to_contain_text("version 2")
    expect(drawer.get_by_role("heading", name="What changed since version 1")).to_be_visible()
    expect(drawer.locator(".diff ins")).to_contain_text(", twice")
    assert faults(desk.page) == []
    lease = desk.lease_id()
    assert desk.page.evaluate(CLOSE_AND_CHOOSE) is False, "Enter would press the notice's button"
    desk.press("Enter")
    desk.expect_next(lease)
    expect(desk.lease).to_be_visible()
    expect(news).to_have_count(0)
    in_drawer(desk, "Read both, twice.")
    assert desk.page.locator("#desk-guideline").count() == 1


def test_a_major_version_waits_for_the_lease_to_end(desk: Desk, ada: Annotator) -> None:
    publish_guidelines(ada.enrollment.project, MAJOR, "major")
    desk.page.reload()
    in_drawer(desk, "version 1")
    in_drawer(desk, "Version 2 applies from your next item on.")
    desk.press("1", "Enter")
    desk.page.wait_for_url("**/guideline/")
    changes = desk.page.locator("#changes")
    expect(changes.get_by_role("heading")).to_have_text("What changed since version 1")
    expect(changes).to_contain_text("## Ties")
    rule = desk.page.locator("#R2")
    expect(rule).to_contain_text("Ties")
    rule.get_by_role("link", name="Rule R2").click()
    assert desk.page.url.endswith("#R2")
    assert faults(desk.page) == []
    desk.page.get_by_role("button", name="I have read this and accept it").click()
    expect(desk.lease).to_be_visible()
    in_drawer(desk, "version 2")
    assert versions(ada) == [1]
