"""Slots that are kept for one enrollment, each at a place in that person's queue."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from projects.work.models import Purpose
from projects.work.services.slots import Terms


@dataclass(frozen=True, slots=True)
class Kept:
    """An item that one enrollment is to get behind the next `ahead` items of its queue, if others follow then."""

    item_id: uuid.UUID
    enrollment_id: uuid.UUID
    ahead: int


# The number that the cursor must pass is that of an open slot so many items ahead of it.
_KEEP = """
    INSERT INTO projects_work_slot (id, workspace_id, project_id, batch_id, item_id, funding_id, number, responses, seq,
        purpose, kept_for_id, price_minor, fee_minor, currency, state)
    SELECT rlhfhub_uuid7(), b.workspace_id, b.project_id, b.id, i.id, %(funding)s,
           (SELECT COALESCE(max(s.number), 0) + 1 FROM projects_work_slot s WHERE s.item_id = i.id),
           jsonb_array_length(i.responses),
           COALESCE((SELECT max(ahead.seq) FROM (
               SELECT DISTINCT s.seq FROM projects_work_slot s
               WHERE s.batch_id = b.id AND s.state = 'open' AND s.kept_for_id IS NULL
                 AND s.seq > GREATEST(b.low_seq - 1, COALESCE(c.seq, 0))
               ORDER BY s.seq LIMIT k.ahead) ahead), c.seq, b.low_seq),
           %(purpose)s, k.enrollment, %(price)s, %(fee)s, %(currency)s, 'open'
    FROM unnest(%(items)s::uuid[], %(enrollments)s::uuid[], %(ahead)s::int[]) AS k(item, enrollment, ahead)
    JOIN projects_items_item i ON i.id = k.item
    JOIN projects_items_batch b ON b.id = %(batch)s
    LEFT JOIN projects_work_cursor c ON c.batch_id = b.id AND c.enrollment_id = k.enrollment
"""


def keep_funded(*, batch_id: uuid.UUID, kept: Sequence[Kept], terms: Terms) -> int:
    """Make one open slot of purpose repeat for each of these items of the pool. Workspace plane. Returns how many.

    The items are different ones. The caller has moved the money for their slots, and holds the rows of the batch and of
    the pool.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP,
            {
                "batch": batch_id,
                "funding": terms.funding_id,
                "purpose": Purpose.REPEAT.value,
                "price": terms.price_minor,
                "fee": terms.fee_minor,
                "currency": terms.currency,
                "items": [one.item_id for one in kept],
                "enrollments": [one.enrollment_id for one in kept],
                "ahead": [one.ahead for one in kept],
            },
        )
        return int(cursor.rowcount)
