"""Frozen rows as JSON Lines, serialised by the database, in keyset pages of a short transaction each."""

import uuid
from collections.abc import Iterator

from django.db import connection
from django.utils import timezone

from projects.exports.models import Export
from rlhfhub.tenancy import planes

PAGE = 2000

_LINES = """
    SELECT string_agg(line, E'\\n' ORDER BY number) || E'\\n', count(*) FROM (
        SELECT r.number, json_build_object(
            'prompt', i.prompt,
            'chosen', i.responses -> r.chosen::int -> 'messages',
            'rejected', i.responses -> (1 - r.chosen)::int -> 'messages',
            'metadata', json_build_object(
                'external_id', i.external_id,
                'chosen_model', i.responses -> r.chosen::int -> 'model',
                'rejected_model', i.responses -> (1 - r.chosen)::int -> 'model',
                'votes_for', r.votes_for, 'votes_against', r.votes_against, 'votes_tie', r.votes_tie,
                'item_metadata', i.metadata)::text)::text AS line
        FROM projects_exports_exportrow r JOIN projects_items_item i ON i.id = r.item_id
        WHERE r.export_id = %s AND r.number > %s AND r.number <= %s) page
"""


def lines(*, workspace_id: uuid.UUID, export_id: uuid.UUID, rows: int) -> Iterator[bytes]:
    """Blocks of whole lines, in the order of the frozen numbers; notes progress as it goes."""
    for first in range(0, rows, PAGE):
        with planes.in_workspace(workspace_id):
            with connection.cursor() as cursor:
                cursor.execute(_LINES, [export_id, first, first + PAGE])
                text, count = cursor.fetchone()
            Export.objects.filter(pk=export_id).update(
                rows_written=first + count, beat_at=timezone.now()
            )
        yield text.encode()
