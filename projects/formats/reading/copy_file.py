"""Writes items as PostgreSQL's binary COPY takes them: no escaping here and none to undo there."""

from __future__ import annotations

import struct
from collections.abc import Callable

from .item_shape import Item

COLUMNS = (
    ("row", "integer"),
    ("external_id", "text"),
    ("prompt", "jsonb"),
    ("responses", "jsonb"),
    ("context", "jsonb"),
    ("metadata", "jsonb"),
    ("sha256", "text"),
    ("content_key", "uuid"),
    ("warnings", "smallint"),
)
"""Names and types of the columns, in the file's order."""

_SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"
# Nine fields; the first is four bytes long; the length of the second.
_HEAD = struct.Struct(">hiiI").pack
# The length of a jsonb field counts its leading format version, 1.
_JSONB = struct.Struct(">IB").pack
# sha256, content key and warnings, each after its length.
_TAIL = struct.Struct(">I64sI16sIh").pack
_EMPTY_OBJECT = _JSONB(3, 1) + b"{}"
# Small enough to fit into a socket: what reads us works on it while we make the next.
_BLOCK = 64 * 1024


class CopyFile:
    """Items in COPY's binary format, block by block to `write`; `close` makes it whole."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._rows = [_SIGNATURE]
        self._size = 0

    def add(self, row: int, item: Item) -> None:
        """Append one item under its row number."""
        prompt, responses, context, metadata = (
            item.prompt,
            item.responses,
            item.context,
            item.metadata,
        )
        identity = item.external_id.encode()
        self._rows += (
            _HEAD(len(COLUMNS), 4, row, len(identity)),
            identity,
            _JSONB(len(prompt) + 1, 1),
            prompt,
            _JSONB(len(responses) + 1, 1),
            responses,
            _jsonb(context),
            _jsonb(metadata),
            _TAIL(64, item.sha256.encode(), 16, item.content_key, 2, item.warnings),
        )
        self._size += len(prompt) + len(responses) + len(context) + len(metadata)
        if self._size >= _BLOCK:
            self._flush()

    def close(self) -> None:
        """Write the trailer."""
        self._rows.append(_TRAILER)
        self._flush()

    def _flush(self) -> None:
        self._write(b"".join(self._rows))
        self._rows, self._size = [], 0


def _jsonb(text: bytes) -> bytes:
    return _EMPTY_OBJECT if text == b"{}" else _JSONB(len(text) + 1, 1) + text


def create_table_sql(table: str) -> str:
    """The statement that makes a temporary table to COPY into."""
    columns = ", ".join(f'"{name}" {kind} NOT NULL' for name, kind in COLUMNS)
    return f'CREATE TEMPORARY TABLE "{table}" ({columns}) ON COMMIT DROP'


def copy_sql(table: str) -> str:
    """The statement the file is sent to."""
    columns = ", ".join(f'"{name}"' for name, _ in COLUMNS)
    return f'COPY "{table}" ({columns}) FROM STDIN (FORMAT binary)'
