"""The desk for every kind of question: graded scales and ratings by keyboard, by plain forms, and on any layout."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from projects.plan.models import Form, Project
from rlhfhub.tenancy import planes
from tests.browser.desk_page import Desk
from tests.browser.page_checks import WIDTHS, faults, height, look
from tests.browser.records import answers_of, lease_of
from tests.browser.site import Site
from tests.factories import make_batch, make_project, make_workspace
from tests.people import Annotator, make_annotator

pytestmark = pytest.mark.browser

OVERALL = {"name": "overall", "kind": "preference", "title": "Better overall?", "scale": "seven"}
SAFER = {"name": "safer", "kind": "preference", "title": "Which is safer?", "allow_tie": True}
REASON = {"name": "reason", "kind": "text", "title": "Why?", "required": True}


def annotator_of(template: str, questions: list[dict[str, Any]] | None = None) -> Annotator:
    """Create an annotator with work in a project of this template, or of a form with these questions."""
    project = make_project(make_workspace(), template=template)
    if questions:
        _ask(project, questions)
    make_batch(project, items=3)
    return make_annotator(project)


def _ask(project: Project, questions: list[dict[str, Any]]) -> None:
    with planes.in_workspace(project.workspace_id):
        form = Form.objects.create(
            workspace_id=project.workspace_id, project=project, version=2, questions=questions
        )
        Project.objects.filter(pk=project.pk).update(form=form)


@pytest.fixture
def open_desk(browse: Callable[..., Page], site: Site) -> Callable[..., Desk]:
    """`open_desk(annotator)` is the desk of an annotator with a lease on it."""

    def opened(annotator: Annotator, **options: Any) -> Desk:
        desk = Desk(browse(annotator.user, **options))
        desk.open(annotator.enrollment)
        assert desk.has_work()
        return desk

    return opened


@pytest.mark.parametrize(
    ("template", "key", "side", "strength"),
    [("likert5", "5", 1, 2), ("seven", "3", 0, 1), ("eight", "1", 0, 4)],
)
def test_a_graded_scale_by_keyboard(
    open_desk: Callable[..., Desk], template: str, key: str, side: int, strength: int
) -> None:
    person = annotator_of(template)
    desk = open_desk(person)
    lease, texts = desk.lease_id(), desk.responses()
    desk.press("Enter")
    expect(desk.note).to_have_text("Choose a step from A to B first.")
    desk.press("2", key)
    assert desk.chosen() == key
    expect(desk.note).to_be_hidden()
    desk.press("Enter")
    desk.expect_next(lease)
    [answer] = answers_of(person)
    stored = 0 if texts[side].startswith("First") else 1
    assert answer.answer == {"preference": {"choice": stored, "strength": strength}}
    judged = (-1, 1)[stored] * strength
    assert (answer.units, answer.judged) == (["preference@0-1"], [judged])


def test_about_the_same_and_both_bad_by_keyboard(open_desk: Callable[..., Desk]) -> None:
    for template, key, stored, value in (
        ("seven", "t", "tie", 0),
        ("pairwise_both_bad", "3", "both_bad", 2),
    ):
        person = annotator_of(template)
        desk = open_desk(person)
        lease = desk.lease_id()
        desk.press(key, "Enter")
        desk.expect_next(lease)
        [answer] = answers_of(person)
        assert answer.answer == {"preference": {"choice": stored}}
        assert answer.judged == [value]


def rated(desk: Desk) -> list[str]:
    """The steps chosen, in the order of the page."""
    ticked = desk.page.locator("[data-choose]:checked").all()
    return [one.get_attribute("data-choose") or "" for one in ticked]


def in_stored_order(person: Annotator, lease: str, by_position: list[int]) -> list[int]:
    shown = lease_of(person, lease).shown
    return [by_position[shown.index(index)] for index in range(len(shown))]


def test_a_rating_of_each_response_by_keyboard(open_desk: Callable[..., Desk]) -> None:
    """The focus moves from row to row, response by response; digits choose."""
    person = annotator_of("ratings")
    desk = open_desk(person)
    lease = desk.lease_id()
    desk.press("4", "3", "0")
    assert rated(desk) == ["4", "3", "0"]
    desk.press("Enter")
    expect(desk.note).to_have_text("Rate response B first: Correctness")
    expect(desk.page.locator("[data-current] legend")).to_have_text("Response B: Correctness")
    desk.press("9")
    assert len(rated(desk)) == 3, "no such step"
    desk.press("1")
    expect(desk.note).to_be_hidden()
    desk.press("2")
    assert rated(desk) == ["4", "3", "0", "2"], "the last row stays the current one"
    desk.press("Shift+Tab", "1", "Enter")
    desk.expect_next(lease)
    [answer] = answers_of(person)
    assert answer.answer == {
        "helpfulness": in_stored_order(person, lease, [4, 1]),
        "correctness": in_stored_order(person, lease, [3, 2]),
    }
    helpful, correct = answer.answer["helpfulness"], answer.answer["correctness"]
    assert answer.units == [
        f"{name}@{n}" for name in ("helpfulness", "correctness") for n in (0, 1)
    ]
    assert answer.judged == [*helpful, *correct]


def test_a_rating_by_a_plain_form(open_desk: Callable[..., Desk]) -> None:
    person = annotator_of("ratings")
    desk = open_desk(person, javascript=False)
    lease = desk.lease_id()
    desk.submit_button.click()
    assert desk.lease_id() == lease
    assert answers_of(person) == [], "the browser asks for what is required"
    for response, numbers in (("1", (4, 3)), ("2", (0, 2))):
        for question, number in zip(("helpfulness", "correctness"), numbers, strict=True):
            group = desk.page.locator(f".response-{response} input[name^='{question}.']")
            group.and_(desk.page.locator(f"[value='{number}']")).check()
    desk.reason.fill("In plain words.")
    desk.submit_button.click()
    desk.expect_next(lease)
    [answer] = answers_of(person)
    assert answer.answer == {
        "helpfulness": in_stored_order(person, lease, [4, 0]),
        "correctness": in_stored_order(person, lease, [3, 2]),
        "reason": "In plain words.",
    }


def test_a_draft_of_a_rating_survives_a_reload(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(annotator_of("ratings"))
    desk.press("4", "3")
    expect(desk.page.locator("[data-save-state]")).to_have_text("Draft saved")
    desk.page.evaluate("localStorage.clear()")
    desk.page.reload()
    assert rated(desk) == ["4", "3"]
    desk.press("1")
    assert rated(desk) == ["4", "3", "1"], "the first open row is the current one"


def test_several_questions_are_asked_together(open_desk: Callable[..., Desk]) -> None:
    person = annotator_of("pairwise", [OVERALL, SAFER, REASON])
    desk = open_desk(person)
    lease = desk.lease_id()
    for title in ("Better overall?", "Which is safer?"):
        expect(desk.page.locator(".dock legend").get_by_text(title)).to_be_visible()
    desk.press("Enter")
    expect(desk.note).to_have_text("Choose a step from A to B first: Better overall?")
    desk.press("7", "Enter")
    expect(desk.note).to_have_text("Choose A, B or a tie first: Which is safer?")
    desk.press("t", "Enter")
    expect(desk.note).to_have_text("Write an answer first: Why?")
    expect(desk.reason).to_be_focused()
    desk.page.keyboard.type("Both are kind.")
    desk.press("Control+Enter")
    desk.expect_next(lease)
    [answer] = answers_of(person)
    assert answer.answer["overall"]["strength"] == 3
    assert answer.answer["safer"] == {"choice": "tie"}
    assert answer.answer["reason"] == "Both are kind."


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
def test_every_kind_looks_right(
    browse: Callable[..., Page], site: Site, screenshots: Path, width: int
) -> None:
    """Wide and narrow, light and dark, before and after an answer: accessible, and nothing sticks out."""
    found = []
    for template in ("likert5", "seven", "eight", "ratings", "pairwise_both_bad"):
        person = annotator_of(template)
        desk = Desk(browse(person.user, width=width, height=height(width)))
        desk.open(person.enrollment)
        assert desk.has_work()
        found += look(desk.page, screenshots / f"desk-{template}-{width}", whole=False)
        desk.press("2", "3")
        found += look(desk.page, screenshots / f"desk-{template}-answered-{width}", whole=False)
        desk.press("?")
        found += faults(desk.page)
    assert found == []


# key and code as the browser reports them, and what is chosen: see the layouts' names.
LAYOUTS = [
    *[("1", "Digit1", "1"), ("a", "KeyA", "1"), ("1", "Numpad1", "1"), ("b", "KeyN", "2")],
    *[("ф", "KeyA", "1"), ("е", "KeyT", "tie"), ("и", "KeyB", "2")],  # Russian
    *[("ש", "KeyA", "1"), ("ش", "KeyA", "1"), ("١", "Digit1", "1"), ("۱", "Digit1", "1")],
    *[("α", "KeyA", "1"), ("ㅁ", "KeyA", "1"), ("１", "Digit1", "1")],  # Greek, Korean, full width
    *[("&", "Digit1", "1"), ("é", "Digit2", "2"), ("à", "Digit0", "tie")],  # AZERTY
    *[("Process", "KeyA", "1"), ("q", "KeyA", ""), ("End", "Numpad1", ""), ("Dead", "Quote", "")],
]


def test_keys_choose_on_every_layout(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(annotator_of("pairwise"))
    wrong = []
    for key, code, wanted in LAYOUTS:
        desk.page.evaluate(_PRESS, [key, code])
        if desk.chosen() != wanted:
            wrong.append((key, code, desk.chosen()))
    assert wrong == []
    desk.page.evaluate(_PRESS, ["к", "KeyR"])
    expect(desk.reason).to_be_focused()


_PRESS = """([key, code]) => {
  document.querySelectorAll("[data-choose]").forEach((one) => { one.checked = false; });
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }));
}"""
