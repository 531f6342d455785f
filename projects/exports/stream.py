"""Frozen rows as JSON Lines, serialised by the database, in keyset pages of a short transaction each."""

import uuid
from collections.abc import Iterator

from django.db import connection
from psycopg import sql

from projects.exports.models import Export
from projects.exports.pulse import Pulse
from rlhfhub.tenancy import planes

PAGE = 32 * 1024 * 1024
MOST = 20_000
FIRST = 500

# CSV whose quote and delimiter cannot stand in JSON text: the lines come out as they are.
_LINES = """
    COPY (SELECT json_build_object(
            'prompt', i.prompt,
            'chosen', p.chosen -> 'messages',
            'rejected', p.rejected -> 'messages',
            'metadata', json_build_object(
                'external_id', i.external_id,
                'chosen_model', p.chosen -> 'model',
                'rejected_model', p.rejected -> 'model',
                'votes_for', r.votes_for, 'votes_against', r.votes_against, 'votes_tie', r.votes_tie,
                'item_metadata', i.metadata)::text)::text
        FROM projects_exports_exportrow r JOIN projects_items_item i ON i.id = r.item_id,
        LATERAL (SELECT i.responses -> r.chosen::int AS chosen, i.responses -> (1 - r.chosen)::int AS rejected
                 OFFSET 0) p -- taken out once
        WHERE r.export_id = {export} AND r.number > {first} AND r.number <= {last} ORDER BY r.number)
    TO STDOUT (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')
"""


def lines(export: Export, pulse: Pulse) -> Iterator[bytes]:
    """The rows' lines in the order of their frozen numbers, cut anywhere; notes progress as it goes.

    The database makes the next lines while the caller writes these. No page lasts long enough to hold
    back the clean-up of dead rows, or the beat: it ends after MOST rows or about as many bytes as PAGE.
    """
    last, sent = 0, 0
    while last < export.rows:
        first, last = last, min(last + _fitting(last, sent), export.rows)
        with planes.in_workspace(export.workspace_id):
            for block in _page(export.pk, first, last):
                sent += len(block)
                yield block
        pulse.beat(rows_written=last)


def _fitting(rows: int, sent: int) -> int:
    """How many rows a page may take, if they go on as wide as they were."""
    return max(1, min(MOST, PAGE * rows // sent)) if sent else FIRST


def _page(export_id: uuid.UUID, first: int, last: int) -> Iterator[bytes]:
    bounds = {"export": export_id, "first": first, "last": last}
    query = sql.SQL(_LINES).format(**{name: sql.Literal(value) for name, value in bounds.items()})
    with connection.connection.cursor() as cursor, cursor.copy(query) as copy:
        for block in copy:
            yield bytes(block)
