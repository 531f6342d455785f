"""The desk counts how much of a text was pasted: what was typed, moved or deleted does not count, a reload does."""

import pytest
from playwright.sync_api import expect

from tests.browser.desk_page import Desk
from tests.browser.records import answers_of
from tests.people import Annotator

pytestmark = pytest.mark.browser
TYPED = "Ten chars."


def copy_prompt(desk: Desk) -> str:
    """Copy the item's prompt as a person does, by selecting it. Returns its text."""
    desk.page.locator(".prompt .reading").last.select_text()
    desk.press("Control+c")
    return desk.prompt()


def percent(desk: Desk) -> str:
    return desk.page.locator("[data-pasted]").input_value()


def type_first(desk: Desk) -> None:
    desk.press("1", "r")
    desk.page.keyboard.type(TYPED)


def test_pasted_characters_are_counted_until_they_are_deleted(desk: Desk, ada: Annotator) -> None:
    text = copy_prompt(desk)
    assert percent(desk) == ""
    type_first(desk)
    assert percent(desk) == "0"
    desk.press("Control+v")
    expect(desk.reason).to_have_value(TYPED + text)
    share = round(100 * len(text) / len(TYPED + text))
    assert percent(desk) == str(share)
    desk.press("Control+a", "Control+v")
    assert percent(desk) == "100"
    desk.press("Control+a")
    desk.page.keyboard.type(TYPED)
    assert percent(desk) == "0"
    desk.press("Control+v")
    for _ in text:
        desk.press("Backspace")
    assert percent(desk) == "0"
    desk.press("Control+a", "Backspace")
    assert percent(desk) == ""
    desk.page.keyboard.type(TYPED)
    desk.press("Control+v")
    lease = desk.lease_id()
    desk.press("Control+Enter")
    desk.expect_next(lease)
    [answer] = answers_of(ada)
    assert answer.pasted_percent == share and answer.answer["reason"] == TYPED + text


def test_ones_own_text_that_is_moved_is_not_pasted(desk: Desk) -> None:
    type_first(desk)
    desk.press("Control+a", "Control+x")
    desk.page.keyboard.type("Before. ")
    desk.press("Control+v")
    expect(desk.reason).to_have_value(f"Before. {TYPED}")
    assert percent(desk) == "0"


def test_what_is_undone_does_not_count_and_what_is_redone_does(desk: Desk) -> None:
    text = copy_prompt(desk)
    type_first(desk)
    desk.press("Control+v")
    share = percent(desk)
    assert int(share) > 0
    desk.press("Control+z")
    expect(desk.reason).to_have_value(TYPED)
    assert percent(desk) == "0"
    desk.press("Control+Shift+z")
    expect(desk.reason).to_have_value(TYPED + text)
    assert percent(desk) == share
    desk.press("Control+a", "Delete")
    assert percent(desk) == ""
    desk.press("Control+z")
    expect(desk.reason).to_have_value(TYPED + text)
    assert percent(desk) == share, "a pasted text that comes back is still pasted"


def test_after_a_reload_it_is_known_which_part_was_pasted(desk: Desk) -> None:
    text = copy_prompt(desk)
    type_first(desk)
    desk.press("Control+v")
    expect(desk.page.locator("[data-save-state]")).to_have_text("Draft saved")
    desk.page.reload()
    expect(desk.reason).to_have_value(TYPED + text)
    desk.press("r", "Control+End")
    for _ in text:
        desk.press("Backspace")
    expect(desk.reason).to_have_value(TYPED)
    assert percent(desk) == "0"


def test_of_a_draft_from_another_browser_the_share_is_known(desk: Desk) -> None:
    text = copy_prompt(desk)
    type_first(desk)
    desk.press("Control+v")
    share = int(percent(desk))
    expect(desk.page.locator("[data-save-state]")).to_have_text("Draft saved")
    desk.page.evaluate("localStorage.clear()")
    desk.page.reload()
    expect(desk.reason).to_have_value(TYPED + text)
    assert percent(desk) == str(share)
    desk.press("r", "Control+End")
    for _ in text[: len(text) // 2]:
        desk.press("Backspace")
    assert abs(int(percent(desk)) - share) <= 6
    desk.press("Control+a", "Backspace")
    assert percent(desk) == ""


def test_a_reload_does_not_forget_it(desk: Desk) -> None:
    text = copy_prompt(desk)
    type_first(desk)
    desk.press("Control+v")
    before = percent(desk)
    expect(desk.page.locator("[data-save-state]")).to_have_text("Draft saved")
    desk.page.reload()
    expect(desk.reason).to_have_value(TYPED + text)
    assert percent(desk) == before
    desk.press("r")
    desk.page.keyboard.type("x")
    assert abs(int(percent(desk)) - round(100 * len(text) / len(f"{TYPED}{text}x"))) <= 2
