"""A form as a whole, and hostile input to every function that checks."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects import kinds
from projects.kinds import form, text
from projects.kinds.problems import MOST_PROBLEMS, Problem
from tests.examples import examples

PREFERENCE = {
    "name": "preference",
    "kind": "preference",
    "title": "Which response is better?",
    "allow_tie": True,
    "required": True,
}
REASON = {"name": "reason", "kind": "text", "title": "Why?", "required": False, "max_chars": 40}
HELPFUL = {"name": "helpful", "kind": "rating", "title": "Helpfulness", "low": 0, "high": 4}
HONEST = {**HELPFUL, "name": "honest_enough", "title": "Honesty"}
FORM: list[dict[str, Any]] = [PREFERENCE, REASON]
KEYS = ["k1", "k2"]


def fields(problems: list[Problem]) -> list[str]:
    return [one["field"] for one in problems]


def test_a_good_form_and_its_answers() -> None:
    assert form.check_form(FORM) == []
    answer = {"preference": {"choice": "k2"}, "reason": "clearer"}
    assert form.check_answer(FORM, answer, KEYS) == []
    stored = form.restore_answer(FORM, answer, KEYS, [1, 0])
    assert stored == {"preference": {"choice": 0}, "reason": "clearer"}
    assert form.judgments_of(FORM, stored) == (["preference@0-1"], [-1])
    assert form.recall_answer(FORM, stored, ["k8", "k9"], [0, 1]) == {
        "preference": {"choice": "k8"},
        "reason": "clearer",
    }


def test_what_is_passed_over_is_not_stored() -> None:
    for answer in (
        {"preference": {"choice": "tie"}, "reason": None},
        {"preference": {"choice": "tie"}},
    ):
        assert form.check_answer(FORM, answer, KEYS) == []
        stored = form.restore_answer(FORM, answer, KEYS, [0, 1])
        assert stored == {"preference": {"choice": "tie"}}
        assert form.judgments_of(FORM, stored) == (["preference@0-1"], [0])


def test_every_fault_is_named_with_its_field() -> None:
    answer = {"preference": {"choice": "k9"}, "reason": "x" * 41, "note": 1}
    assert fields(form.check_answer(FORM, answer, KEYS)) == ["note", "preference.choice", "reason"]
    assert fields(form.check_answer(FORM, {}, KEYS)) == ["preference"]
    assert fields(form.check_answer(FORM, {"preference": None}, KEYS)) == ["preference"]
    assert fields(form.check_answer(FORM, [], KEYS)) == ["answer"]


def test_present_fills_in_the_defaults() -> None:
    bare = [{"name": "why", "kind": "text", "title": "Why?"}]
    assert form.present(bare) == [
        {
            "name": "why",
            "kind": "text",
            "title": "Why?",
            "help": "",
            "required": True,
            "max_chars": text.DEFAULT_CHARS,
        }
    ]
    assert form.present(FORM)[0]["allow_tie"] is True
    assert form.judgments_of(bare, {"why": "x"}) == ([], [])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Reason"}, "questions[0].name"),
        ({"name": "a" * 41}, "questions[0].name"),
        ({"name": "reason\n"}, "questions[0].name"),
        ({"name": None}, "questions[0].name"),
        ({"kind": "stars"}, "questions[0].kind"),
        ({"kind": ["text"]}, "questions[0].kind"),
        ({"title": ""}, "questions[0].title"),
        ({"title": "\x00"}, "questions[0].title"),
        ({"help": 3}, "questions[0].help"),
        ({"required": "yes"}, "questions[0].required"),
        ({"required": 1}, "questions[0].required"),
        ({"max_chars": 0}, "questions[0].max_chars"),
        ({"max_chars": True}, "questions[0].max_chars"),
        ({"max_chars": 10.0}, "questions[0].max_chars"),
        ({"max_chars": 10**5000}, "questions[0].max_chars"),
        ({"max_char": 10}, "questions[0].max_char"),
        ({"allow_tie": True}, "questions[0].allow_tie"),
    ],
)
def test_a_malformed_question_is_refused(change: dict[str, Any], field: str) -> None:
    assert fields(form.check_form([{**REASON, "required": True, **change}])) == [field]


def test_malformed_forms_are_refused() -> None:
    others: list[Any] = [None, {}, [], "form", 3]
    for questions in others:
        assert fields(form.check_form(questions)) == ["questions"]
    assert fields(form.check_form([REASON])) == ["questions"]
    assert fields(form.check_form([PREFERENCE, PREFERENCE])) == ["questions[1].name"]
    assert fields(form.check_form([{**PREFERENCE, "allow_tie": 1}])) == ["questions[0].allow_tie"]
    assert fields(form.check_form([PREFERENCE] * 51)) == ["questions"]


def test_a_form_of_many_questions() -> None:
    questions = [PREFERENCE, HELPFUL, HONEST, REASON]
    assert form.check_form(questions) == []
    fields_sent = {
        "preference": "k2",
        "reason": "clearer",
        "helpful.k1": "1",
        "helpful.k2": "4",
        "honest_enough.k1": "0",
        "honest_enough.k2": "3",
    }
    answer = form.read_form(questions, fields_sent, KEYS)
    assert form.check_answer(questions, answer, KEYS) == []
    stored = form.restore_answer(questions, answer, KEYS, [1, 0])
    assert form.judgments_of(questions, stored) == (
        ["preference@0-1", "helpful@0", "helpful@1", "honest_enough@0", "honest_enough@1"],
        [-1, 4, 1, 3, 0],
    )
    assert form.summary_of(questions, stored, [1, 0]) == [
        "Which response is better? B is better",
        "Helpfulness: A: 1 of 4, B: 4 of 4",
        "Honesty: A: 0 of 4, B: 3 of 4",
        "Why? clearer",
    ]
    assert form.marks_of(questions, stored) == {
        0: ["preference: better", "helpful: 4 of 4", "honest enough: 3 of 4"],
        1: ["helpful: 1 of 4", "honest enough: 0 of 4"],
    }
    assert form.marks_of([PREFERENCE, REASON], stored) == {0: ["better"]}
    assert set(form.scales_of(questions)) == {"preference", "helpful", "honest_enough"}
    assert form.datasets_of(questions) == ["dpo", "annotations", "ratings"]


def test_how_many_responses_a_form_wants() -> None:
    assert form.responses_of([PREFERENCE, REASON]) == (2, 2)
    assert form.responses_of([HELPFUL, REASON]) == (1, 10)
    assert form.responses_of([REASON]) == (0, 10)
    assert form.responses_of([REASON, HELPFUL, PREFERENCE]) == (2, 2)


def test_a_question_left_alone_in_a_plain_form_has_no_field() -> None:
    assert form.read_form(FORM, {"preference": "", "reason": "  "}, KEYS) == {}
    assert form.read_form(FORM, {"csrfmiddlewaretoken": "x", "preference": "k9"}, KEYS) == {
        "preference": {"choice": "k9"}
    }


def test_a_faulty_item_is_told_once() -> None:
    twice = [PREFERENCE, {**PREFERENCE, "name": "safer"}, REASON]
    assert form.check_form(twice) == []
    assert fields(form.check_item(twice, {"responses": []})) == ["responses"]


def test_a_flood_of_unknown_fields_is_cut_short() -> None:
    answer = {f"field{n}" + "x" * 1000: n for n in range(100_000)}
    problems = form.check_answer(FORM, answer, KEYS)
    assert len(problems) == MOST_PROBLEMS
    assert all(len(one["field"]) < 60 for one in problems)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=8)
    | st.sampled_from(["tie", "k1", "preference", "text", "\x00", "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=4)
            | st.sampled_from(["preference", "reason", "choice", "responses", "text", "messages"])
            | st.sampled_from(["name", "kind", "title", "help", "required", "max_chars", "\udfff"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


def sendable(problems: list[Problem]) -> None:
    """The problems themselves must fit into an answer."""
    assert json.dumps(problems, ensure_ascii=False).encode()
    assert all(one["message"] for one in problems)


@settings(max_examples=examples(400), deadline=None)
@given(JSON)
def test_no_input_raises(value: Any) -> None:
    sendable(form.check_form(value))
    sendable(form.check_form([value]))
    sendable(form.check_item(FORM, value))
    sendable(form.check_item(FORM, {"responses": value}))
    sendable(form.check_item(FORM, {"responses": [value, value]}))
    sendable(form.check_answer(FORM, value, KEYS))
    sendable(form.check_answer(FORM, {"preference": value, "reason": value}, KEYS))
    assert kinds.get(value) is None or value in kinds.names()


@settings(max_examples=examples(300), deadline=None)
@given(JSON, JSON, st.permutations([0, 1]))
def test_what_passes_is_restored_and_judged(choice: Any, why: Any, shown: list[int]) -> None:
    answer = {"preference": {"choice": choice}, "reason": why}
    if form.check_answer(FORM, answer, KEYS):
        return
    stored = form.restore_answer(FORM, answer, KEYS, shown)
    json.dumps(stored, ensure_ascii=False).encode()
    units, values = form.judgments_of(FORM, stored)
    assert units == ["preference@0-1"]
    assert values[0] in (-1, 0, 1)


def deep(levels: int) -> Any:
    value: Any = "bottom"
    for _ in range(levels):
        value = [value]
    return value


def test_deep_nesting_is_not_walked() -> None:
    value = deep(100_000)
    assert form.check_answer(FORM, {"preference": value, "reason": value}, KEYS)
    assert form.check_item(FORM, {"responses": value})
    response = {"messages": [{"role": "assistant", "content": value}]}
    assert form.check_item(FORM, {"responses": [response, response]}) == []
