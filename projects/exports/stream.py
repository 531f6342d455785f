"""Frozen rows as pairs: the database serialises a few rows at a time, in keyset pages of a short transaction each.

The database says what it has, and no more: taking responses apart costs it more than it costs us.
"""

import uuid
from collections.abc import Generator
from contextlib import closing
from typing import Literal

import msgspec
from django.db import connection
from msgspec import Raw, Struct
from psycopg import sql

from projects.exports.models import Export
from projects.exports.pulse import Pulse
from projects.formats.writing.pairs import Pair, PairMessage
from projects.formats.writing.read_back import doubles
from rlhfhub.tenancy import planes

PAGE = 32 * 1024 * 1024
MOST = 20_000
FIRST = 500
# A block's rows are in memory together: so many bytes of them at about, and no more rows than make its own
# cost nothing beside theirs.
BLOCK = 1024 * 1024
TOGETHER = 16

# CSV whose quote and delimiter cannot stand in JSON text: the blocks come out as they are. The limit takes
# nothing away: with one the planner sorts the bare numbers, and makes each block as it is sent.
_BLOCKS = """
    COPY (SELECT (
            SELECT json_agg(json_build_array(i.prompt, i.responses, r.chosen, i.external_id,
                                             r.votes_for, r.votes_against, r.votes_tie, i.metadata) ORDER BY r.number)
            FROM projects_exports_exportrow r JOIN projects_items_item i ON i.id = r.item_id
            WHERE r.export_id = {export} AND r.number > before AND r.number <= LEAST(before + {together}, {last}))
        FROM generate_series({first}, {last} - 1, {together}) before ORDER BY before LIMIT {most})
    TO STDOUT (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')
"""


class _Response(Struct, gc=False):
    messages: list[PairMessage]
    model: str | None = None


class _Row(Struct, array_like=True, gc=False):
    """A frozen row and its item, column by column."""

    prompt: list[PairMessage]
    responses: tuple[_Response, _Response]
    chosen: Literal[0, 1]
    external_id: str
    votes_for: int
    votes_against: int
    votes_tie: int
    metadata: Raw


class _About(Struct, gc=False):
    """A pair's metadata."""

    external_id: str
    chosen_model: str | None
    rejected_model: str | None
    votes_for: int
    votes_against: int
    votes_tie: int
    item_metadata: Raw


_decode = msgspec.json.Decoder(list[_Row]).decode
_encode = msgspec.json.Encoder().encode


def pairs(export: Export, pulse: Pulse) -> Generator[list[Pair], None, None]:
    """The rows' pairs in the order of their frozen numbers, a few at a time; notes progress as it goes.

    While it waits for its caller it is in the middle of a COPY: nobody else can use the connection until it is closed.
    The database makes the next block while the caller writes this one. No page lasts long enough to hold
    back the clean-up of dead rows, or the beat: it ends after MOST rows or about as many bytes as PAGE.
    """
    last, sent = 0, 0
    page, together = FIRST, 1
    while last < export.rows:
        first, last = last, min(last + page, export.rows)
        page_of = _page(export.pk, first, last, together)
        with planes.in_workspace(export.workspace_id), closing(page_of) as blocks:
            for block in blocks:
                sent += len(block)
                yield pairs_of(block)
        pulse.beat(rows_written=last)
        # If they go on as wide as they were.
        wide = -(-sent // last)
        page = max(1, min(MOST, PAGE // wide))
        together = max(1, min(TOGETHER, BLOCK // wide))


def pairs_of(block: bytes) -> list[Pair]:
    """The pairs in a block of the database's. Raises msgspec's errors for what is none."""
    return [_pair(row) for row in _decode(block)]


def _pair(row: _Row) -> Pair:
    chosen, rejected = row.responses[row.chosen], row.responses[1 - row.chosen]
    about = _About(
        row.external_id,
        chosen.model,
        rejected.model,
        row.votes_for,
        row.votes_against,
        row.votes_tie,
        doubles(row.metadata),
    )
    return Pair(row.prompt, chosen.messages, rejected.messages, _encode(about).decode())


def _page(
    export_id: uuid.UUID, first: int, last: int, together: int
) -> Generator[bytes, None, None]:
    bounds = {
        "export": export_id,
        "first": first,
        "last": last,
        "together": together,
        "most": MOST,
    }
    query = sql.SQL(_BLOCKS).format(**{name: sql.Literal(value) for name, value in bounds.items()})
    with connection.connection.cursor() as cursor, cursor.copy(query) as copy:
        # The protocol sends a row at a time, and so a block whole.
        yield from map(bytes, copy)
