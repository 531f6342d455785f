"""The rating kind: settings, answers, the plain form, the order shown, hits and agreement."""

from typing import Any

import pytest

from projects.kinds import rating
from projects.kinds.protocol import Facet

QUESTION = {"name": "helpful", "kind": "rating", "title": "How helpful is it?"}
FROM_ZERO = {**QUESTION, "low": 0, "high": 4, "low_words": "useless", "high_words": "perfect"}
KEYS = ["k7f", "k2c", "k00"]
SHOWN = [2, 0, 1]


@pytest.mark.parametrize(
    ("configured", "field"),
    [
        ({"low": 2}, "low"),
        ({"low": True}, "low"),
        ({"low": "1"}, "low"),
        ({"high": 1}, "high"),
        ({"high": 11}, "high"),
        ({"low": 0, "high": 10}, "high"),
        ({"high": 5.0}, "high"),
        ({"low_words": ""}, "low_words"),
        ({"high_words": "x" * 61}, "high_words"),
        ({"high_words": 5}, "high_words"),
    ],
)
def test_wrong_settings_are_refused(configured: dict[str, Any], field: str) -> None:
    assert [one["field"] for one in rating.check_config({**QUESTION, **configured})] == [field]


def test_at_most_ten_steps() -> None:
    for configured in ({}, {"low": 0, "high": 9}, {"high": 10}, {"low": 0, "high": 1}):
        assert rating.check_config({**QUESTION, **configured}) == []


@pytest.mark.parametrize(("count", "good"), [(0, False), (1, True), (10, True), (11, False)])
def test_one_to_ten_responses_are_rated(count: int, good: bool) -> None:
    item = {"prompt": "p", "responses": [{"text": str(n)} for n in range(count)]}
    assert (rating.check_item(QUESTION, item) == []) is good


def test_every_response_is_rated() -> None:
    assert rating.check_answer(QUESTION, {"k7f": 1, "k2c": 5, "k00": 3}, KEYS) == []
    [problem] = rating.check_answer(QUESTION, {"k7f": 1, "k00": 3}, KEYS)
    assert problem == {"field": "k2c", "message": "Response B is not rated yet."}


@pytest.mark.parametrize("number", [0, 6, True, 2.0, "3", [3], {}])
def test_other_numbers_are_refused(number: Any) -> None:
    answer = {"k7f": 1, "k2c": number, "k00": 3}
    assert [one["field"] for one in rating.check_answer(QUESTION, answer, KEYS)] == ["k2c"]
    stored = rating.restore(QUESTION, answer, KEYS, SHOWN)
    assert stored == [None, 3, 1], "what cannot be placed is dropped"


@pytest.mark.parametrize("answer", [None, 3, "3", [3, 3, 3], {"k9": 3}, {}])
def test_other_answers_are_refused(answer: Any) -> None:
    assert rating.check_answer(QUESTION, answer, KEYS)


def test_a_plain_form_has_a_field_for_each_response() -> None:
    fields = {"helpful.k7f": "4", "helpful.k2c": "x", "helpful": "1", "helpful.k9": "2"}
    assert rating.read_form(QUESTION, fields, KEYS) == {"k7f": 4, "k2c": "x"}
    assert rating.read_form(QUESTION, {"helpful.k7f": ""}, KEYS) is None


def test_the_number_belongs_to_the_response_that_stood_there() -> None:
    stored = rating.restore(QUESTION, {"k7f": 4, "k2c": 2, "k00": 5}, KEYS, SHOWN)
    assert stored == [2, 5, 4]
    assert rating.judgments(QUESTION, stored) == [
        (Facet("response", (0,)), 2),
        (Facet("response", (1,)), 5),
        (Facet("response", (2,)), 4),
    ]
    assert rating.summarize(QUESTION, stored, SHOWN) == "A: 4 of 5, B: 2 of 5, C: 5 of 5"
    assert rating.marks(QUESTION, stored) == {0: "2 of 5", 1: "5 of 5", 2: "4 of 5"}


def test_an_unfinished_answer_says_what_it_has() -> None:
    stored = rating.restore(QUESTION, {"k2c": 2}, KEYS, SHOWN)
    assert stored == [2, None, None]
    assert rating.summarize(QUESTION, stored, SHOWN) == "B: 2 of 5"
    assert rating.restore(QUESTION, {}, KEYS, SHOWN) is None


def test_a_single_response_needs_no_letter() -> None:
    assert rating.summarize(FROM_ZERO, [0], [0]) == "0 of 4"


def test_the_scale_has_the_words_of_its_ends() -> None:
    scale = rating.scale(FROM_ZERO)
    assert scale.level == "ordinal"
    assert [one.value for one in scale.categories] == [0, 1, 2, 3, 4]
    assert [one.words for one in scale.categories] == ["0 (useless)", "1", "2", "3", "4 (perfect)"]
    assert {one.side for one in scale.categories} == {None}


@pytest.mark.parametrize(
    ("given", "wanted", "hit", "agree"),
    [
        ([5, 1], [5, 1], True, 1),
        ([4, 2], [5, 1], True, 0.75),
        ([5, 5], [5, 1], False, 0.5),
        ([3, 1], [5, 1], False, 0.75),
        ([3, 1], [3, 1], True, 1),
        ([4, 1], [3, 1], False, 0.875),
        ([1, 5], [5, 1], False, 0),
        ([5, 2], [5, None], True, 1),
        ([5, None], [5, 1], None, None),
        ([5], [], None, None),
        (None, [5], None, None),
    ],
)
def test_hit_and_agree(given: Any, wanted: Any, hit: bool | None, agree: float | None) -> None:
    assert rating.hit(QUESTION, given, wanted) is hit
    assert rating.agree(QUESTION, given, wanted) == agree


def test_constants_give_each_number_to_all_responses() -> None:
    found = [client for _, client in rating.constants(QUESTION, ["k", "l"])]
    assert {"k": 2, "l": 2} in found
    assert len(found) == len(rating.scale(QUESTION).categories)
    one, three = (dict(rating.constants(QUESTION, keys)) for keys in (["k"], ["k", "l", "m"]))
    assert one.keys() == three.keys(), "the same habit, however many responses there are"


def test_a_constant_answer_hits_no_keys_that_differ() -> None:
    keys = [[5, 1], [1, 5], [3, 4], [2, 2]]
    for number in range(1, 6):
        hits = [rating.hit(QUESTION, [number, number], key) for key in keys]
        assert hits.count(True) <= 1
