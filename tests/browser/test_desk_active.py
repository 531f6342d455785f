"""The desk counts active time: while the page is in view and in use, on after a reload, and anew for the next item."""

import pytest

from tests.browser.desk_page import Desk
from tests.browser.records import answers_of
from tests.people import Annotator

pytestmark = pytest.mark.browser
MINUTE = 60_000


def active(desk: Desk) -> int:
    """The milliseconds that the page has counted, 0 at first."""
    return int(desk.page.locator("[data-active]").input_value() or 0)


def pass_time(desk: Desk, milliseconds: int) -> None:
    """Let the page's clock go on, as fast as the page can."""
    desk.page.clock.run_for(milliseconds)


@pytest.fixture
def timed(desk: Desk) -> Desk:
    """The desk with a clock that the test moves."""
    desk.page.clock.install()
    desk.page.reload()
    desk.page.clock.pause_at(desk.page.evaluate("Date.now()") + 1_000)
    return desk


def test_time_counts_while_the_page_is_used(timed: Desk) -> None:
    timed.press("1")
    before = active(timed)
    pass_time(timed, 30_000)
    assert active(timed) - before == pytest.approx(30_000, abs=600)
    pass_time(timed, 5 * MINUTE)
    assert active(timed) - before == pytest.approx(2 * MINUTE, abs=1_200), "nobody was there"
    timed.page.mouse.move(40, 50)
    pass_time(timed, 10_000)
    assert active(timed) - before == pytest.approx(2 * MINUTE + 10_000, abs=1_800)


def test_time_does_not_count_while_the_page_is_hidden(timed: Desk) -> None:
    timed.press("1")
    before = active(timed)
    timed.page.evaluate(
        "Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    pass_time(timed, 30_000)
    assert active(timed) - before < 600
    timed.page.evaluate(
        "delete document.visibilityState; document.dispatchEvent(new Event('visibilitychange'))"
    )
    pass_time(timed, 10_000)
    assert active(timed) - before == pytest.approx(10_000, abs=1_200)


def test_a_reload_goes_on_and_the_next_item_begins_anew(desk: Desk, ada: Annotator) -> None:
    desk.press("1", "r")
    desk.page.keyboard.type("Clearer.")
    desk.page.wait_for_timeout(2_000)
    before = active(desk)
    assert before >= 1_500
    desk.page.locator("[data-save-state]", has_text="Draft saved").wait_for()
    desk.page.reload()
    assert active(desk) >= before - 1_500
    lease = desk.lease_id()
    desk.press("Control+Enter")
    desk.expect_next(lease)
    assert active(desk) < 1_500
    [answer] = answers_of(ada)
    assert (before - 1_500) / 1_000 <= answer.seconds
