"""The label kind: its choices, its answers, the judgment of the whole item, hits and agreement."""

from typing import Any

import pytest

from projects.kinds import label
from projects.kinds.protocol import Facet

CHOICES = [
    {"value": "accept", "words": "Accept it"},
    {"value": "return", "words": "Send it back"},
    {"value": "R1", "words": "Be fair"},
]
QUESTION = {"name": "verdict", "kind": "label", "title": "Accept it?", "choices": CHOICES}


def choices(count: int) -> list[dict[str, str]]:
    return [{"value": f"c{n}", "words": f"Choice {n}"} for n in range(count)]


@pytest.mark.parametrize(
    ("configured", "field"),
    [
        (None, "choices"),
        ("accept", "choices"),
        (choices(1), "choices"),
        (choices(51), "choices"),
        (["accept", *CHOICES], "choices[0]"),
        ([*CHOICES, CHOICES[0]], "choices[3].value"),
        ([*CHOICES, {"value": "", "words": "Empty"}], "choices[3].value"),
        ([*CHOICES, {"value": "a b", "words": "Blank"}], "choices[3].value"),
        ([*CHOICES, {"value": 3, "words": "Number"}], "choices[3].value"),
        ([*CHOICES, {"value": "x", "words": " "}], "choices[3].words"),
        ([*CHOICES, {"value": "x"}], "choices[3].words"),
        ([*CHOICES, {"value": "x", "words": "X", "color": "red"}], "choices[3].color"),
    ],
)
def test_wrong_choices_are_refused(configured: Any, field: str) -> None:
    found = label.check_config({**QUESTION, "choices": configured})
    assert [one["field"] for one in found] == [field]


def test_two_to_fifty_choices_with_a_key_for_the_first_nine() -> None:
    for count in (2, 50):
        assert label.check_config({**QUESTION, "choices": choices(count)}) == []
    shown = label.present({**QUESTION, "choices": choices(50)})["choices"]
    assert [each["key"] for each in shown] == [*"123456789", *[""] * 41]


@pytest.mark.parametrize(
    "answer", [None, "", "Accept it", "R2", 0, ["accept"], {"choice": "accept"}]
)
def test_another_answer_is_refused(answer: Any) -> None:
    assert label.check_answer(QUESTION, answer, [])
    assert label.restore(QUESTION, answer, [], []) is None
    assert label.judgments(QUESTION, answer) == []
    assert label.summarize(QUESTION, answer, []) == ""


def test_a_choice_is_stored_as_its_value_and_judges_the_whole_item() -> None:
    answer = label.read_form(QUESTION, {"verdict": "R1"}, [])
    assert label.check_answer(QUESTION, answer, []) == []
    stored = label.restore(QUESTION, answer, ["k"], [0])
    assert label.recall(QUESTION, stored, ["other"], [0]) == answer == "R1"
    assert label.judgments(QUESTION, stored) == [(Facet("item"), 2)]
    assert label.summarize(QUESTION, stored, []) == "Be fair"
    assert label.read_form(QUESTION, {"verdict": ""}, []) is None


def test_the_scale_has_no_order_and_the_choices_words() -> None:
    scale = label.scale(QUESTION)
    assert scale.level == "nominal"
    found = [(one.value, one.words, one.side) for one in scale.categories]
    assert found == [(0, "Accept it", None), (1, "Send it back", None), (2, "Be fair", None)]


@pytest.mark.parametrize(
    ("given", "wanted", "hit", "agree"),
    [
        ("R1", "R1", True, 1),
        ("accept", "R1", False, 0),
        ("R2", "R1", None, None),
        ("R1", None, None, None),
    ],
)
def test_hit_and_agree(given: Any, wanted: Any, hit: bool | None, agree: float | None) -> None:
    assert label.hit(QUESTION, given, wanted) is hit
    assert label.agree(QUESTION, given, wanted) == agree


def test_each_choice_is_a_constant_answer_that_misses_keys_that_differ() -> None:
    for words, answer in label.constants(QUESTION, ["k"]):
        assert words in {choice["words"] for choice in CHOICES}
        assert [label.hit(QUESTION, answer, each["value"]) for each in CHOICES].count(True) == 1


def test_an_item_is_labeled_with_or_without_responses() -> None:
    for count, good in ((0, True), (10, True), (11, False)):
        item = {"prompt": "p", "responses": [{"text": str(n)} for n in range(count)]}
        assert (label.check_item(QUESTION, item) == []) is good
