"""The preference kind: items, answers, the order shown, labels."""

from typing import Any

import pytest

from projects.kinds import preference

QUESTION = {"name": "preference", "kind": "preference", "title": "?", "allow_tie": True}
STRICT = {**QUESTION, "allow_tie": False}
KEYS = ["k7f", "k2c"]


def item(*responses: Any) -> dict[str, Any]:
    return {"prompt": "p", "responses": list(responses)}


def test_two_different_responses_are_needed() -> None:
    assert preference.check_item(QUESTION, item({"text": "a"}, {"text": "b"})) == []
    one = preference.check_item(QUESTION, item({"text": "a"}))
    assert one[0]["field"] == "responses"
    assert "1 were given" in one[0]["message"]
    assert preference.check_item(QUESTION, item({"text": "a"}, {"text": "b"}, {"text": "c"}))
    same = preference.check_item(QUESTION, item({"text": "a"}, {"text": "a\n"}))
    assert same[0]["field"] == "responses[1]"


def test_a_text_and_its_one_message_are_the_same_response() -> None:
    message = {"messages": [{"role": "assistant", "content": "a"}]}
    longer = {"messages": [{"role": "user", "content": "a"}, *message["messages"]]}
    assert preference.check_item(QUESTION, item({"text": "a"}, message))
    assert not preference.check_item(QUESTION, item({"text": "a"}, longer))


@pytest.mark.parametrize("responses", [None, "ab", {}, 2, True])
def test_responses_of_a_wrong_type(responses: Any) -> None:
    found = preference.check_item(QUESTION, {"prompt": "p", "responses": responses})
    assert [one["field"] for one in found] == ["responses"]


def test_a_key_or_a_tie_is_an_answer() -> None:
    for choice in (*KEYS, "tie"):
        assert preference.check_answer(QUESTION, {"choice": choice}, KEYS) == []
    assert preference.check_answer(STRICT, {"choice": "tie"}, KEYS)[0]["field"] == "choice"


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
    assert preference.check_answer(QUESTION, answer, KEYS)


@pytest.mark.parametrize("shown", [[0, 1], [1, 0]])
def test_the_chosen_response_is_the_one_that_stood_there(shown: list[int]) -> None:
    for position, key in enumerate(KEYS):
        stored = preference.restore(QUESTION, {"choice": key}, KEYS, shown)
        assert stored == {"choice": shown[position]}
        assert preference.label(QUESTION, stored) == (-1, 1)[shown[position]]
    assert preference.restore(QUESTION, {"choice": "tie"}, KEYS, shown) == {"choice": "tie"}


def test_labels() -> None:
    stored: list[Any] = [{"choice": 0}, {"choice": "tie"}, {"choice": 1}]
    assert [preference.label(QUESTION, one) for one in stored] == [-1, 0, 1]
    others: list[Any] = [None, {}, {"choice": True}, {"choice": 2}, {"choice": []}, "tie"]
    for other in others:
        assert preference.label(QUESTION, other) is None
