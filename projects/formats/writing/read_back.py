"""Stored JSON as PostgreSQL's jsonb gives it back, brought again into the one form it was stored in.

jsonb keeps the value and not the text: keys are in another order, spaces stand between, and a number
is a decimal, so that 1e300 comes back as an integer of 301 digits.
"""

import re
from typing import Any

import msgspec
from msgspec import Raw

from projects.formats.reading.item_shape import stored_json
from rlhfhub.ground.strict_json import SAFE_INTEGER

_LONG_NUMBER = re.compile(r"\d{16}")


def read_back(text: str) -> bytes:
    """The stored form of a jsonb value's `text`."""
    value = msgspec.json.decode(text)
    return stored_json(_numbers(value) if _LONG_NUMBER.search(text) else value)


def doubles(stored: Raw) -> Raw:
    """`stored` as it is, unless it holds a number that only a double can be."""
    text = bytes(stored).decode()
    return Raw(read_back(text)) if _LONG_NUMBER.search(text) else stored


def _numbers(value: Any) -> Any:
    """`value` with doubles where they are meant: no integer beyond 2^53 was ever taken in."""
    if isinstance(value, dict):
        return {key: _numbers(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_numbers(inner) for inner in value]
    if isinstance(value, int) and abs(value) > SAFE_INTEGER:
        return float(value)
    return value
