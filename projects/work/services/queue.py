"""The queue of open slots: the next one that an annotator can take.

The first open slot after the enrollment's cursor in an open batch, by index; never a search over one's own
past work. What lies behind the cursor (a slot that a rolled-back neighbour held locked while we passed) is
looked for when nothing lies ahead, at most once a minute. So does a newcomer, for whom nothing may lie ahead
of the batch's mark: a slot that opened again while the mark was being raised can stand behind it.
"""

import random
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from rlhfhub.ground.ids import uuid7
from rlhfhub.tenancy import prepared

# What lies ahead of the cursor, batch by batch. The batches are few, and put in order before any slot is looked for.
_AHEAD = """
    WITH batch AS MATERIALIZED (
        SELECT b.id, GREATEST(b.low_seq - 1, COALESCE(c.seq, 0)) AS after
        FROM projects_items_batch b
        LEFT JOIN projects_work_cursor c ON c.batch_id = b.id AND c.enrollment_id = %(enrollment)s
        WHERE b.project_id = %(project)s AND b.status = 'open' ORDER BY b.number
    ), slot AS (
        SELECT s.* FROM batch CROSS JOIN LATERAL (
            SELECT id, item_id, batch_id, seq FROM projects_work_slot
            WHERE batch_id = batch.id AND state = 'open' AND seq > batch.after
            ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED) s
        LIMIT 1
    )
"""

_BEHIND = """
    WITH slot AS (
        SELECT id, item_id, batch_id, seq FROM projects_work_slot s
        WHERE batch_id = %(batch)s AND state = 'open' AND seq > %(after)s
          AND EXISTS (SELECT 1 FROM projects_items_batch b WHERE b.id = %(batch)s AND b.status = 'open')
          AND NOT EXISTS (
              SELECT 1 FROM projects_work_lease l WHERE l.annotator_id = %(person)s AND l.item_id = s.item_id
              AND (l.ended_as IS NULL OR l.ended_as IN ('submitted', 'returned')))
        ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED
    )
"""

# The slot found is leased in the same statement; refused (no `made`) when the person had the item, or has a lease.
_TAKE = """
    , made AS (
        INSERT INTO projects_work_lease (id, workspace_id, project_id, slot_id, item_id, enrollment_id, annotator_id,
            form_id, guideline_version_id, seed, shown, keys, leased_at, expires_at, return_reason, return_note)
        SELECT %(lease)s, %(workspace)s, %(project)s, slot.id, slot.item_id, %(enrollment)s, %(person)s, %(form)s,
            %(guideline)s, %(seed)s, %(shown)s, %(keys)s, t.now, t.now + %(minutes)s * interval '1 minute', '', ''
        FROM slot, (SELECT clock_timestamp() AS now) t
        ON CONFLICT DO NOTHING RETURNING id, slot_id
    ), held AS (
        UPDATE projects_work_slot s SET state = 'leased', holder_id = %(person)s FROM made WHERE s.id = made.slot_id
    ), moved AS (
        INSERT INTO projects_work_cursor (id, workspace_id, enrollment_id, batch_id, annotator_id, seq, wrapped_at)
        SELECT %(cursor)s, %(workspace)s, %(enrollment)s, slot.batch_id, %(person)s, slot.seq, NULL FROM slot, made
        ON CONFLICT (enrollment_id, batch_id) DO UPDATE SET seq = GREATEST(projects_work_cursor.seq, EXCLUDED.seq)
    )
    SELECT made.id, slot.batch_id, slot.seq FROM slot LEFT JOIN made ON true
"""
_TAKE_AHEAD, _TAKE_BEHIND = _AHEAD + _TAKE, _BEHIND + _TAKE

_MAY_WRAP = """
    SELECT b.id FROM projects_items_batch b
    LEFT JOIN projects_work_cursor c ON c.batch_id = b.id AND c.enrollment_id = %s
    WHERE b.project_id = %s AND b.status = 'open'
      AND COALESCE(c.wrapped_at < clock_timestamp() - interval '1 minute', true)
    ORDER BY b.number
"""

_STEP = """
    INSERT INTO projects_work_cursor (id, workspace_id, enrollment_id, batch_id, annotator_id, seq, wrapped_at)
    VALUES (%(cursor)s, %(workspace)s, %(enrollment)s, %(batch)s, %(person)s, %(seq)s, NULL)
    ON CONFLICT (enrollment_id, batch_id) DO UPDATE SET seq = GREATEST(projects_work_cursor.seq, EXCLUDED.seq)
"""

_LIVE = "SELECT id FROM projects_work_lease WHERE enrollment_id = %s AND ended_at IS NULL"

_WRAPPED = """
    INSERT INTO projects_work_cursor (id, workspace_id, enrollment_id, batch_id, annotator_id, seq, wrapped_at)
    VALUES (%(cursor)s, %(workspace)s, %(enrollment)s, %(batch)s, %(person)s, 0, clock_timestamp())
    ON CONFLICT (enrollment_id, batch_id) DO UPDATE SET wrapped_at = EXCLUDED.wrapped_at
"""

MAX_STEPS = 50


@dataclass(frozen=True, slots=True)
class Place:
    """Where an enrollment leases, and whether it may."""

    enrollment_id: uuid.UUID
    workspace_id: uuid.UUID
    project_id: uuid.UUID
    state: str
    status: str
    form_id: uuid.UUID
    guideline_version_id: uuid.UUID
    lease_minutes: int
    cleared: bool
    lease_id: uuid.UUID | None
    lapsed: bool | None


def take_next(place: Place, person_id: uuid.UUID) -> uuid.UUID | None:
    """A new lease on the next slot, or the one that another tab has just made; None when there is nothing."""
    return _search(_TAKE_AHEAD, place, person_id) or _wrap(place, person_id)


def _wrap(place: Place, person_id: uuid.UUID) -> uuid.UUID | None:
    """Look behind the cursor, in each batch whose turn it is."""
    for (batch_id,) in prepared.every(_MAY_WRAP, [place.enrollment_id, place.project_id]):
        prepared.run(_WRAPPED, _at_cursor(place, person_id, batch_id))
        lease_id = _search(_TAKE_BEHIND, place, person_id, batch_id)
        if lease_id:
            return lease_id
    return None


def _search(
    statement: str, place: Place, person_id: uuid.UUID, batch_id: uuid.UUID | None = None
) -> uuid.UUID | None:
    """Walk the queue until a slot can be taken. What cannot (an item done before, queued anew) is stepped over."""
    after = 0
    for _ in range(MAX_STEPS):
        found = prepared.one(
            statement, _new_lease(place, person_id) | {"batch": batch_id, "after": after}
        )
        if found is None:
            return None
        # Refused, because another tab has just leased: that lease is this one's too.
        lease_id = found[0] or live_lease(place)
        if lease_id:
            return lease_id
        # Refused, for the item was done before.
        after = found[2]
        prepared.run(_STEP, _at_cursor(place, person_id, found[1], after))
    return None


def _at_cursor(
    place: Place, person_id: uuid.UUID, batch_id: uuid.UUID, seq: int = 0
) -> dict[str, Any]:
    """What a statement about the enrollment's cursor needs."""
    return {
        "cursor": uuid7(),
        "workspace": place.workspace_id,
        "enrollment": place.enrollment_id,
        "batch": batch_id,
        "person": person_id,
        "seq": seq,
    }


def _new_lease(place: Place, person_id: uuid.UUID) -> dict[str, Any]:
    """What a statement that leases needs, beside the slot it finds itself."""
    seed = secrets.randbits(62)
    shown = draw_order(seed, 2)
    return {
        "lease": uuid.uuid4(),
        "cursor": uuid7(),
        "workspace": place.workspace_id,
        "project": place.project_id,
        "enrollment": place.enrollment_id,
        "person": person_id,
        "form": place.form_id,
        "guideline": place.guideline_version_id,
        "seed": seed,
        "shown": shown,
        "keys": [secrets.token_hex(4) for _ in shown],
        "minutes": place.lease_minutes,
    }


def live_lease(place: Place) -> uuid.UUID | None:
    """The enrollment's live lease."""
    row = prepared.one(_LIVE, [place.enrollment_id])
    return row[0] if row else None


def draw_order(seed: int, responses: int) -> list[int]:
    """The order in which `responses` stored responses are shown, drawn from `seed`."""
    order = list(range(responses))
    random.Random(seed).shuffle(order)  # noqa: S311  a drawn order, no secret
    return order
