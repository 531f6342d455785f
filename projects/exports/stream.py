"""Frozen rows as a dataset's rows: the database serialises a few at a time, in keyset pages of short transactions.

The database says what it has, and no more: taking responses apart costs it more than it costs us.
"""

from collections.abc import Generator
from contextlib import closing

from django.db import connection
from psycopg import sql

from projects.exports import rule
from projects.exports.models import Export
from projects.exports.pulse import Pulse
from projects.formats import writing
from projects.formats.writing.protocol import Reader, Rows
from rlhfhub.tenancy import planes

PAGE = 32 * 1024 * 1024
MOST = 20_000
FIRST = 500
# A block's rows are in memory together: so many bytes of them at about, and no more rows than make its own
# cost nothing beside theirs.
BLOCK = 1024 * 1024
TOGETHER = 16


def rows(export: Export, read: Reader, pulse: Pulse) -> Generator[Rows, None, None]:
    """The export's rows in the order of their frozen numbers, a few at a time; notes progress as it goes.

    While it waits for its caller it is in the middle of a COPY: nobody else can use the connection until it is closed.
    The database makes the next block while the caller writes this one. No page lasts long enough to hold
    back the clean-up of dead rows, or the beat: it ends after MOST rows or about as many bytes as PAGE.
    """
    last, sent = 0, 0
    page, together = FIRST, 1
    while last < export.rows:
        first, last = last, min(last + page, export.rows)
        page_of = _page(export, first, last, together)
        with planes.in_workspace(export.workspace_id), closing(page_of) as blocks:
            for block in blocks:
                sent += len(block)
                yield read(block)
        pulse.beat(rows_written=last)
        # If they go on as wide as they were.
        wide = -(-sent // last)
        page = max(1, min(MOST, PAGE // wide))
        together = max(1, min(TOGETHER, BLOCK // wide))


def _page(export: Export, first: int, last: int, together: int) -> Generator[bytes, None, None]:
    bounds = {"first": first, "last": last, "together": together, "most": MOST}
    query = sql.SQL(rule.text(rule.FOLDER / "rows.sql")).format(
        export=sql.Literal(export.pk),
        answers=_answers(export),
        **{name: sql.Literal(value) for name, value in bounds.items()},
    )
    with connection.connection.cursor() as cursor, cursor.copy(query) as copy:
        # The protocol sends a row at a time, and so a block whole.
        yield from map(bytes, copy)


def _answers(export: Export) -> sql.Composable:
    """What a block's rows have beside their item: their annotations, where the dataset reads them."""
    if not writing.get(export.dataset).WITH_ANSWERS:
        return sql.SQL("")
    query = sql.SQL(rule.text(rule.FOLDER / "answers.sql"))
    return sql.SQL(", ({})").format(query.format(frozen_at=sql.Literal(export.frozen_at)))
