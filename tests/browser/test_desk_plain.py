"""The desk without JavaScript: every action is a plain form."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk_page import Desk
from tests.browser.records import answers_of, lease_of, leave_seconds
from tests.browser.watch import Watch
from tests.people import Annotator

pytestmark = pytest.mark.browser


@pytest.fixture
def plain(browse: Callable[..., Page], ada: Annotator) -> Desk:
    """Ada's desk in a browser that runs no scripts."""
    desk = Desk(browse(ada.user, javascript=False))
    desk.open(ada.enrollment)
    assert desk.has_work()
    return desk


def submit(desk: Desk, choice: str, reason: str = "") -> None:
    desk.page.locator(f"label:has([data-choose='{choice}'])").last.click()
    desk.reason.fill(reason)
    desk.submit_button.click()


def test_judged_to_the_end(plain: Desk, ada: Annotator) -> None:
    for choice in ("1", "tie", "2", "1"):
        lease = plain.lease_id()
        submit(plain, choice, "In plain words.")
        plain.expect_next(lease)
    expect(plain.empty).to_contain_text("Nothing waits for you here")
    answers = answers_of(ada)
    assert len(answers) == 4
    assert {answer.answer["reason"] for answer in answers} == {"In plain words."}


def test_nothing_is_sent_without_a_choice(plain: Desk, ada: Annotator) -> None:
    lease = plain.lease_id()
    plain.submit_button.click()
    assert plain.lease_id() == lease
    assert answers_of(ada) == []


def test_returned(plain: Desk, ada: Annotator) -> None:
    lease = plain.lease_id()
    plain.page.get_by_role("button", name="Return this item").click()
    plain.page.get_by_label("I know where this comes from").check()
    plain.page.get_by_role("button", name="Return and take another").click()
    plain.expect_next(lease)
    assert lease_of(ada, lease).return_reason == "conflict"


def test_sent_again_from_the_history(plain: Desk, ada: Annotator, watch: Watch) -> None:
    watch.allow("status of 409")
    lease = plain.lease_id()
    submit(plain, "1")
    plain.expect_next(lease)
    plain.page.go_back()
    if plain.lease_id() == lease:
        submit(plain, "2")
        expect(plain.over).to_contain_text("Another answer to this item is already saved")
    assert len(answers_of(ada)) == 1


def test_a_lease_that_ran_out_is_explained(plain: Desk, ada: Annotator, watch: Watch) -> None:
    watch.allow("status of 409")
    lease = plain.lease_id()
    leave_seconds(ada, lease, -3600)
    submit(plain, "1", "Too late.")
    expect(plain.over).to_contain_text("The time for this item is over")
    expect(plain.over.get_by_label("What you wrote")).to_have_value("Too late.")
    plain.page.get_by_role("link", name="Take the next").click()
    assert plain.has_work()
    assert plain.lease_id() != lease
