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

from rlhfhub.tenancy import prepared
from rlhfhub.tenancy.ids import uuid7

_BATCHES = """
    SELECT b.id, b.low_seq, c.seq, COALESCE(c.wrapped_at < clock_timestamp() - interval '1 minute', true)
    FROM projects_items_batch b
    LEFT JOIN projects_work_cursor c ON c.batch_id = b.id AND c.enrollment_id = %s
    WHERE b.project_id = %s AND b.status = 'open' ORDER BY b.number
"""

_AHEAD = """
    SELECT id, item_id, seq, price_minor, currency FROM projects_work_slot
    WHERE batch_id = %(batch)s AND state = 'open' AND seq > %(after)s
    ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED
"""

_BEHIND = """
    SELECT id, item_id, seq, price_minor, currency FROM projects_work_slot s
    WHERE batch_id = %(batch)s AND state = 'open' AND seq > %(after)s
      AND NOT EXISTS (SELECT 1 FROM projects_work_lease l WHERE l.annotator_id = %(person)s AND l.item_id = s.item_id
                      AND (l.ended_as IS NULL OR l.ended_as IN ('submitted', 'returned')))
    ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED
"""

_TAKE = """
    WITH made AS (
        INSERT INTO projects_work_lease (id, workspace_id, project_id, slot_id, item_id, enrollment_id, annotator_id,
            form_id, guideline_version_id, seed, shown, keys, leased_at, expires_at, return_reason, return_note)
        SELECT %(lease)s, %(workspace)s, %(project)s, %(slot)s, %(item)s, %(enrollment)s, %(person)s, %(form)s,
            %(guideline)s, %(seed)s, %(shown)s, %(keys)s, t.now, t.now + %(minutes)s * interval '1 minute', '', ''
        FROM (SELECT clock_timestamp() AS now) t
        WHERE EXISTS (SELECT 1 FROM projects_items_batch b WHERE b.id = %(batch)s AND b.status = 'open')
        ON CONFLICT DO NOTHING RETURNING id, slot_id, leased_at, expires_at
    ), held AS (
        UPDATE projects_work_slot s SET state = 'leased', holder_id = %(person)s FROM made WHERE s.id = made.slot_id
    ), moved AS (
        INSERT INTO projects_work_cursor (id, workspace_id, enrollment_id, batch_id, annotator_id, seq, wrapped_at)
        SELECT %(cursor)s, %(workspace)s, %(enrollment)s, %(batch)s, %(person)s, %(seq)s, NULL FROM made
        ON CONFLICT (enrollment_id, batch_id) DO UPDATE SET seq = GREATEST(projects_work_cursor.seq, EXCLUDED.seq)
    )
    SELECT leased_at, expires_at FROM made
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
    batches = prepared.every(_BATCHES, [place.enrollment_id, place.project_id])
    for batch_id, low_seq, at, _ in batches:
        lease_id = _search(place, person_id, batch_id, max(low_seq - 1, at or 0), _AHEAD)
        if lease_id:
            return lease_id
    for batch_id, _, _, may_wrap in batches:
        if may_wrap:
            prepared.run(_WRAPPED, _at_cursor(place, person_id, batch_id))
            lease_id = _search(place, person_id, batch_id, 0, _BEHIND)
            if lease_id:
                return lease_id
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


def _search(
    place: Place, person_id: uuid.UUID, batch_id: uuid.UUID, after: int, query: str
) -> uuid.UUID | None:
    """Walk the queue until a slot can be taken. What cannot (an item done before, queued anew) is stepped over."""
    for _ in range(MAX_STEPS):
        slot = prepared.one(query, {"batch": batch_id, "after": after, "person": person_id})
        if slot is None:
            return None
        lease_id = _take(place, person_id, batch_id, slot)
        # Refused, because another tab has just leased: that lease is this one's too.
        lease_id = lease_id or live_lease(place)
        if lease_id:
            return lease_id
        # Refused, for the item was done before (or the batch has just been closed).
        after = slot[2]
        prepared.run(_STEP, _at_cursor(place, person_id, batch_id, after))
    return None


def live_lease(place: Place) -> uuid.UUID | None:
    """The enrollment's live lease."""
    row = prepared.one(_LIVE, [place.enrollment_id])
    return row[0] if row else None


def _take(
    place: Place, person_id: uuid.UUID, batch_id: uuid.UUID, slot: tuple[Any, ...]
) -> uuid.UUID | None:
    lease_id = uuid.uuid4()
    seed = secrets.randbits(62)
    shown = draw_order(seed, 2)
    row = prepared.one(
        _TAKE,
        {
            **_at_cursor(place, person_id, batch_id, slot[2]),
            "lease": lease_id,
            "project": place.project_id,
            "slot": slot[0],
            "item": slot[1],
            "form": place.form_id,
            "guideline": place.guideline_version_id,
            "seed": seed,
            "shown": shown,
            "keys": [secrets.token_hex(4) for _ in shown],
            "minutes": place.lease_minutes,
        },
    )
    return lease_id if row else None


def draw_order(seed: int, responses: int) -> list[int]:
    """The order in which `responses` stored responses are shown, drawn from `seed`."""
    order = list(range(responses))
    random.Random(seed).shuffle(order)  # noqa: S311  a drawn order, no secret
    return order
