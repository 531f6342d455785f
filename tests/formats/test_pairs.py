"""A block of the database's, read as pairs."""

import json
from typing import Any

import msgspec
import pytest

from projects.formats.writing.dpo import read

NASTY = 'line\nbreak "quoted" \\ back\u2028 é 😀 \u202e\t\x7f'


def turn(content: str, **more: str) -> dict[str, str]:
    return {"role": "assistant", "content": content, **more}


def row(n: int = 1, **changes: Any) -> list[Any]:
    columns = {
        "prompt": [{"content": f"why {n}?", "role": "user"}],
        "responses": [
            {"model": "m-1", "messages": [turn(f"first {n} {NASTY}")]},
            {"messages": [turn(f"second {n}"), turn("and more")]},
        ],
        "external_id": f"item-{n}",
        "metadata": {"source": NASTY},
        "order": [1, 0],
        "votes": [3, 2, 1],
        "undecided": 0,
        "adjudicated": None,
    }
    return list((columns | changes).values())


def block(*rows: list[Any]) -> bytes:
    # As the database ends a line, and parts two rows.
    return ("[" + ", ".join(json.dumps(each, ensure_ascii=False) for each in rows) + "]\n").encode()


def test_each_row_is_a_pair_and_the_other_response_is_rejected() -> None:
    first, second = read(block(row(1), row(2, order=[0, 1])))
    assert [turn.content for turn in first.prompt] == ["why 1?"]
    assert [turn.content for turn in first.chosen] == ["second 1", "and more"]
    assert [turn.content for turn in first.rejected] == [f"first 1 {NASTY}"]
    assert [turn.content for turn in second.chosen] == [f"first 2 {NASTY}"]
    assert json.loads(first.metadata) == {
        "external_id": "item-1",
        "chosen_model": None,
        "rejected_model": "m-1",
        "provenance": "annotators",
        "votes_for": 3,
        "votes_against": 2,
        "votes_neither": 1,
        "undecided": 0,
        "item_metadata": {"source": NASTY},
    }


def test_a_double_that_the_database_writes_out_stays_one() -> None:
    (pair,) = read(block(row(metadata={"n": 10**300, "small": 7})))
    assert '{"n":1e300,"small":7}' in pair.metadata


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": "text"},
        {"prompt": [turn("x", name="n")]},
        {"responses": [{"messages": [turn("one only")]}]},
        {"responses": [{"text": "a"}, {"text": "b"}]},
        {"order": [2, 0]},
        {"votes": [3, None, 1]},
    ],
)
def test_what_was_stored_otherwise_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"\$\[1\]"):
        read(block(row(1), row(2, **changes)))
