"""A file that is a single JSON object over several lines, as people write one by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from ..limits import ItemLimits
from .json_array import container_end
from .source import RawRow, Start

ENDS_ITSELF = True
IS_ONE_TEXT = False

_BLANKS = b" \t\r\n"


def recognizes(file: BinaryIO, start: Start, limits: ItemLimits) -> bool:
    """Whether the file is a single object that takes more than one line."""
    if start.mark != b"{":
        return False
    body = _whole(file, start, limits)
    return body is not None and b"\n" in body and container_end(body, 0) == len(body)


def rows(file: BinaryIO, start: Start, limits: ItemLimits) -> Iterator[RawRow]:
    """The object, as row 1."""
    body = _whole(file, start, limits)
    if body is not None:
        yield 1, body


def _whole(file: BinaryIO, start: Start, limits: ItemLimits) -> bytes | None:
    """The whole file, or None if it is larger than an item may be."""
    file.seek(start.offset)
    text = file.read(limits.item_bytes + 1)
    return text.strip(_BLANKS) if len(text) <= limits.item_bytes else None
