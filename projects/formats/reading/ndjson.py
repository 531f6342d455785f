"""NDJSON: one JSON object a line. A row's number is its line number, and blank lines count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from ..errors import ROW, RowFault
from ..limits import MIB, ItemLimits
from .source import RawRow, Start

ENDS_ITSELF = False
IS_ONE_TEXT = False

_BLOCK = 1 * MIB
_BOM = b"\xef\xbb\xbf"


def recognizes(file: BinaryIO, start: Start, limits: ItemLimits) -> bool:
    """Always true: a file that no other source recognizes is read as lines."""
    return True


def rows(file: BinaryIO, start: Start, limits: ItemLimits) -> Iterator[RawRow]:
    """Each line that is not blank, with at most one block and one item in memory."""
    # From the first byte, because blank lines before the first row count.
    file.seek(len(_BOM) if start.head.startswith(_BOM) else 0)
    number = 0
    tail = b""
    too_long = False
    while block := file.read(_BLOCK):
        parts = block.split(b"\n")
        for part in parts[:-1]:
            line = tail + part if tail else part
            tail = b""
            number += 1
            if too_long or len(line) > limits.item_bytes:
                too_long = False
                yield number, _too_long(limits)
            elif line and not line.isspace():
                yield number, line
        tail += parts[-1]
        if len(tail) > limits.item_bytes:
            # Remember only that the line is too long, and skip the rest of it.
            too_long, tail = True, b""
    if too_long:
        yield number + 1, _too_long(limits)
    elif tail and not tail.isspace():
        yield number + 1, tail


def _too_long(limits: ItemLimits) -> RowFault:
    return RowFault(ROW, f"the line is longer than {limits.item_bytes} bytes")
