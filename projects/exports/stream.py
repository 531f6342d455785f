"""Frozen rows as JSON Lines, serialised by the database, in keyset pages of a short transaction each."""

import uuid
from collections.abc import Iterator

from django.db import connection
from django.utils import timezone
from psycopg import sql

from projects.exports.models import Export
from rlhfhub.tenancy import planes

PAGE = 20_000

# CSV whose quote and delimiter cannot stand in JSON text: the lines come out as they are.
_LINES = """
    COPY (SELECT json_build_object(
            'prompt', i.prompt,
            'chosen', i.responses -> r.chosen::int -> 'messages',
            'rejected', i.responses -> (1 - r.chosen)::int -> 'messages',
            'metadata', json_build_object(
                'external_id', i.external_id,
                'chosen_model', i.responses -> r.chosen::int -> 'model',
                'rejected_model', i.responses -> (1 - r.chosen)::int -> 'model',
                'votes_for', r.votes_for, 'votes_against', r.votes_against, 'votes_tie', r.votes_tie,
                'item_metadata', i.metadata)::text)::text
        FROM projects_exports_exportrow r JOIN projects_items_item i ON i.id = r.item_id
        WHERE r.export_id = {export} AND r.number > {first} AND r.number <= {last} ORDER BY r.number)
    TO STDOUT (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')
"""


def lines(*, workspace_id: uuid.UUID, export_id: uuid.UUID, rows: int) -> Iterator[bytes]:
    """The rows' lines in the order of their frozen numbers, cut anywhere; notes progress as it goes.

    The database makes the next lines while the caller writes these.
    """
    for first in range(0, rows, PAGE):
        last = min(first + PAGE, rows)
        with planes.in_workspace(workspace_id):
            yield from _page(export_id, first, last)
            Export.objects.filter(pk=export_id).update(rows_written=last, beat_at=timezone.now())


def _page(export_id: uuid.UUID, first: int, last: int) -> Iterator[bytes]:
    bounds = {"export": export_id, "first": first, "last": last}
    query = sql.SQL(_LINES).format(**{name: sql.Literal(value) for name, value in bounds.items()})
    with connection.connection.cursor() as cursor, cursor.copy(query) as copy:
        for block in copy:
            yield bytes(block)
