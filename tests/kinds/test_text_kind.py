"""The text kind: what may be written, the plain form, and that nothing of it is lost."""

from typing import Any

import pytest

from projects.kinds import form, text

REASON = {"name": "reason", "kind": "text", "title": "Why?", "required": False, "max_chars": 40}


@pytest.mark.parametrize("value", [1, 1.5, True, ["a"], {"a": 1}, "a\x00b", "\ud800", "\udfffx"])
def test_text_that_cannot_be_stored_is_refused(value: Any) -> None:
    assert text.check_answer(REASON, value, [])


def test_text_is_kept_byte_for_byte() -> None:
    strange = " \r\n\u202e\ufeff<b>&amp; 🙂 e\u0301 "
    assert text.check_answer(REASON, strange, []) == []
    assert form.restore_answer([REASON], {"reason": strange}, [], [])["reason"] == strange


def test_blank_is_no_answer_to_a_required_text() -> None:
    asked = [{**REASON, "required": True}]
    assert [one["field"] for one in form.check_answer(asked, {"reason": " \n"}, [])] == ["reason"]


def test_a_plain_form_has_one_field() -> None:
    assert text.read_form(REASON, {"reason": "Two\r\nlines"}, []) == "Two\nlines"
    assert text.read_form(REASON, {"reason": "x" * 99}, []) == "x" * 99
    assert text.read_form(REASON, {"reason": " \r\n"}, []) is None
    assert text.read_form(REASON, {}, []) is None


def test_text_is_not_judged() -> None:
    assert text.scale(REASON) is None
    assert text.judgments(REASON, "Because.") == []
    assert text.hit(REASON, "a", "a") is None
    assert text.agree(REASON, "a", "a") is None
    assert text.constants(REASON, []) == []
    assert text.marks(REASON, "a") == {}


def test_the_summary_is_the_text() -> None:
    assert text.summarize(REASON, "Because.", [1, 0]) == "Because."


@pytest.mark.parametrize(
    ("item", "good"),
    [({"prompt": "p"}, True), ({"responses": []}, True), ({"responses": [{}] * 11}, False)],
)
def test_a_prompt_alone_can_be_written_about(item: Any, good: bool) -> None:
    assert (text.check_item(REASON, item) == []) is good
