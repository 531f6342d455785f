"""Write items in PostgreSQL's binary COPY format, which needs no escaping on either side."""

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
"""Name and SQL type of each column, in the file's order."""

_SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"
# The number of fields, the length and value of `row`, and the length of `external_id`.
_HEAD = struct.Struct(">hiiI").pack
# The length of a jsonb field counts its leading format version, 1.
_JSONB = struct.Struct(">IB").pack
# sha256, content key and warnings, each preceded by its length.
_TAIL = struct.Struct(">I64sI16sIh").pack
_EMPTY_OBJECT = _JSONB(3, 1) + b"{}"
# Bytes. A block fits into a socket's buffer, so that the server reads it while the next one is made.
_BLOCK = 64 * 1024


class CopyFile:
    """Write items in binary COPY format to `write`, block by block. The file is complete only after `close`."""

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
    """The statement that creates the temporary table that the file is copied into."""
    columns = ", ".join(f'"{name}" {kind} NOT NULL' for name, kind in COLUMNS)
    return f'CREATE TEMPORARY TABLE "{table}" ({columns}) ON COMMIT DROP'


def copy_sql(table: str) -> str:
    """The COPY statement that takes the file as its input."""
    columns = ", ".join(f'"{name}"' for name, _ in COLUMNS)
    return f'COPY "{table}" ({columns}) FROM STDIN (FORMAT binary)'
