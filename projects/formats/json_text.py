"""JSON read strictly and slowly, to say exactly what is wrong where. What no reader after us would
read the same way (repeated keys, numbers beyond a double, lone surrogates, NUL) is refused."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from .errors import ROW, RowFault
from .limits import NUMBER_CHARACTERS, SAFE_INTEGER, ItemLimits

_STRING_OR_BRACKET = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SHOWN_KEY = 64


class _Flaw:
    """Stands in the parsed value where something cannot be kept, until its path is known."""

    def __init__(self, message: str) -> None:
        self.message = message


class _Repeating(dict[str, Any]):
    """An object that holds one key twice."""

    repeated: str = ""


def strict_json(raw: bytes, limits: ItemLimits) -> Any:
    """The value in `raw`, or a RowFault naming the first thing wrong with it."""
    _check_depth(raw, limits)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RowFault(ROW, f"is not UTF-8 text (at byte {error.start + 1})") from error
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_constant,
        )
    except (ValueError, RecursionError) as error:
        raise RowFault(ROW, _syntax_message(error), syntax=True) from error
    _check_tree(value, "")
    return value


def exact_float(literal: str) -> float:
    """The double for a JSON number, or ValueError where a double would change it beyond rounding."""
    if len(literal) > NUMBER_CHARACTERS:
        raise ValueError("has more digits than a number can keep; send it as text")
    number = float(literal)
    if math.isinf(number):
        raise ValueError("is too large for a number; send it as text")
    if number == 0.0 and literal.lower().partition("e")[0].strip("-0."):
        raise ValueError("is too small for a number; send it as text")
    return number


def child(path: str, key: str) -> str:
    """`path` with a key appended, readable also when the key is not."""
    if not _PLAIN_KEY.fullmatch(key):
        shown = json.dumps(key[:_SHOWN_KEY] + ("…" if len(key) > _SHOWN_KEY else ""))
        return f"{path}[{shown}]"
    return f"{path}.{key}" if path else key


def _syntax_message(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"is not valid JSON: {error.msg} (character {error.pos + 1})"
    return "is not valid JSON"


def _check_depth(raw: bytes, limits: ItemLimits) -> None:
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(raw):
        mark = found[0]
        if mark in (b"{", b"["):
            depth += 1
            if depth > limits.depth:
                raise RowFault(ROW, f"is nested deeper than {limits.depth} levels")
        elif mark in (b"}", b"]"):
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    repeating = _Repeating(value)
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            repeating.repeated = key
            break
        seen.add(key)
    return repeating


def _integer(literal: str) -> int | _Flaw:
    if len(literal) > NUMBER_CHARACTERS or abs(int(literal)) > SAFE_INTEGER:
        return _Flaw("is an integer beyond 2^53; send it as text")
    return int(literal)


def _float(literal: str) -> float | _Flaw:
    try:
        return exact_float(literal)
    except ValueError as error:
        return _Flaw(str(error))


def _constant(literal: str) -> _Flaw:
    return _Flaw(f"is {literal}, which is not a JSON number")


def _check_tree(value: Any, path: str) -> None:
    if isinstance(value, dict):
        if isinstance(value, _Repeating):
            raise RowFault(child(path, value.repeated), "the key stands here twice")
        for key, inner in value.items():
            below = child(path, key)
            _check_text(key, below, "the key")
            _check_tree(inner, below)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _check_tree(inner, f"{path}[{index}]")
    elif isinstance(value, str):
        _check_text(value, path, "the text")
    elif isinstance(value, _Flaw):
        raise RowFault(path or ROW, value.message)


def _check_text(text: str, path: str, what: str) -> None:
    if "\0" in text:
        raise RowFault(path or ROW, f"{what} holds a NUL character")
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise RowFault(path or ROW, f"{what} holds half a surrogate pair") from error
