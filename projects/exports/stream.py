"""Read the frozen rows of an export and turn them into the dataset's rows.

The database serializes a few rows at a time to JSON, in keyset pages of short transactions. It sends items whole:
picking responses out of them costs less in Python than in SQL.
"""

from collections.abc import Generator
from contextlib import closing

from django.db import connection
from psycopg import sql

from projects.exports import rule
from projects.exports.heartbeat import ExportHeartbeat
from projects.exports.models import Export
from projects.formats import writing
from projects.formats.writing.protocol import Reader, Rows
from rlhfhub.tenancy import planes

# A page is one transaction, and ends at about this many bytes or after this many rows.
PAGE_BYTES = 32 * 1024 * 1024
PAGE_ROWS = 20_000
FIRST_PAGE_ROWS = 500
# A block is the rows that are in memory together: about this many bytes of them, and at most this many rows. With 16
# rows the cost of blocks still showed in the time of an export.
BLOCK_BYTES = 1024 * 1024
BLOCK_ROWS = 64


def rows(export: Export, read: Reader, heartbeat: ExportHeartbeat) -> Generator[Rows, None, None]:
    """Yield the export's rows in the order of their frozen numbers, in blocks, and record the progress.

    Between two blocks a COPY is still running, so nobody else can use the connection until this generator is closed.
    In exchange, the database makes the next block while the caller writes this one. A page is small enough that its
    transaction does not hold up vacuum, and that heartbeats are not late.
    """
    last, sent = 0, 0
    page_rows, block_rows = FIRST_PAGE_ROWS, 1
    while last < export.rows:
        first, last = last, min(last + page_rows, export.rows)
        page = _page(export, first, last, block_rows)
        with planes.in_workspace(export.workspace_id), closing(page) as blocks:
            for block in blocks:
                sent += len(block)
                yield read(block)
        heartbeat.beat(rows_written=last)
        # Assume that later rows are as large as those sent so far.
        row_bytes = -(-sent // last)
        page_rows = max(1, min(PAGE_ROWS, PAGE_BYTES // row_bytes))
        block_rows = max(1, min(BLOCK_ROWS, BLOCK_BYTES // row_bytes))


def _page(export: Export, first: int, last: int, block_rows: int) -> Generator[bytes, None, None]:
    bounds = {"first": first, "last": last, "block_rows": block_rows, "page_rows": PAGE_ROWS}
    query = sql.SQL(rule.text(rule.FOLDER / "rows.sql")).format(
        export=sql.Literal(export.pk),
        answers=_answers(export),
        **{name: sql.Literal(value) for name, value in bounds.items()},
    )
    with connection.connection.cursor() as cursor, cursor.copy(query) as copy:
        for (block,) in copy.rows():
            yield block


def _answers(export: Export) -> sql.Composable:
    """The SQL expression for the annotations of a row; empty if the dataset does not read them."""
    if not writing.get(export.dataset).WITH_ANSWERS:
        return sql.SQL("")
    query = sql.SQL(rule.text(rule.FOLDER / "answers.sql"))
    return sql.SQL(", ({})").format(query.format(frozen_at=sql.Literal(export.frozen_at)))
