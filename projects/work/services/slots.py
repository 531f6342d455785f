"""Services for slots: they are created when they are funded, and cancelled when their batch is closed.

When a lease ends without an answer, a database trigger (`slot_again`) puts its slot at the end of the queue.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from projects.work.models import Purpose

_CREATE = """
    WITH chunk AS (
        SELECT id, COALESCE(%(responses)s, jsonb_array_length(responses)) AS responses,
               row_number() OVER (ORDER BY seq) AS place, 0 AS nth, 'data' AS purpose, 0 AS last,
               CASE WHEN uuid_hash_extended(id, %(seed)s) <= %(share_up_to)s THEN %(share_overlap)s::int
                    ELSE %(overlap)s::int END AS overlap
        FROM projects_items_item WHERE batch_id = %(batch)s AND seq >= %(first)s AND seq < %(end)s
        UNION ALL
        SELECT i.id, jsonb_array_length(i.responses), p.after, p.nth, %(purpose)s,
               (SELECT COALESCE(max(s.number), 0) FROM projects_work_slot s WHERE s.item_id = i.id)
                   + %(overlap)s * (row_number() OVER (PARTITION BY i.id ORDER BY p.nth) - 1),
               %(overlap)s
        FROM unnest(%(items)s::uuid[], %(after)s::bigint[]) WITH ORDINALITY AS p(item, after, nth)
        JOIN projects_items_item i ON i.id = p.item
    ), queued AS (
        -- All slots of an item have the same seq, so that a cursor passes them together.
        SELECT id, responses, purpose, last, overlap, nextval('projects_work_slot_seq') AS seq
        FROM (SELECT * FROM chunk ORDER BY place, nth) ordered
    )
    INSERT INTO projects_work_slot (id, workspace_id, project_id, batch_id, item_id, funding_id, number, responses, seq,
        purpose, price_minor, fee_minor, currency, state)
    SELECT rlhfhub_uuid7(), %(workspace)s, %(project)s, %(batch)s, queued.id, %(funding)s, queued.last + n,
           queued.responses, queued.seq, queued.purpose, %(price)s, %(fee)s, %(currency)s, 'open'
    FROM queued CROSS JOIN LATERAL generate_series(1, queued.overlap) AS n
"""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a funding run pays for: the price of a slot, and how many slots an item gets.

    An item whose id, hashed with `seed`, is at most `share_up_to` gets `share_overlap` slots, any other item
    `overlap`. If `share_up_to` is None, all items get `overlap`. `responses` is the number of responses of every
    item, or None if it differs between items.
    """

    funding_id: uuid.UUID
    overlap: int
    share_overlap: int
    seed: int
    share_up_to: int | None
    responses: int | None
    price_minor: int
    fee_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an item of the pool stands in the queue: behind the first `after` items of those that get their slots."""

    item_id: uuid.UUID
    after: int


def create_funded(
    *,
    workspace_id: uuid.UUID,
    project_id: uuid.UUID,
    batch_id: uuid.UUID,
    first_seq: int,
    end_seq: int,
    terms: Terms,
    among: Sequence[Placement] = (),
    purpose: Purpose = Purpose.GOLD,
) -> int:
    """Create open slots for each item of the batch with `first_seq` <= seq < `end_seq`. Returns how many.

    For each placement `among` them, an item of the pool gets `terms.overlap` slots of this purpose. The same statement
    makes both kinds, so that neither ids nor numbers in the queue tell them apart.

    The caller must have moved their money, in this transaction or before, and must hold a lock on the batch's row:
    slots must become visible in the order of their numbers in the queue. With placements, it also holds the
    row of the pool, so that its items' slots are numbered one run after the other.

    Raises: IntegrityError where an item of the batch has such slots already.
    """
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "project": project_id,
        "batch": batch_id,
        "first": first_seq,
        "end": end_seq,
        "purpose": purpose.value,
        "items": [one.item_id for one in among],
        "after": [one.after for one in among],
    }
    with connection.cursor() as cursor:
        cursor.execute(_CREATE, values | _columns(terms))
        return int(cursor.rowcount)


def _columns(terms: Terms) -> dict[str, Any]:
    """What a statement that makes slots needs of the terms."""
    return {
        "funding": terms.funding_id,
        "overlap": terms.overlap,
        "share_overlap": terms.share_overlap,
        "seed": terms.seed,
        "share_up_to": terms.share_up_to,
        "responses": terms.responses,
        "price": terms.price_minor,
        "fee": terms.fee_minor,
        "currency": terms.currency,
    }


_ADD = """
    WITH queued AS (
        SELECT i.id, COALESCE(%(responses)s, jsonb_array_length(i.responses)) AS responses,
               nextval('projects_work_slot_seq') AS seq,
               COALESCE((SELECT max(s.number) FROM projects_work_slot s WHERE s.item_id = i.id), 0) AS last
        FROM projects_items_item i WHERE i.id = ANY(%(items)s) AND i.batch_id = %(batch)s
    )
    INSERT INTO projects_work_slot (id, workspace_id, project_id, batch_id, item_id, funding_id, number, responses, seq,
        price_minor, fee_minor, currency, state)
    SELECT rlhfhub_uuid7(), %(workspace)s, %(project)s, %(batch)s, queued.id, %(funding)s, queued.last + n,
           queued.responses, queued.seq, %(price)s, %(fee)s, %(currency)s, 'open'
    FROM queued CROSS JOIN generate_series(1, %(overlap)s) AS n
"""


def add_funded(
    *,
    workspace_id: uuid.UUID,
    project_id: uuid.UUID,
    batch_id: uuid.UUID,
    item_ids: Sequence[uuid.UUID],
    terms: Terms,
) -> int:
    """Open `terms.overlap` more slots, at the end of the queue, for each of these items of the batch.

    The caller has moved the money for them and holds the batch's row. Returns how many are new.
    """
    with connection.cursor() as cursor:
        batch = {"workspace": workspace_id, "project": project_id, "batch": batch_id}
        cursor.execute(_ADD, batch | {"items": list(item_ids)} | _columns(terms))
        return int(cursor.rowcount)


_CANCEL = """
    WITH cancelled AS (
        UPDATE projects_work_slot SET state = 'cancelled' WHERE id IN (
            SELECT id FROM projects_work_slot WHERE batch_id = %s AND state = 'open' AND kept_for_id {which}
            LIMIT %s FOR UPDATE)
        RETURNING price_minor + fee_minor AS cost)
    SELECT count(*), COALESCE(sum(cost), 0)::bigint FROM cancelled
"""


def cancel_open(*, batch_id: uuid.UUID, limit: int) -> tuple[int, int]:
    """Cancel open slots of a closed batch, up to `limit` of those open to all and of those kept for somebody.

    Returns: how many, and price and fee of all in minor units.
    """
    count = cost = 0
    with connection.cursor() as cursor:
        for which in ("IS NULL", "IS NOT NULL"):
            cursor.execute(_CANCEL.format(which=which), [batch_id, limit])
            slots, amount = cursor.fetchone()
            count, cost = count + slots, cost + amount
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
    """End leases that expired more than `grace_seconds` ago; their slots open again. System plane. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRE, {"grace": grace_seconds, "limit": limit})
        return int(cursor.rowcount)


_RAISE_LOW_SEQS = """
    UPDATE projects_items_batch b SET low_seq = low.seq FROM (
        SELECT batch.id,
               (SELECT min(s.seq) FROM projects_work_slot s
                WHERE s.batch_id = batch.id AND s.state = 'open' AND s.kept_for_id IS NULL) AS seq
        FROM projects_items_batch batch WHERE batch.status = 'open' AND batch.funding = 'funded') low
    WHERE b.id = low.id AND low.seq IS NOT NULL AND low.seq > b.low_seq
"""


def raise_low_seqs() -> int:
    """Raise `low_seq` of open batches to the number of the first slot open to all. System plane. Returns how many rose.

    An annotator who is new to a batch starts searching there, and not at slots filled long ago.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RAISE_LOW_SEQS)
        return int(cursor.rowcount)
