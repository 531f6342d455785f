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
_LENGTH = struct.Struct(">I").pack
# The length of a jsonb field counts its leading format version, 1.
_JSONB = struct.Struct(">IB").pack
_SHA_LENGTH = _LENGTH(64)
_KEY_LENGTH = _LENGTH(16)
_WARNINGS = struct.Struct(">Ih").pack
_NO_WARNING = _WARNINGS(2, 0)
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
        external_id, prompt, responses, context, metadata, sha256, content_key, warnings = item
        identity = external_id.encode()
        self._rows += (
            _HEAD(len(COLUMNS), 4, row, len(identity)),
            identity,
            _JSONB(len(prompt) + 1, 1),
            prompt,
            _JSONB(len(responses) + 1, 1),
            responses,
            _jsonb(context),
            _jsonb(metadata),
            _SHA_LENGTH,
            sha256.encode(),
            _KEY_LENGTH,
            content_key,
            _WARNINGS(2, warnings) if warnings else _NO_WARNING,
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
