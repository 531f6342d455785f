"""Finds the rows of a JSON array or of NDJSON in a file of any size, without parsing them.

A row is its number and its bytes, or its number and a fault. In NDJSON the number is the line's;
in an array the element's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from .array_rows import array_rows, container_end
from .errors import ROW, FormatError, RowFault
from .limits import MIB, ItemLimits

RawRow = tuple[int, bytes | RowFault]

_BLOCK = 1 * MIB
_BOM = b"\xef\xbb\xbf"
_FOREIGN = {
    b"PK\x03\x04": "a zip archive",
    b"PAR1": "a parquet file",
    b"\x1f\x8b": "gzip inside gzip",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"%PDF": "a PDF file",
}


class Rows:
    """The rows of `file`, once: of an array if its first visible byte is `[`, else of lines."""

    def __init__(self, file: BinaryIO, limits: ItemLimits) -> None:
        self._file = file
        self._limits = limits
        start = _first_visible(file)
        if start is None:
            raise FormatError("empty", "there is nothing in it")
        self._offset, self._first = start
        self.is_array = self._first == b"["

    def __iter__(self) -> Iterator[RawRow]:
        file, limits = self._file, self._limits
        file.seek(self._offset)
        if self.is_array:
            yield from array_rows(file, limits)
        elif self._first == b"{" and (single := _single_object(file, self._offset, limits)):
            yield 1, single
        else:
            yield from _lines(file, limits)


def _first_visible(file: BinaryIO) -> tuple[int, bytes] | None:
    offset = 0
    block = file.read(_BLOCK)
    for magic, name in _FOREIGN.items():
        if block.startswith(magic):
            raise FormatError("not_json", f"this is {name}, not a JSON array or NDJSON")
    if block.startswith(_BOM):
        offset = len(_BOM)
        block = block[offset:]
    while block:
        visible = block.lstrip(b" \t\r\n")
        if visible:
            # NDJSON counts lines, so blank ones before the first row must still be seen.
            at = offset + len(block) - len(visible)
            return (at if visible[:1] in b"[" else _line_start(file)), visible[:1]
        offset += len(block)
        block = file.read(_BLOCK)
    return None


def _line_start(file: BinaryIO) -> int:
    file.seek(0)
    return len(_BOM) if file.read(len(_BOM)) == _BOM else 0


def _single_object(file: BinaryIO, offset: int, limits: ItemLimits) -> bytes | None:
    """The whole file when it is one object over several lines, as people send by hand."""
    text = file.read(limits.item_bytes + 1)
    file.seek(offset)
    if len(text) > limits.item_bytes:
        return None
    body = text.strip(b" \t\r\n")
    if b"\n" in body and container_end(body, 0) == len(body):
        return body
    return None


def _lines(file: BinaryIO, limits: ItemLimits) -> Iterator[RawRow]:
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
            # Only the fact is kept: the rest of the line is read past, not held.
            too_long, tail = True, b""
    if too_long:
        yield number + 1, _too_long(limits)
    elif tail and not tail.isspace():
        yield number + 1, tail


def _too_long(limits: ItemLimits) -> RowFault:
    return RowFault(ROW, f"the line is longer than {limits.item_bytes} bytes")
