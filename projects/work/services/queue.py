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
        SELECT b.id, b.form_id, b.phase, b.lease_minutes, GREATEST(b.low_seq - 1, COALESCE(c.seq, 0)) AS after
        FROM projects_items_batch b
        LEFT JOIN projects_work_cursor c ON c.batch_id = b.id AND c.enrollment_id = %(enrollment)s
        WHERE b.project_id = %(project)s AND b.status = 'open' AND b.phase = ANY(%(phases)s) ORDER BY b.number
    ), slot AS (
        SELECT s.*, batch.form_id, batch.phase, batch.lease_minutes FROM batch CROSS JOIN LATERAL (
            SELECT id, item_id, batch_id, seq, responses FROM projects_work_slot
            WHERE batch_id = batch.id AND state = 'open' AND seq > batch.after
            ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED) s
        LIMIT 1
    )
"""

_BEHIND = """
    WITH slot AS (
        SELECT s.id, s.item_id, s.batch_id, s.seq, s.responses, b.form_id, b.phase, b.lease_minutes
        FROM projects_work_slot s JOIN projects_items_batch b ON b.id = s.batch_id
        WHERE s.batch_id = %(batch)s AND s.state = 'open' AND s.seq > %(after)s
          AND b.status = 'open' AND b.phase = ANY(%(phases)s)
          AND NOT EXISTS (
              SELECT 1 FROM projects_work_lease l WHERE l.annotator_id = %(person)s AND l.item_id = s.item_id
              AND (l.ended_as IS NULL OR l.ended_as IN ('submitted', 'returned')))
        ORDER BY s.seq LIMIT 1 FOR UPDATE OF s SKIP LOCKED
    )
"""

# The slot found is leased in the same statement; refused (no `made`) when the person had the item, or has a lease.
# The order drawn is one of ten responses, of which those that the item has are kept.
_TAKE = """
    , made AS (
        INSERT INTO projects_work_lease (id, workspace_id, project_id, slot_id, item_id, enrollment_id, annotator_id,
            form_id, guideline_version_id, phase, seed, shown, keys, leased_at, expires_at, return_reason, return_note)
        SELECT %(lease)s, %(workspace)s, %(project)s, slot.id, slot.item_id, %(enrollment)s, %(person)s, slot.form_id,
            %(guideline)s, slot.phase, %(seed)s,
            ARRAY(SELECT p FROM unnest(%(order)s::smallint[]) WITH ORDINALITY AS drawn(p, n)
                  WHERE p < slot.responses ORDER BY n),
            (%(keys)s::text[])[1:slot.responses],
            t.now, t.now + slot.lease_minutes * interval '1 minute', '', ''
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
    WHERE b.project_id = %s AND b.status = 'open' AND b.phase = ANY(%s)
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
MOST_RESPONSES = 10


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an enrollment leases, in batches of which phases it may, and the lease it holds."""

    enrollment_id: uuid.UUID
    workspace_id: uuid.UUID
    project_id: uuid.UUID
    state: str
    status: str
    guideline_version_id: uuid.UUID
    phases: list[str]
    lease_id: uuid.UUID | None
    lapsed: bool | None


def take_next(desk: Desk, person_id: uuid.UUID) -> uuid.UUID | None:
    """A new lease on the next slot, or the one that another tab has just made; None when there is nothing."""
    return _search(_TAKE_AHEAD, desk, person_id) or _wrap(desk, person_id)


def _wrap(desk: Desk, person_id: uuid.UUID) -> uuid.UUID | None:
    """Look behind the cursor, in each batch whose turn it is."""
    for (batch_id,) in prepared.every(
        _MAY_WRAP, [desk.enrollment_id, desk.project_id, desk.phases]
    ):
        prepared.run(_WRAPPED, _at_cursor(desk, person_id, batch_id))
        lease_id = _search(_TAKE_BEHIND, desk, person_id, batch_id)
        if lease_id:
            return lease_id
    return None


def _search(
    statement: str, desk: Desk, person_id: uuid.UUID, batch_id: uuid.UUID | None = None
) -> uuid.UUID | None:
    """Walk the queue until a slot can be taken. What cannot (an item done before, queued anew) is stepped over."""
    after = 0
    for _ in range(MAX_STEPS):
        found = prepared.one(
            statement, _new_lease(desk, person_id) | {"batch": batch_id, "after": after}
        )
        if found is None:
            return None
        # Refused, because another tab has just leased: that lease is this one's too.
        lease_id = found[0] or live_lease(desk)
        if lease_id:
            return lease_id
        # Refused, for the item was done before.
        after = found[2]
        prepared.run(_STEP, _at_cursor(desk, person_id, found[1], after))
    return None


def _at_cursor(
    desk: Desk, person_id: uuid.UUID, batch_id: uuid.UUID, seq: int = 0
) -> dict[str, Any]:
    """What a statement about the enrollment's cursor needs."""
    return {
        "cursor": uuid7(),
        "workspace": desk.workspace_id,
        "enrollment": desk.enrollment_id,
        "batch": batch_id,
        "person": person_id,
        "seq": seq,
    }


def _new_lease(desk: Desk, person_id: uuid.UUID) -> dict[str, Any]:
    """What a statement that leases needs, beside the slot it finds itself."""
    seed = secrets.randbits(62)
    keys = secrets.token_hex(4 * MOST_RESPONSES)
    return {
        "lease": uuid.uuid4(),
        "cursor": uuid7(),
        "workspace": desk.workspace_id,
        "project": desk.project_id,
        "enrollment": desk.enrollment_id,
        "person": person_id,
        "guideline": desk.guideline_version_id,
        "phases": desk.phases,
        "seed": seed,
        "order": draw_order(seed, MOST_RESPONSES),
        "keys": [keys[n : n + 8] for n in range(0, len(keys), 8)],
    }


def live_lease(desk: Desk) -> uuid.UUID | None:
    """The enrollment's live lease."""
    row = prepared.one(_LIVE, [desk.enrollment_id])
    return row[0] if row else None


def draw_order(seed: int, responses: int) -> list[int]:
    """The order in which `responses` stored responses (ten at most) are shown, drawn from `seed`.

    It is the order of ten with those left out that the item has not: a lease draws before it sees how many there are.
    """
    order = list(range(MOST_RESPONSES))
    random.Random(seed).shuffle(order)  # noqa: S311  a drawn order, no secret
    return [index for index in order if index < responses]
