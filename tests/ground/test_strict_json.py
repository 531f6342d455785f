"""The strict reader of JSON: what it refuses, and the position that it reports."""

from __future__ import annotations

import pytest

from rlhfhub.ground.strict_json import JsonFault, loads

BAD = {
    # name: (text, path, a word of the message)
    "nothing": (b"", "", "not valid JSON"),
    "not UTF-8": (b'"\xff"', "", "UTF-8"),
    "NaN": (b'{"a": [NaN]}', "a[0]", "NaN"),
    "a repeated key": (b'{"a": {"b": 1, "b": 2}}', "a.b", "twice"),
    "a large integer": (b"[9007199254740993]", "[0]", "2^53"),
    "a number too large": (b'{"a": 1e999}', "a", "too large"),
    "a number too small": (b'{"a": 1e-999}', "a", "too small"),
    "a NUL": (b'{"a": "x\\u0000"}', "a", "NUL"),
    "a NUL in a key": (b'{"a": {"\\u0000": 1}}', 'a["\\u0000"]', "NUL"),
    "half a pair": (b'{"a": "\\ud800"}', "a", "surrogate"),
    "a key no path can show": (b'{"a b": "\\ud800"}', '["a b"]', "surrogate"),
    "too deep": (b"[" * 33 + b"]" * 33, "", "deeper than 32"),
    "far too deep": (b"[" * 200_000, "", "deeper than 32"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_refused(name: str) -> None:
    text, path, word = BAD[name]
    with pytest.raises(JsonFault, match=word.replace("^", r"\^")) as caught:
        loads(text)
    assert caught.value.path == path


def test_what_is_taken() -> None:
    assert loads(b'{"a": [1, -0.0, 1e308, 9007199254740992, "\\ud83d\\ude00", null, true]}') == {
        "a": [1, -0.0, 1e308, 2**53, "\U0001f600", None, True]
    }
    assert loads(b"[" * 32 + b"]" * 32)
    # Brackets in a text are no nesting.
    assert loads(b'["' + b"[" * 500 + b'"]')


def test_only_what_is_no_json_is_a_fault_of_syntax() -> None:
    with pytest.raises(JsonFault) as caught:
        loads(b'{"a": ')
    assert caught.value.syntax
    with pytest.raises(JsonFault) as caught:
        loads(b'{"a": 1, "a": 2}')
    assert not caught.value.syntax
