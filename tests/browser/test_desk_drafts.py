"""Nothing written at the desk is lost or counted twice: reloads, a dead network, two tabs, a lease that ran out."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from rlhfhub.devtools.waiting import wait_until
from tests.browser.desk_page import Desk
from tests.browser.records import answers_of, lease_of, leave_seconds
from tests.browser.site import Site
from tests.browser.watch import Watch
from tests.people import Annotator

pytestmark = pytest.mark.browser
TEXT = "Half a thought"
OFFLINE = r"net::ERR_|htmx:(afterRequest|sendError|timeout)"
SWEEP_SECONDS = 30


def write(desk: Desk) -> None:
    desk.press("2", "r")
    desk.page.keyboard.type(TEXT)


def expect_written(desk: Desk) -> None:
    expect(desk.reason).to_have_value(TEXT)
    assert desk.chosen() == "2"


def test_a_draft_survives_a_reload_at_once(desk: Desk) -> None:
    write(desk)
    desk.page.reload()
    expect_written(desk)


def test_a_draft_is_there_on_another_device(
    desk: Desk, ada: Annotator, browse: Callable[..., Page]
) -> None:
    write(desk)
    expect(desk.page.locator("[data-save-state]")).to_have_text("Draft saved")
    other = Desk(browse(ada.user))
    other.open(ada.enrollment)
    assert other.lease_id() == desk.lease_id()
    expect_written(other)


def submit_offline(desk: Desk, watch: Watch) -> str:
    """Writes and sends without a network. Returns the lease."""
    watch.allow(OFFLINE)
    lease = desk.lease_id()
    write(desk)
    desk.page.context.set_offline(True)
    desk.press("Control+Enter")
    expect(desk.note).to_contain_text("You are offline.")
    return lease


def test_an_answer_waits_for_the_network(desk: Desk, ada: Annotator, watch: Watch) -> None:
    lease = submit_offline(desk, watch)
    expect_written(desk)
    assert answers_of(ada) == []
    desk.page.context.set_offline(False)
    desk.expect_next(lease)
    (answer,) = answers_of(ada)
    assert answer.answer["reason"] == TEXT


def test_a_reload_does_not_lose_what_was_not_sent(desk: Desk, ada: Annotator, watch: Watch) -> None:
    lease = submit_offline(desk, watch)
    # Straight to a reload when the network is back, before it is sent again by itself.
    desk.page.evaluate(
        "addEventListener('online', (event) => event.stopImmediatePropagation(), true)"
    )
    desk.page.context.set_offline(False)
    desk.page.reload()
    if desk.lease_id() == lease:
        expect_written(desk)
        expect(desk.note).to_contain_text("not sent yet")
        desk.press("Enter")
        desk.expect_next(lease)
    assert len(answers_of(ada)) == 1


def test_an_answer_survives_a_restart_of_the_site(
    desk: Desk, ada: Annotator, site: Site, watch: Watch
) -> None:
    watch.allow(OFFLINE)
    lease = desk.lease_id()
    write(desk)
    site.end_web()
    try:
        desk.press("Control+Enter")
        expect(desk.note).to_contain_text(re.compile("offline|busy|not answer"))
        expect_written(desk)
    finally:
        site.start_web()
    expect(desk.page.locator(f"[data-lease='{lease}']")).to_have_count(0, timeout=60_000)
    (answer,) = answers_of(ada)
    assert answer.answer["reason"] == TEXT


def test_a_server_that_never_answers_is_asked_again(
    desk: Desk, ada: Annotator, watch: Watch
) -> None:
    watch.allow(OFFLINE)
    page, lease = desk.page, desk.lease_id()
    asked: list[str] = []
    page.route(
        "**/submit/",
        lambda route: route.continue_() if asked else asked.append(route.request.url),
    )
    page.evaluate("htmx.config.timeout = 500")
    write(desk)
    desk.press("Control+Enter")
    expect(desk.note).to_contain_text("The server does not answer.")
    expect_written(desk)
    desk.expect_next(lease)
    assert len(answers_of(ada)) == 1


def test_hasty_fingers_submit_once(desk: Desk, ada: Annotator) -> None:
    sent: list[str] = []
    page, lease = desk.page, desk.lease_id()
    page.on("request", lambda request: sent.append(request.url) if _is_submit(request) else None)
    page.route("**/submit/", lambda route: (page.wait_for_timeout(300), route.continue_()))
    desk.press("1")
    for _ in range(5):
        desk.press("Enter")
    desk.submit_button.click(force=True)
    desk.expect_next(lease)
    page.wait_for_timeout(500)
    assert len(sent) == 1
    assert len(answers_of(ada)) == 1


def _is_submit(request: Request) -> bool:
    return request.method == "POST" and request.url.endswith("/submit/")


def test_the_same_answer_sent_twice_counts_once(desk: Desk, ada: Annotator) -> None:
    """Two requests side by side, as a broken network makes them."""
    desk.press("1")
    statuses = desk.page.evaluate(
        """() => {
          const form = document.querySelector("[data-lease-form]");
          const headers = {"HX-Request": "true"};
          const send = () => fetch(form.action, {method: "POST", body: new FormData(form), headers});
          return Promise.all([send(), send(), send()].map(sent => sent.then(answer => answer.status)));
        }"""
    )
    assert sorted(statuses) == [200, 409, 409]
    assert len(answers_of(ada)) == 1


@pytest.fixture(autouse=True)
def _conflicts_are_meant(watch: Watch) -> None:
    """Allow the line that Chromium writes to its console for a status of 400 and above."""
    watch.allow(r"status of 409")


def test_two_tabs_hold_the_same_lease(desk: Desk, ada: Annotator) -> None:
    other = Desk(desk.page.context.new_page())
    other.open(ada.enrollment)
    lease = desk.lease_id()
    assert (other.lease_id(), other.responses()) == (lease, desk.responses())
    desk.press("1", "Enter")
    desk.expect_next(lease)
    other.press("2", "Enter")
    expect(other.over).to_contain_text("Another answer to this item is already saved")
    other.press("Enter")
    expect(other.lease).to_be_visible()
    assert other.lease_id() == desk.lease_id() != lease
    assert len(answers_of(ada)) == 1


@pytest.mark.parametrize("swept", [True, False])
def test_a_lease_that_ran_out_is_explained(desk: Desk, ada: Annotator, swept: bool) -> None:
    """Whether the scheduler has swept it or the clock alone says so."""
    lease = desk.lease_id()
    write(desk)
    # A draft that is being sent would be announced first.
    expect(desk.page.locator("[data-save-state]")).to_have_text("Draft saved")
    leave_seconds(ada, lease, -3600)
    if swept:
        wait_until(
            lambda: lease_of(ada, lease).ended_as == "expired", SWEEP_SECONDS, "the sweep of leases"
        )
    desk.press("Control+Enter")
    expect(desk.over).to_contain_text("The time for this item is over")
    expect(desk.over.get_by_label("What you wrote")).to_have_value(TEXT)
    assert answers_of(ada) == []
    desk.press("Enter")
    expect(desk.lease).to_be_visible()
    assert desk.lease_id() != lease
    expect(desk.reason).to_have_value("")
    assert desk.chosen() == ""
