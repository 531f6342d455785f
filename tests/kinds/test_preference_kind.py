"""The preference kind on each of its scales: items, answers, the plain form, the order shown, hits."""

from typing import Any

import pytest

from projects.kinds import preference
from projects.kinds.protocol import Facet
from tests.kinds.examples import answer_of_step

FORCED: dict[str, Any] = {"name": "preference", "kind": "preference", "title": "?"}
TIES = {**FORCED, "allow_tie": True}
BOTH_BAD = {**TIES, "allow_both_bad": True}
LIKERT, SEVEN, EIGHT = ({**FORCED, "scale": name} for name in ("likert5", "seven", "eight"))
KEYS = ["k7f", "k2c"]


def item(*responses: Any) -> dict[str, Any]:
    return {"prompt": "p", "responses": list(responses)}


def values(question: dict[str, Any], stored: Any) -> list[int]:
    return [value for _, value in preference.judgments(question, stored)]


def test_two_different_responses_are_needed() -> None:
    assert preference.check_item(TIES, item({"text": "a"}, {"text": "b"})) == []
    one = preference.check_item(TIES, item({"text": "a"}))
    assert one[0]["field"] == "responses"
    assert "1 response was given" in one[0]["message"]
    assert preference.check_item(TIES, item({"text": "a"}, {"text": "b"}, {"text": "c"}))
    same = preference.check_item(TIES, item({"text": "a"}, {"text": "a\r\n"}))
    assert same[0]["field"] == "responses[1]"


def test_a_text_and_its_one_message_are_the_same_response() -> None:
    message = {"messages": [{"role": "assistant", "content": "a"}]}
    longer = {"messages": [{"role": "user", "content": "a"}, *message["messages"]]}
    assert preference.check_item(TIES, item({"text": "a"}, message))
    assert not preference.check_item(TIES, item({"text": "a"}, longer))


@pytest.mark.parametrize("responses", [None, "ab", {}, 2, True])
def test_responses_of_a_wrong_type(responses: Any) -> None:
    found = preference.check_item(TIES, {"prompt": "p", "responses": responses})
    assert [one["field"] for one in found] == ["responses"]


@pytest.mark.parametrize(
    ("configured", "fields"),
    [
        ({"scale": "stars"}, ["scale"]),
        ({"scale": None}, ["scale"]),
        ({"scale": ["eight"]}, ["scale"]),
        ({"allow_tie": 1}, ["allow_tie"]),
        ({"allow_both_bad": "yes"}, ["allow_both_bad"]),
        ({"scale": "likert5", "allow_tie": True}, ["allow_tie"]),
        ({"scale": "eight", "allow_tie": False}, ["allow_tie"]),
        ({"scale": "seven", "allow_both_bad": True}, ["allow_both_bad"]),
        ({"scale": "choice", "allow_tie": True, "allow_both_bad": True}, []),
        ({"scale": "eight"}, []),
    ],
)
def test_settings(configured: dict[str, Any], fields: list[str]) -> None:
    assert [one["field"] for one in preference.check_config({**FORCED, **configured})] == fields


@pytest.mark.parametrize(
    ("question", "words", "scale"),
    [
        (FORCED, ["A is better", "B is better"], [-1, 1]),
        (TIES, ["A is better", "Tie", "B is better"], [-1, 0, 1]),
        (BOTH_BAD, ["A is better", "Tie", "B is better", "Both are bad"], [-1, 0, 1, 2]),
        (
            LIKERT,
            [
                *("A is much better", "A is slightly better", "About the same"),
                *("B is slightly better", "B is much better"),
            ],
            [-2, -1, 0, 1, 2],
        ),
        (
            SEVEN,
            [
                *("A is much better", "A is better", "A is slightly better", "About the same"),
                *("B is slightly better", "B is better", "B is much better"),
            ],
            [-3, -2, -1, 0, 1, 2, 3],
        ),
        (
            EIGHT,
            [
                *("A is much better", "A is better", "A is slightly better", "A is barely better"),
                *("B is barely better", "B is slightly better", "B is better", "B is much better"),
            ],
            [-4, -3, -2, -1, 1, 2, 3, 4],
        ),
    ],
)
def test_the_steps_follow_the_order_shown_and_the_scale_the_stored_one(
    question: dict[str, Any], words: list[str], scale: list[int]
) -> None:
    steps = preference.present(question)["steps"]
    assert [step["words"] for step in steps] == words
    assert [one.value for one in preference.scale(question).categories] == scale
    answers = [answer_of_step(step, KEYS) for step in steps]
    assert all(preference.check_answer(question, answer, KEYS) == [] for answer in answers)
    straight = [preference.restore(question, answer, KEYS, [0, 1]) for answer in answers]
    assert [values(question, stored) for stored in straight] == [[value] for value in scale]
    assert [preference.summarize(question, stored, [0, 1]) for stored in straight] == words
    swapped = [preference.restore(question, answer, KEYS, [1, 0]) for answer in answers]
    mirrored = [value if value == 2 and question is BOTH_BAD else -value for value in scale]
    assert [values(question, stored) for stored in swapped] == [[value] for value in mirrored]
    assert [preference.summarize(question, stored, [1, 0]) for stored in swapped] == words


def test_the_words_of_a_scale_are_about_stored_responses() -> None:
    words = [one.words for one in preference.scale(LIKERT).categories]
    assert words[0] == "A is much better"
    assert words[-1] == "B is much better"
    assert preference.scale(LIKERT).level == "ordinal"


def test_both_bad_is_on_no_side_and_makes_the_scale_nominal() -> None:
    scale = preference.scale(BOTH_BAD)
    assert scale.level == "nominal"
    assert [one.side for one in scale.categories] == [-1, 0, 1, 0]


def test_the_judgment_is_about_the_pair() -> None:
    assert preference.judgments(TIES, {"choice": 1}) == [(Facet("pair", (0, 1)), 1)]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (FORCED, {"choice": "tie"}),
        (TIES, {"choice": "both_bad"}),
        (EIGHT, {"choice": "tie"}),
        (LIKERT, {"choice": "both_bad"}),
    ],
)
def test_neither_only_where_it_is_allowed(question: dict[str, Any], answer: Any) -> None:
    problems = preference.check_answer(question, answer, KEYS)
    assert [one["field"] for one in problems] == ["choice"]
    assert preference.restore(question, answer, KEYS, [0, 1]) is None
    assert values(question, answer) == []


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "k7f",
        [],
        {},
        {"choice": None},
        {"choice": 0},
        {"choice": True},
        {"choice": ["k7f"]},
        {"choice": "k999"},
        {"choice": "K7F"},
        {"choice": "\ud800"},
        {"choice": "k7f", "strength": 2},
    ],
)
def test_other_answers_are_refused(answer: Any) -> None:
    assert preference.check_answer(TIES, answer, KEYS)


@pytest.mark.parametrize("strength", [None, 0, 3, -1, True, 1.0, "1", [1]])
def test_a_graded_answer_has_a_strength_of_its_scale(strength: Any) -> None:
    problems = preference.check_answer(LIKERT, {"choice": "k7f", "strength": strength}, KEYS)
    assert [one["field"] for one in problems] == ["strength"]
    assert preference.check_answer(LIKERT, {"choice": "k7f"}, KEYS)
    assert preference.check_answer(LIKERT, {"choice": "tie", "strength": 1}, KEYS)


def test_an_unfinished_graded_answer_keeps_its_choice_and_says_nothing() -> None:
    stored = preference.restore(LIKERT, {"choice": "k2c", "strength": 9}, KEYS, [1, 0])
    assert stored == {"choice": 0}
    assert preference.recall(LIKERT, stored, KEYS, [0, 1]) == {"choice": "k7f"}
    assert preference.judgments(LIKERT, stored) == []
    assert preference.summarize(LIKERT, stored, [0, 1]) == ""
    assert preference.marks(LIKERT, stored) == {}


@pytest.mark.parametrize(
    ("question", "value", "answer"),
    [
        (TIES, "k7f", {"choice": "k7f"}),
        (TIES, "tie", {"choice": "tie"}),
        (BOTH_BAD, "both_bad", {"choice": "both_bad"}),
        (TIES, "k7f:2", {"choice": "k7f:2"}),
        (EIGHT, "k7f:4", {"choice": "k7f", "strength": 4}),
        (EIGHT, "k7f:99", {"choice": "k7f", "strength": 99}),
        (EIGHT, "k7f:", {"choice": "k7f:"}),
        (EIGHT, "", None),
    ],
)
def test_a_plain_form_has_one_field(question: dict[str, Any], value: str, answer: Any) -> None:
    assert preference.read_form(question, {"preference": value}, KEYS) == answer


def test_nothing_in_a_plain_form_is_no_answer() -> None:
    assert preference.read_form(TIES, {"other": "k7f"}, KEYS) is None


def test_other_stored_values_are_not_judged() -> None:
    others: list[Any] = [None, {}, {"choice": True}, {"choice": 2}, {"choice": []}, "tie"]
    for other in others:
        assert values(TIES, other) == []


@pytest.mark.parametrize(
    ("question", "given", "wanted", "hit", "agree"),
    [
        (TIES, {"choice": 0}, {"choice": 0}, True, 1),
        (TIES, {"choice": 0}, {"choice": 1}, False, 0),
        (TIES, {"choice": "tie"}, {"choice": 1}, False, 0.5),
        (TIES, {"choice": 1}, {"choice": "tie"}, False, 0.5),
        (TIES, {"choice": "tie"}, {"choice": "tie"}, True, 1),
        (BOTH_BAD, {"choice": "both_bad"}, {"choice": "tie"}, False, 0),
        (BOTH_BAD, {"choice": "both_bad"}, {"choice": "both_bad"}, True, 1),
        (EIGHT, {"choice": 1, "strength": 1}, {"choice": 1, "strength": 4}, True, 1 - 3 / 8),
        (EIGHT, {"choice": 0, "strength": 1}, {"choice": 1, "strength": 1}, False, 0.75),
        (SEVEN, {"choice": 0, "strength": 3}, {"choice": 1, "strength": 3}, False, 0),
        (SEVEN, {"choice": 0}, {"choice": 1, "strength": 3}, None, None),
        (TIES, None, {"choice": 1}, None, None),
    ],
)
def test_hit_and_agree(
    question: dict[str, Any], given: Any, wanted: Any, hit: bool | None, agree: float | None
) -> None:
    assert preference.hit(question, given, wanted) is hit
    assert preference.agree(question, given, wanted) == agree


@pytest.mark.parametrize(
    ("question", "words", "client"),
    [
        (TIES, "Tie", {"choice": "tie"}),
        (TIES, "B is better", {"choice": "k2"}),
        (BOTH_BAD, "Both are bad", {"choice": "both_bad"}),
        (EIGHT, "A is barely better", {"choice": "k1", "strength": 1}),
        (SEVEN, "About the same", {"choice": "tie"}),
    ],
)
def test_constants_are_the_steps_as_shown(
    question: dict[str, Any], words: str, client: dict[str, Any]
) -> None:
    found = dict(preference.constants(question, ["k1", "k2"]))
    assert found[words] == client
    assert len(found) == len(preference.scale(question).categories)
    for answer in found.values():
        assert preference.check_answer(question, answer, ["k1", "k2"]) == []


def test_marks_stand_on_the_responses() -> None:
    assert preference.marks(TIES, {"choice": 1}) == {1: "better"}
    assert preference.marks(TIES, {"choice": "tie"}) == {0: "tie", 1: "tie"}
    assert preference.marks(BOTH_BAD, {"choice": "both_bad"}) == {0: "bad", 1: "bad"}
    assert preference.marks(EIGHT, {"choice": 0, "strength": 4}) == {0: "much better"}
