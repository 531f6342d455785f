"""Fields are read strictly: what is missing or strange raises, and names the object and the field."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from billing.stripe.errors import Unreadable
from billing.stripe.fields import Fields


def fields(**values: Any) -> Fields:
    return Fields({"object": "charge", "id": "ch_1", **values})


READ: dict[str, tuple[Callable[[Fields], Any], Any, Any]] = {
    "a text": (lambda of: of.text("x"), "a", "a"),
    "an empty text": (lambda of: of.text("x"), "", ""),
    "no text": (lambda of: of.text_or_empty("x"), None, ""),
    "an integer": (lambda of: of.integer("x"), 12, 12),
    "a flag": (lambda of: of.flag("x"), False, False),
    "a currency": (lambda of: of.currency("x"), "usd", "USD"),
    "a known value": (lambda of: of.one_of("x", ("a", "b")), "b", "b"),
    "seconds": (lambda of: of.moment("x"), 86_400, datetime(1970, 1, 2, tzinfo=UTC)),
    "a time of v2": (
        lambda of: of.moment("x"),
        "2026-11-20T14:30:00.250+02:00",
        datetime(2026, 11, 20, 12, 30, 0, 250_000, tzinfo=UTC),
    ),
    "no time": (lambda of: of.moment_or_none("x"), None, None),
    "an id": (lambda of: of.id_of("x"), "cus_1", "cus_1"),
    "a written-out object": (lambda of: of.id_of("x"), {"id": "cus_1"}, "cus_1"),
    "no id": (lambda of: of.id_of("x"), None, ""),
    "no part": (lambda of: of.part_or_none("x"), None, None),
    "a part": (lambda of: of.part("x").integer("y"), {"y": 1}, 1),
    "parts": (
        lambda of: [each.integer("y") for each in of.parts("x")],
        [{"y": 1}, {"y": 2}],
        [1, 2],
    ),
    "no parts": (lambda of: list(of.parts("x")), None, []),
}


@pytest.mark.parametrize("what", READ)
def test_a_field_is_read(what: str) -> None:
    read, value, expected = READ[what]
    assert read(fields(x=value)) == expected


REFUSED: dict[str, tuple[Callable[[Fields], Any], Any, str]] = {
    "a text that is missing": (lambda of: of.text("x"), None, "charge ch_1: x is missing"),
    "a number for a text": (lambda of: of.text("x"), 1, "charge ch_1: x is no str"),
    "a number for a text that may be missing": (lambda of: of.text_or_empty("x"), 1, "x is no str"),
    "a flag for an integer": (lambda of: of.integer("x"), True, "x is no int"),
    "a fraction for an integer": (lambda of: of.integer("x"), 1.0, "x is no int"),
    "a text for an integer": (lambda of: of.integer("x"), "1", "x is no int"),
    "a number for a flag": (lambda of: of.flag("x"), 0, "x is no bool"),
    "an unknown value": (lambda of: of.one_of("x", ("a",)), "c", "x has the unknown value 'c'"),
    "a currency of another unit": (lambda of: of.currency("x"), "isk", "amounts in ISK"),
    "a text for a time": (lambda of: of.moment("x"), "soon", "x is no time"),
    "a time out of the world": (lambda of: of.moment("x"), 10**20, "x is no time"),
    "a time that is missing": (lambda of: of.moment("x"), None, "x is missing"),
    "a part that is a text": (lambda of: of.part("x"), "y", "charge ch_1, x is no object"),
    "a part that is missing": (lambda of: of.part("x"), None, "charge ch_1, x is no object"),
    "a field of a part": (lambda of: of.part("x").text("y"), {}, "charge ch_1, x: y is missing"),
    "a list that is none": (lambda of: list(of.parts("x")), {}, "x is no list"),
    "a list of texts": (lambda of: list(of.parts("x")), ["a"], "charge ch_1, x is no object"),
    "an object without its id": (lambda of: of.id_of("x"), {}, "charge ch_1, x: id is missing"),
    "a label that is no text": (lambda of: of.metadata(), {"a": 1}, "charge ch_1, metadata: a"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_strange_field_is_refused(what: str) -> None:
    read, value, words = REFUSED[what]
    with pytest.raises(Unreadable, match=words):
        read(fields(x=value, metadata=value))


def test_labels_are_texts() -> None:
    assert fields(metadata={"deposit": "1"}).metadata() == {"deposit": "1"}
    assert fields(metadata={}).metadata() == fields().metadata() == {}


@pytest.mark.parametrize("value", [None, [], "x"])
def test_an_answer_that_is_no_object_is_refused(value: Any) -> None:
    with pytest.raises(Unreadable, match="the answer is no object"):
        Fields(value)
