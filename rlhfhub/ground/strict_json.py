"""Reads JSON strictly and reports exactly what is wrong and where.

It refuses what two JSON readers would read differently or PostgreSQL cannot store: repeated keys, numbers that a double
would change, lone surrogates, NUL characters, NaN, and nesting that is too deep.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

SAFE_INTEGER = 2**53
"""The largest integer that JSON readers with doubles keep exactly."""

NUMBER_CHARACTERS = 32
"""The most characters of a number. A double needs 24 at most, so longer numbers must be sent as text."""

MOST_DEPTH = 32

_STRING_OR_BRACKET = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SHOWN_KEY = 64


class JsonFault(ValueError):
    """Raised for refused JSON. `path` is the place in the value, like `responses[1].text`; empty for the whole text.

    `syntax` is True when the text is no JSON at all.
    """

    def __init__(self, message: str, path: str = "", *, syntax: bool = False) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path, self.message, self.syntax = path, message, syntax


class _Flaw:
    """A placeholder in the parsed value for something that is refused, until its path is known."""

    def __init__(self, message: str) -> None:
        self.message = message


class _Repeating(dict[str, Any]):
    """An object that holds one key twice."""

    repeated: str = ""


class _Unfit(Exception):
    """Raised for a flaw found in a tree; `steps` lead to it, innermost first."""

    def __init__(self, message: str, *steps: str | int) -> None:
        super().__init__(message)
        self.message, self.steps = message, list(steps)

    def path(self) -> str:
        """The steps as one text."""
        path = ""
        for step in reversed(self.steps):
            path = child(path, step) if isinstance(step, str) else f"{path}[{step}]"
        return path


def loads(raw: bytes, *, depth: int = MOST_DEPTH) -> Any:
    """Return the value in `raw`, nested at most `depth` levels deep. Raises JsonFault for the first fault found."""
    _check_depth(raw, depth)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonFault(f"is not UTF-8 text (at byte {error.start + 1})") from error
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_constant,
        )
    except (ValueError, RecursionError) as error:
        raise JsonFault(_syntax_message(error), syntax=True) from error
    try:
        _check_tree(value)
    except _Unfit as unfit:
        raise JsonFault(unfit.message, unfit.path()) from None
    return value


def exact_float(literal: str) -> float:
    """Return the double for a JSON number. Raises ValueError when a double would change it beyond rounding."""
    if len(literal) > NUMBER_CHARACTERS:
        raise ValueError("has more digits than a number can keep; send it as text")
    number = float(literal)
    if math.isinf(number):
        raise ValueError("is too large for a number; send it as text")
    if number == 0.0 and literal.lower().partition("e")[0].strip("-0."):
        raise ValueError("is too small for a number; send it as text")
    return number


def child(path: str, key: str) -> str:
    """Return `path` with a key appended, in a readable form for any key."""
    if not _PLAIN_KEY.fullmatch(key):
        shown = json.dumps(key[:_SHOWN_KEY] + ("…" if len(key) > _SHOWN_KEY else ""))
        return f"{path}[{shown}]"
    return f"{path}.{key}" if path else key


def _syntax_message(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"is not valid JSON: {error.msg} (character {error.pos + 1})"
    return "is not valid JSON"


def _check_depth(raw: bytes, most: int) -> None:
    # With at most so many opening brackets, nesting cannot be too deep.
    if raw.count(b"{") + raw.count(b"[") <= most:
        return
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(raw):
        mark = found[0]
        if mark in (b"{", b"["):
            depth += 1
            if depth > most:
                raise JsonFault(f"is nested deeper than {most} levels")
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


def _check_tree(value: Any) -> None:
    if isinstance(value, str):
        _check_text(value, "the text")
    elif isinstance(value, dict):
        if isinstance(value, _Repeating):
            raise _Unfit("the key appears twice", value.repeated)
        for key, inner in value.items():
            _check_member(key, inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _check_member(index, inner)
    elif isinstance(value, _Flaw):
        raise _Unfit(value.message)


def _check_member(step: str | int, inner: Any) -> None:
    try:
        if isinstance(step, str):
            _check_text(step, "the key")
        _check_tree(inner)
    except _Unfit as unfit:
        unfit.steps.append(step)
        raise


def _check_text(text: str, what: str) -> None:
    if "\0" in text:
        raise _Unfit(f"{what} holds a NUL character")
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise _Unfit(f"{what} holds half a surrogate pair") from None
