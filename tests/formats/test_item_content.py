"""What an item says beside its fields: whether responses differ, what the form wants, its key, its warnings."""

from __future__ import annotations

import json
from typing import Any

import pytest

from projects.formats.reading.item_rules import ItemRules
from projects.formats.reading.item_warnings import (
    ASSISTANT_FIRST,
    LATE_SYSTEM,
    MODEL_NAMED,
    ROLE_TWICE,
)

from .rows_of import accepted, fault, item, pair, turns

ALIKE = [
    ("An answer.", " An answer.\n"),
    ("One.\nTwo.", "One.\r\nTwo."),
    ("caf\u00e9", "cafe\u0301"),
    ("An answer.", "An\u200b answer."),
]


@pytest.mark.parametrize(("first", "second"), ALIKE)
def test_responses_that_nobody_can_tell_apart(first: str, second: str) -> None:
    found = fault(pair({"text": first}, {"text": second}))
    assert found.field == "responses[1]"
    assert "looks the same as responses[0]" in found.message
    turns = [[{"role": "assistant", "content": each}] for each in (first, second)]
    found = fault(pair({"text": "x"}, *({"messages": each} for each in turns)))
    assert (found.field, "responses[1]" in found.message) == ("responses[2]", True)


def test_a_response_of_which_nothing_is_seen() -> None:
    assert fault(pair({"text": "a"}, {"text": "\u200b\ufeff"})).message == "is blank"


def test_null_is_absent() -> None:
    """Writers of tables give every object the fields of all others."""
    plain = accepted(item(prompt=[{"role": "user", "content": "x"}]))
    sent = item(
        prompt=[{"role": "user", "content": "x", "name": None, "tool_calls": None}], score=None
    )
    sent["responses"] = [{**each, "messages": None, "rank": None} for each in sent["responses"]]
    assert accepted(sent) == plain
    named = item(prompt=[{"role": "user", "content": "x", "name": "sam"}])
    assert fault(named).field == "prompt[0].name"
    assert fault(item(prompt=[{"role": "user", "content": None}])).field == "prompt[0].content"


@pytest.mark.parametrize("count", range(11))
def test_the_form_says_how_many_responses(count: int) -> None:
    sent = item(responses=[{"text": f"answer {n}"} for n in range(count)])
    assert len(json.loads(accepted(sent, ItemRules()).responses)) == count
    assert fault(sent, ItemRules(count + 1, 11)).field == "responses"


def test_no_responses_may_be_left_away() -> None:
    assert accepted(item(responses=...), ItemRules()).responses == b"[]"
    assert fault(item(responses=...), ItemRules(1, 10)).message == "is missing"


def test_the_form_checks_the_item() -> None:
    """On both roads, with the item in plain values."""
    seen: list[dict[str, Any]] = []

    def check(asked: dict[str, Any]) -> list[tuple[str, str]]:
        seen.append(asked)
        return [] if asked["context"].get("steps") else [("context.steps", "are missing")]

    rules = ItemRules(2, 2, check)
    assert accepted(item(context={"steps": [1]}, prompt=turns("user")), rules)
    assert seen[-1]["prompt"] == turns("user")
    assert seen[-1]["responses"][1] == {"text": "It reflects."}
    found = fault(item(), rules)
    assert (found.field, found.message) == ("context.steps", "are missing")


def key(**changes: Any) -> bytes:
    return accepted(item(**changes)).content_key


def test_the_content_key_is_of_what_annotators_are_asked() -> None:
    one, two = {"text": "one"}, {"text": "two"}
    first = key(responses=[one, two])
    assert len(first) == 16
    assert first == key(responses=[two, one], external_id="b", metadata={"a": 1})
    assert first == key(responses=[two | {"model": "m"}, one])
    assert first == key(responses=[{"messages": [{"role": "assistant", "content": "two"}]}, one])
    others = [
        key(responses=[one, {"text": "three"}]),
        key(responses=[one, two], prompt="Other?"),
        key(responses=[one, two], context={"a": 1}),
    ]
    assert len({first, *others}) == 4


WARNED = [
    (item(), 0),
    (item(prompt=turns("system", "user", "assistant", "tool", "tool")), 0),
    (item(prompt=turns("assistant", "user")), ASSISTANT_FIRST),
    (item(prompt=turns("system", "assistant", "user")), ASSISTANT_FIRST),
    (item(prompt=turns("user", "user")), ROLE_TWICE),
    (item(prompt=turns("user", "assistant", "assistant", "user")), ROLE_TWICE),
    (item(prompt=turns("user", "system", "user")), LATE_SYSTEM),
    (
        item(prompt=turns("assistant", "assistant", "system", "user")),
        ASSISTANT_FIRST | ROLE_TWICE | LATE_SYSTEM,
    ),
    (pair({"text": "a"}, {"messages": turns("assistant", "assistant")}), ROLE_TWICE),
    (pair({"text": "a", "model": "model-x"}, {"text": "b"}), 0),
    (pair({"text": "I am Model-X.", "model": "model-x"}, {"text": "b"}), MODEL_NAMED),
    (pair({"text": "a", "model": "model-x"}, {"text": "Not model-x\nbut"}), MODEL_NAMED),
    (pair({"text": "a\nmodel-x", "model": "model-x"}, {"text": "b"}), MODEL_NAMED),
    (pair({"text": "By Llama-3", "model": "org/llama-3"}, {"text": "b"}), MODEL_NAMED),
    (pair({"text": "models", "model": "model"}, {"text": "b"}), 0),
    (pair({"text": "A cat", "model": "a"}, {"text": "b"}), 0),
    (
        item(responses=[{"text": "a", "model": "m-é"}, {"text": "b"}], context={"by": ["m-é"]}),
        MODEL_NAMED,
    ),
    (item(responses=[{"text": "a", "model": "m1"}, {"text": "b"}], metadata={"by": "m1"}), 0),
]


@pytest.mark.parametrize(("sent", "bits"), WARNED)
def test_warnings(sent: dict[str, Any], bits: int) -> None:
    assert accepted(sent).warnings == bits
    # The slow road finds the same.
    assert accepted(sent | {"score": None}).warnings == bits
