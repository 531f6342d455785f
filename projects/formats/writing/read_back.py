"""Restore the form in which JSON was stored from what PostgreSQL's jsonb returns.

jsonb keeps the value and not the text: it reorders keys, adds spaces, and keeps numbers as decimals, so that 1e300
comes back as an integer of 301 digits.
"""

import re
from typing import Any

import msgspec
from msgspec import Raw

from projects.formats.reading.item_shape import stored_json
from rlhfhub.ground.strict_json import SAFE_INTEGER

_LONG_NUMBER = re.compile(r"\d{16}")


def read_back(text: str) -> bytes:
    """The stored form of a jsonb value, given as its `text`."""
    value = msgspec.json.decode(text)
    return stored_json(_numbers(value) if _LONG_NUMBER.search(text) else value)


def doubles(stored: Raw) -> Raw:
    """`stored`, with integers beyond 2^53 turned back into the doubles they were; unchanged if there are none."""
    text = bytes(stored).decode()
    return Raw(read_back(text)) if _LONG_NUMBER.search(text) else stored


def _numbers(value: Any) -> Any:
    """`value` with each integer beyond 2^53 as a double: imports refuse such integers, so it was one."""
    if isinstance(value, dict):
        return {key: _numbers(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_numbers(inner) for inner in value]
    if isinstance(value, int) and abs(value) > SAFE_INTEGER:
        return float(value)
    return value
