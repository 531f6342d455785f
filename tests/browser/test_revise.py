"""A returned answer is revised by keyboard, like an answer at the desk."""

import uuid

import pytest
from playwright.sync_api import expect

from projects.review.services import returning
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import Workspace
from tests.browser.desk_page import Desk
from tests.browser.records import answers_of
from tests.browser.watch import Watch
from tests.people import Annotator, make_member
from tests.review.own import at

pytestmark = pytest.mark.browser


def returned(annotator: Annotator) -> uuid.UUID:
    """Send the annotator's only answer back. Returns its id."""
    [answer] = answers_of(annotator)
    with planes.in_workspace(answer.workspace_id):
        workspace = Workspace.objects.get(pk=answer.workspace_id)
    reviewer = make_member(workspace)
    with planes.in_workspace(workspace.pk, reviewer.pk):
        returning.send_back(
            annotation_id=answer.pk, note="Say why, please.", reviewer_id=reviewer.pk
        )
    return answer.pk


def test_revised_by_keyboard_once(desk: Desk, ada: Annotator, watch: Watch) -> None:
    """The page says that it is saved and forgets the draft. A second tab is told the truth and keeps its words."""
    watch.allow(r"status of 409")
    page = desk.page
    lease = desk.lease_id()
    desk.press("1", "Enter")
    desk.expect_next(lease)
    answer = returned(ada)
    page.goto(at(ada, "revise", answer))
    second = page.context.new_page()
    second.goto(at(ada, "revise", answer))
    assert desk.chosen() == "1"
    desk.press("2", "r")
    page.keyboard.type("Now with a reason.")
    desk.press("Control+Enter")
    expect(page.locator("h1")).to_have_text("Your revised answer is saved")
    assert page.evaluate("Object.keys(localStorage).filter(key => key.includes('revise'))") == []
    other = Desk(second)
    other.press("r")
    second.keyboard.type("Other words.")
    other.press("Control+Enter")
    expect(second.locator("h1")).to_have_text("Another revised answer is already saved")
    expect(second.locator("#kept-1")).to_have_value("Other words.")
    desk.press("Enter")
    expect(page.locator("h1")).to_have_text("Decisions")
    expect(page.get_by_text("revised, waits for a decision")).to_be_visible()
