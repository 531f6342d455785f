"""Making slots of a batch on items of its project's pool, in a given order."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection

from projects.items.models import Batch
from projects.work.models import Purpose
from projects.work.services.slots import Terms

# An item of the pool has slots in several batches, so the numbers of its new ones follow those it has.
_CREATE = """
    WITH chosen AS (
        SELECT i.id, jsonb_array_length(i.responses) AS responses,
               COALESCE((SELECT max(s.number) FROM projects_work_slot s WHERE s.item_id = i.id), 0) AS last
        FROM unnest(%(items)s::uuid[]) WITH ORDINALITY AS c (id, nth) JOIN projects_items_item i ON i.id = c.id
        ORDER BY c.nth
    ), queued AS (
        -- All slots of an item have the same seq, so that everybody meets the items in the same order.
        SELECT id, responses, last, nextval('projects_work_slot_seq') AS seq FROM chosen
    )
    INSERT INTO projects_work_slot (id, workspace_id, project_id, batch_id, item_id, funding_id, number, responses, seq,
        price_minor, fee_minor, currency, state, purpose)
    SELECT rlhfhub_uuid7(), %(workspace)s, %(project)s, %(batch)s, queued.id, %(funding)s, queued.last + n,
           queued.responses, queued.seq, %(price)s, %(fee)s, %(currency)s, 'open', %(purpose)s
    FROM queued CROSS JOIN generate_series(1, %(overlap)s) AS n
"""


def create_on_pool(
    *, batch: Batch, item_ids: Sequence[uuid.UUID], purpose: Purpose, terms: Terms
) -> int:
    """Create `terms.overlap` open slots for each of these items of the project's pool, in their order.

    The caller must have moved their money and must hold a lock on the batch's row. Returns how many are new.
    """
    # Runs of other batches number slots of the same items.
    Batch.every.select_for_update().get(project=batch.project_id, is_pool=True)
    values: dict[str, Any] = {
        "items": list(item_ids),
        "workspace": batch.workspace_id,
        "project": batch.project_id,
        "batch": batch.pk,
        "funding": terms.funding_id,
        "overlap": terms.overlap,
        "price": terms.price_minor,
        "fee": terms.fee_minor,
        "currency": terms.currency,
        "purpose": purpose.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CREATE, values)
        return int(cursor.rowcount)
