"""The rows of a file of any size, from any known source. A new source is one module and one entry in SOURCES."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from ..errors import FormatError
from ..limits import MIB, ItemLimits
from . import json_array, json_object, ndjson
from .source import RawRow, Source, Start

SOURCES: list[Source] = [json_array, json_object]
"""The sources in the order in which they are tried. A file that none of them recognizes is read as NDJSON."""

_BLOCK = 1 * MIB
_HEAD = 1024
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
    """The rows of `file`, to be iterated once. Raises FormatError for an empty file and for a known binary format."""

    def __init__(self, file: BinaryIO, limits: ItemLimits) -> None:
        self._file = file
        self._limits = limits
        self._start = _start_of(file)
        self._source = _source_of(file, self._start, limits)
        self.is_one_text = self._source.IS_ONE_TEXT
        self.ends_itself = self._source.ENDS_ITSELF

    def __iter__(self) -> Iterator[RawRow]:
        self._file.seek(self._start.offset)
        yield from self._source.rows(self._file, self._start, self._limits)


def _source_of(file: BinaryIO, start: Start, limits: ItemLimits) -> Source:
    for source in SOURCES:
        if source.recognizes(file, start, limits):
            return source
    for magic, name in _FOREIGN.items():
        if start.head.startswith(magic):
            raise FormatError(
                "not_json", f"the file is {name}; send a JSON array, or NDJSON (one object a line)"
            )
    return ndjson


def _start_of(file: BinaryIO) -> Start:
    file.seek(0)
    block = file.read(_BLOCK)
    head = block[:_HEAD]
    offset = len(_BOM) if block.startswith(_BOM) else 0
    block = block[offset:]
    while block:
        visible = block.lstrip(b" \t\r\n")
        if visible:
            return Start(head, offset + len(block) - len(visible), visible[:1])
        offset += len(block)
        block = file.read(_BLOCK)
    raise FormatError("empty", "the file is empty")
