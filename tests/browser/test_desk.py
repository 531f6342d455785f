"""The desk by keyboard: choosing, writing, submitting, returning, and where the focus is."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk_page import Desk
from tests.browser.records import answers_of, lease_of, leave_seconds
from tests.people import Annotator

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("key", "verdict"),
    [("1", "1"), ("a", "1"), ("ArrowLeft", "1"), ("2", "2"), ("B", "2"), ("ArrowRight", "2")]
    + [("0", "tie"), ("t", "tie"), ("=", "tie")],
)
def test_a_key_chooses(desk: Desk, key: str, verdict: str) -> None:
    assert desk.chosen() == ""
    desk.press(key)
    assert desk.chosen() == verdict


def test_what_was_chosen_is_what_stands_there(desk: Desk, ada: Annotator) -> None:
    """Whatever the order shown, the stored choice is the response that the key's position showed."""
    wanted = {}
    while desk.has_work():
        number = len(wanted) % 2
        wanted[desk.item_number()] = desk.responses()[number].split()[0].lower()
        lease = desk.lease_id()
        desk.press(str(number + 1), "Enter")
        desk.expect_next(lease)
    stored = [answer.answer["preference"]["choice"] for answer in answers_of(ada)]
    assert stored == [["first", "second"].index(side) for side in wanted.values()]
    assert len(stored) == 4


def test_enter_without_a_choice_says_what_is_missing(desk: Desk, ada: Annotator) -> None:
    desk.press("Enter")
    expect(desk.note).to_have_text("Choose A, B or a tie first.")
    expect(desk.note).to_have_attribute("role", "alert")
    assert answers_of(ada) == []
    desk.press("1")
    expect(desk.note).to_be_hidden()


def test_keys_rest_while_one_writes(desk: Desk) -> None:
    page, lease = desk.page, desk.lease_id()
    desk.press("2", "r")
    expect(desk.reason).to_be_focused()
    page.keyboard.type("10 = a tie? Better, x. g")
    desk.press("Enter")
    page.keyboard.type("1")
    expect(desk.reason).to_have_value("10 = a tie? Better, x. g\n1")
    assert desk.chosen() == "2"
    expect(page.locator(":popover-open")).to_have_count(0)
    assert desk.lease_id() == lease
    desk.press("Escape")
    expect(desk.reason).not_to_be_focused()
    desk.press("1")
    assert desk.chosen() == "1"
    desk.press("r", "Control+Enter")
    desk.expect_next(lease)


def test_help_return_and_guidelines_are_panels(desk: Desk) -> None:
    page = desk.page
    for key, panel in (("?", "#desk-help"), ("x", "#desk-return")):
        desk.press(key)
        expect(page.locator(panel)).to_be_visible()
        desk.press("1")
        assert desk.chosen() == "", "a panel lies over the desk: its keys rest"
        desk.press(key)
        expect(page.locator(panel)).to_be_hidden()
        desk.press(key, "Escape")
        expect(page.locator(panel)).to_be_hidden()
    desk.press("g")
    expect(page.locator("#desk-guideline")).to_contain_text("Read both.")
    desk.press("1")
    assert desk.chosen() == "1", "guidelines stand beside the work"
    desk.press("g")
    expect(page.locator("#desk-guideline")).to_be_hidden()
    desk.press("?")
    assert page.locator("[data-row-keys] > div").all_inner_texts() == [
        "1 A ←\nA is better",
        "T 0 =\nTie",
        "2 B →\nB is better",
    ]


def test_the_next_lease_takes_the_focus_and_is_announced(desk: Desk) -> None:
    page, lease = desk.page, desk.lease_id()
    page.mouse.wheel(0, 400)
    desk.press("1", "Enter")
    desk.expect_next(lease)
    expect(page.locator("[data-focus]")).to_be_focused()
    expect(page.locator("#announcer")).to_have_text("Next item. 1 today.")
    assert desk.chosen() == ""
    expect(desk.reason).to_have_value("")
    assert page.evaluate("scrollY") == 0


def test_the_tab_order_is_the_reading_order(desk: Desk) -> None:
    page = desk.page
    page.evaluate("document.activeElement.blur()")
    seen = []
    for _ in range(30):
        desk.press("Tab")
        seen.append(page.evaluate(_NAME_OF_FOCUSED))
        if seen[-1] == "Submit":
            break
    wanted = [
        "Skip to content",
        "Leave the desk",
        "Guidelines",
        "Return",
        "better",
        "Why",
        "Submit",
    ]
    places = [next(n for n, name in enumerate(seen) if want in name) for want in wanted]
    assert places == sorted(places), seen
    assert all(seen), "every stop has a name"


_NAME_OF_FOCUSED = """() => {
  const one = document.activeElement;
  const label = one.labels && one.labels.length ? one.labels[one.labels.length - 1].textContent : "";
  const name = one.getAttribute("aria-label") || label || one.querySelector("span")?.textContent || one.textContent;
  return (name || one.className || one.tagName).replace(/\\s+/g, " ").trim();
}"""


def test_the_countdown_runs(desk: Desk, ada: Annotator) -> None:
    countdown = desk.page.locator("[data-countdown]")
    expect(countdown).to_contain_text("left")
    assert "data-soon" not in (countdown.get_attribute("data-soon") or "")
    leave_seconds(ada, desk.lease_id(), 90)
    desk.page.reload()
    expect(countdown).to_have_text(re.compile(r"1:2\d"))
    expect(countdown).to_have_attribute("data-soon", "")
    first = countdown.inner_text()
    expect(countdown).not_to_have_text(first)


def test_returned_with_a_reason(desk: Desk, ada: Annotator) -> None:
    page, lease, prompt = desk.page, desk.lease_id(), desk.prompt()
    desk.press("x")
    page.get_by_label("Harmful or upsetting").check()
    page.get_by_label("Note").fill("Not for me.")
    page.get_by_role("button", name="Return and take another").click()
    desk.expect_next(lease)
    assert desk.prompt() != prompt
    ended = lease_of(ada, lease)
    assert (ended.ended_as, ended.return_reason, ended.return_note) == (
        "returned",
        "harmful",
        "Not for me.",
    )
    assert answers_of(ada) == []


def test_the_order_stays_on_reload(desk: Desk) -> None:
    lease, responses = desk.lease_id(), desk.responses()
    for _ in range(3):
        desk.page.reload()
        assert (desk.lease_id(), desk.responses()) == (lease, responses)


def test_text_size_and_theme_are_kept(desk: Desk) -> None:
    page = desk.page
    body = page.locator(".response-body").first
    before = body.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    page.get_by_role("button", name="Larger text").click()
    after = body.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert after > before
    page.get_by_role("button", name="Switch between light and dark").click()
    page.reload()
    assert body.evaluate("one => parseFloat(getComputedStyle(one).fontSize)") == after
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_signed_out_annotator_keeps_the_answer(desk: Desk, browse: Callable[..., Page]) -> None:
    page = desk.page
    desk.press("1", "r")
    page.keyboard.type("Kept over the sign-in.")
    page.context.clear_cookies(name="sessionid")
    desk.press("Control+Enter")
    expect(desk.note).to_contain_text("You are signed out")
    expect(desk.reason).to_have_value("Kept over the sign-in.")
