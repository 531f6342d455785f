"""Slots: made when money is there, cancelled when nobody will fill them.

When a lease ends without an answer the database queues its slot anew (the lease's trigger `slot_again`).
"""

import uuid

from django.db import connection

_CREATE = """
    WITH chunk AS (
        SELECT id, seq FROM projects_items_item
        WHERE batch_id = %(batch)s AND seq >= %(first)s AND seq < %(end)s ORDER BY seq
    ), placed AS (
        -- Siblings share a place, so that a cursor steps over all slots of an item at once.
        SELECT id, nextval('projects_work_slot_place') AS place FROM chunk
    )
    INSERT INTO projects_work_slot
        (id, workspace_id, project_id, batch_id, item_id, number, seq, price_minor, fee_minor, currency, state)
    SELECT rlhfhub_uuid7(), %(workspace)s, %(project)s, %(batch)s, placed.id, n, placed.place,
           %(price)s, %(fee)s, %(currency)s, 'open'
    FROM placed CROSS JOIN generate_series(1, %(overlap)s) AS n
    ON CONFLICT (item_id, number) DO NOTHING
"""


def create_funded(
    *,
    workspace_id: uuid.UUID,
    project_id: uuid.UUID,
    batch_id: uuid.UUID,
    first_seq: int,
    end_seq: int,
    overlap: int,
    price_minor: int,
    fee_minor: int,
    currency: str,
) -> int:
    """`overlap` open slots for each item of the batch with `first_seq` <= seq < `end_seq`. Returns how many are new.

    The caller has moved the money for them in the same transaction or before, and holds the batch's row:
    places must be committed in their order.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _CREATE,
            {
                "workspace": workspace_id,
                "project": project_id,
                "batch": batch_id,
                "first": first_seq,
                "end": end_seq,
                "overlap": overlap,
                "price": price_minor,
                "fee": fee_minor,
                "currency": currency,
            },
        )
        return int(cursor.rowcount)


_CANCEL = """
    WITH gone AS (
        UPDATE projects_work_slot SET state = 'cancelled' WHERE id IN (
            SELECT id FROM projects_work_slot WHERE batch_id = %s AND state = 'open' LIMIT %s FOR UPDATE)
        RETURNING price_minor + fee_minor AS cost)
    SELECT count(*), COALESCE(sum(cost), 0)::bigint FROM gone
"""


def cancel_open(*, batch_id: uuid.UUID, limit: int) -> tuple[int, int]:
    """Cancel up to `limit` open slots of a closed batch. Returns (how many, minor units they were funded with)."""
    with connection.cursor() as cursor:
        cursor.execute(_CANCEL, [batch_id, limit])
        count, cost = cursor.fetchone()
    return count, cost


_EXPIRE = """
    WITH due AS (
        SELECT id FROM projects_work_lease
        WHERE ended_at IS NULL AND expires_at < statement_timestamp() - %(grace)s * interval '1 second'
        ORDER BY expires_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    )
    UPDATE projects_work_lease l SET ended_at = clock_timestamp(), ended_as = 'expired' FROM due WHERE l.id = due.id
"""


def expire_leases(*, grace_seconds: int, limit: int = 1000) -> int:
    """End leases that ran out more than the grace ago; their slots queue anew. System plane. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRE, {"grace": grace_seconds, "limit": limit})
        return int(cursor.rowcount)


_MARK = """
    UPDATE projects_items_batch b SET low_seq = low.seq FROM (
        SELECT batch.id,
               (SELECT min(s.seq) FROM projects_work_slot s WHERE s.batch_id = batch.id AND s.state = 'open') AS seq
        FROM projects_items_batch batch WHERE batch.status = 'open' AND batch.funding = 'funded') low
    WHERE b.id = low.id AND low.seq IS NOT NULL AND low.seq > b.low_seq
"""


def move_marks() -> int:
    """Raise `low_seq` of open batches to their first open slot, so that a newcomer's search starts there."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK)
        return int(cursor.rowcount)
