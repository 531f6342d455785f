"""The queue of open slots, and how an annotator takes the next one.

An annotator gets the first open slot after the enrollment's cursor in an open batch, found by an index. There is
no search through the annotator's past work.

If there is no slot ahead, the search is repeated from the start of the queue, at most once a minute; in calibration
always, for there everybody begins at a place of their own in a queue of 200 items at most. It finds slots
that the cursor has passed: a slot is skipped while another transaction holds it locked, and is open again if that
transaction is rolled back. Annotators without a cursor start at the batch's `low_seq`; the repeated search also finds
slots that opened again while `low_seq` was being raised past them.

Some slots are kept for one enrollment. Each search looks for them first: one is taken when the cursor has passed its
number, or when nothing else is ahead in its batch. One that its person returned has the number NEVER, and is not met
again.

A kept slot is taken only while another slot follows that its person can take, in its batch or in another open one: else
the last items of a queue would be known as repeats. What has nothing behind it stays open, and is cancelled with the
batch. What remains to be recognized: whoever takes the last item that others could have had too may have met a repeat
just before, and an item that turns up after an empty queue is none.
"""

import random
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from rlhfhub.ground.ids import uuid7
from rlhfhub.tenancy import prepared

# Which batches (b) an enrollment may lease in: all main ones while it is active, and that of its calibration attempt.
_MAY_LEASE = """b.phase = ANY(%(phases)s)
    AND CASE b.phase WHEN 'main' THEN %(is_active)s ELSE b.id IS NOT DISTINCT FROM %(own_batch)s::uuid END"""

# Whether a slot follows that the person can take, in any batch. Of each batch only the next few are looked at: slots of
# items that the person had are not at the front of what is ahead before little else is left. It stands in a CASE on the
# kept slot's number: alone it would be a one-time filter, which every claim looks up before there is a kept slot.
_FOLLOWS = """(SELECT EXISTS (
    SELECT 1 FROM batch b CROSS JOIN LATERAL (
        SELECT s.item_id FROM projects_work_slot s
        WHERE s.batch_id = b.id AND s.state = 'open' AND s.kept_for_id IS NULL AND s.seq > b.after
        ORDER BY s.seq LIMIT 5) s
    WHERE NOT EXISTS (
        SELECT 1 FROM projects_work_lease l WHERE l.annotator_id = %(person)s AND l.item_id = s.item_id
        AND (l.ended_as IS NULL OR l.ended_as IN ('submitted', 'returned')))))"""

# The next slot ahead of the cursor. The few batches are put in order before slots are searched, batch by batch. A slot
# that is kept for the enrollment comes first if the cursor has passed its number, and last if nothing else is ahead.
_AHEAD = f"""
    WITH batch AS MATERIALIZED (
        SELECT b.id, b.form_id, b.phase, b.lease_minutes, GREATEST(b.low_seq - 1, COALESCE(c.seq, 0)) AS after
        FROM projects_items_batch b
        LEFT JOIN projects_work_cursor c ON c.batch_id = b.id AND c.enrollment_id = %(enrollment)s
        WHERE b.project_id = %(project)s AND b.status = 'open' AND {_MAY_LEASE} ORDER BY b.number
    ), slot AS (
        SELECT s.*, batch.form_id, batch.phase, batch.lease_minutes FROM batch CROSS JOIN LATERAL (
            WITH kept AS (
                SELECT id, item_id, batch_id, seq, responses FROM projects_work_slot
                WHERE batch_id = batch.id AND state = 'open' AND kept_for_id = %(enrollment)s AND seq < %(never)s
                ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED
            )
            SELECT * FROM kept WHERE CASE WHEN seq <= batch.after THEN {_FOLLOWS} ELSE false END
            UNION ALL
            SELECT * FROM (
                SELECT id, item_id, batch_id, seq, responses FROM projects_work_slot
                WHERE batch_id = batch.id AND state = 'open' AND kept_for_id IS NULL AND seq > batch.after
                ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED) next
            UNION ALL
            SELECT * FROM kept WHERE CASE WHEN seq > batch.after THEN {_FOLLOWS} ELSE false END
            LIMIT 1) s
        LIMIT 1
    )
"""  # noqa: S608  constants only

# Whether the person may take the slot `slot` of a project that judges answers of another, or whose answers are judged.
# Other projects do not pay for the lookup.
_MAY_TAKE = (
    "CASE WHEN %(has_kin)s::boolean THEN door_may_take({slot}.item_id, %(person)s) ELSE true END"
)

_BEHIND = f"""
    WITH slot AS (
        SELECT s.id, s.item_id, s.batch_id, s.seq, s.responses, b.form_id, b.phase, b.lease_minutes
        FROM projects_work_slot s JOIN projects_items_batch b ON b.id = s.batch_id
        WHERE s.batch_id = %(batch)s AND s.state = 'open' AND s.kept_for_id IS NULL AND s.seq > %(after)s
          AND b.status = 'open' AND {_MAY_LEASE}
          AND NOT EXISTS (
              SELECT 1 FROM projects_work_lease l WHERE l.annotator_id = %(person)s AND l.item_id = s.item_id
              AND (l.ended_as IS NULL OR l.ended_as IN ('submitted', 'returned')))
          AND {_MAY_TAKE.format(slot="s")}
        ORDER BY s.seq LIMIT 1 FOR UPDATE OF s SKIP LOCKED
    )
"""  # noqa: S608  constants only

# Leases the slot in the statement that found it. There is no row in `made` if the person had the item before, may not
# take it, or has a live lease. An order of ten responses is drawn, and cut to the responses that the item has.
_TAKE = f"""
    , made AS (
        INSERT INTO projects_work_lease (id, workspace_id, project_id, slot_id, item_id, enrollment_id, annotator_id,
            form_id, guideline_version_id, phase, seed, shown, keys, leased_at, expires_at, return_reason, return_note)
        SELECT %(lease)s, %(workspace)s, %(project)s, slot.id, slot.item_id, %(enrollment)s, %(person)s, slot.form_id,
            %(guideline)s, slot.phase, %(seed)s,
            ARRAY(SELECT p FROM unnest(%(order)s::smallint[]) WITH ORDINALITY AS drawn(p, n)
                  WHERE p < slot.responses ORDER BY n),
            (%(keys)s::text[])[1:slot.responses],
            t.now, t.now + slot.lease_minutes * interval '1 minute', '', ''
        FROM slot, (SELECT clock_timestamp() AS now) t WHERE {_MAY_TAKE.format(slot="slot")}
        ON CONFLICT DO NOTHING RETURNING id, slot_id
    ), held AS (
        UPDATE projects_work_slot s SET state = 'leased', holder_id = %(person)s FROM made WHERE s.id = made.slot_id
    ), moved AS (
        INSERT INTO projects_work_cursor (id, workspace_id, enrollment_id, batch_id, annotator_id, seq, wrapped_at)
        SELECT %(cursor)s, %(workspace)s, %(enrollment)s, slot.batch_id, %(person)s, slot.seq, NULL FROM slot, made
        ON CONFLICT (enrollment_id, batch_id) DO UPDATE SET seq = GREATEST(projects_work_cursor.seq, EXCLUDED.seq)
    )
    SELECT made.id, slot.batch_id, slot.seq FROM slot LEFT JOIN made ON true
"""  # noqa: S608  constants only
_TAKE_AHEAD, _TAKE_BEHIND = _AHEAD + _TAKE, _BEHIND + _TAKE

_MAY_WRAP = f"""
    SELECT b.id FROM projects_items_batch b
    LEFT JOIN projects_work_cursor c ON c.batch_id = b.id AND c.enrollment_id = %(enrollment)s
    WHERE b.project_id = %(project)s AND b.status = 'open' AND {_MAY_LEASE}
      AND (b.phase = 'calibration' OR COALESCE(c.wrapped_at < clock_timestamp() - interval '1 minute', true))
    ORDER BY b.number
"""  # noqa: S608  constants only

_ADVANCE_CURSOR = """
    INSERT INTO projects_work_cursor (id, workspace_id, enrollment_id, batch_id, annotator_id, seq, wrapped_at)
    VALUES (%(cursor)s, %(workspace)s, %(enrollment)s, %(batch)s, %(person)s, %(seq)s, NULL)
    ON CONFLICT (enrollment_id, batch_id) DO UPDATE SET seq = GREATEST(projects_work_cursor.seq, EXCLUDED.seq)
"""

_LIVE = "SELECT id FROM projects_work_lease WHERE enrollment_id = %s AND ended_at IS NULL"

_NOTE_WRAP = """
    INSERT INTO projects_work_cursor (id, workspace_id, enrollment_id, batch_id, annotator_id, seq, wrapped_at)
    VALUES (%(cursor)s, %(workspace)s, %(enrollment)s, %(batch)s, %(person)s, 0, clock_timestamp())
    ON CONFLICT (enrollment_id, batch_id) DO UPDATE SET wrapped_at = EXCLUDED.wrapped_at
"""

MAX_STEPS = 50
NEVER = 2**63 - 1
MOST_RESPONSES = 10
#: The seed of the stored order. An answer that is judged is put into words by it, so the responses are shown in it too.
STORED_ORDER = 0


@dataclass(frozen=True, slots=True)
class Desk:
    """An enrollment with its project, the phases that it may lease in, and its live lease.

    `state` is the enrollment's, `status` the project's. `is_expired` is true if the time of the lease is over,
    and `is_allowed` unless the request comes from a program and the project takes no answers by program. In the
    calibration phase it may lease in `own_batch` only. `is_child` is true if the project judges answers of others, and
    `has_kin` also if its own are judged in a project in which this person is enrolled too. `is_eligible` is whether the
    annotator was found, within a day, to meet what the project asks for now.
    """

    enrollment_id: uuid.UUID
    workspace_id: uuid.UUID
    project_id: uuid.UUID
    state: str
    status: str
    guideline_version_id: uuid.UUID
    phases: list[str]
    is_allowed: bool
    lease_id: uuid.UUID | None
    is_expired: bool | None
    own_batch_id: uuid.UUID | None
    is_child: bool
    has_kin: bool
    is_eligible: bool

    @property
    def may_lease(self) -> dict[str, Any]:
        """The parameters of `_MAY_LEASE`."""
        return {
            "phases": self.phases,
            "is_active": self.state == "active",
            "own_batch": self.own_batch_id,
        }


def take_next(desk: Desk, person_id: uuid.UUID) -> uuid.UUID | None:
    """Lease the next slot. Returns the lease's id, which another tab may have made; None if no slot can be taken."""
    return _search(_TAKE_AHEAD, desk, person_id) or _wrap(desk, person_id)


def _wrap(desk: Desk, person_id: uuid.UUID) -> uuid.UUID | None:
    """Search from the start of the queue in each batch where the last such search was over a minute ago."""
    own = {"enrollment": desk.enrollment_id, "project": desk.project_id}
    for (batch_id,) in prepared.every(_MAY_WRAP, own | desk.may_lease):
        prepared.run(_NOTE_WRAP, _cursor_values(desk, person_id, batch_id))
        lease_id = _search(_TAKE_BEHIND, desk, person_id, batch_id)
        if lease_id:
            return lease_id
    return None


def _search(
    statement: str, desk: Desk, person_id: uuid.UUID, batch_id: uuid.UUID | None = None
) -> uuid.UUID | None:
    """Try the slots in the queue's order until one can be leased; skip those of items that the person did before."""
    after = 0
    for _ in range(MAX_STEPS):
        found = prepared.one(
            statement, _new_lease(desk, person_id) | {"batch": batch_id, "after": after}
        )
        if found is None:
            return None
        # No lease was made. Perhaps another tab has just made one, which then is the answer here too.
        lease_id = found[0] or live_lease(desk)
        if lease_id:
            return lease_id
        # Otherwise the person did this item before: go on behind it.
        after = found[2]
        prepared.run(_ADVANCE_CURSOR, _cursor_values(desk, person_id, found[1], after))
    return None


def _cursor_values(
    desk: Desk, person_id: uuid.UUID, batch_id: uuid.UUID, seq: int = 0
) -> dict[str, Any]:
    """Return the parameters of a statement that writes the enrollment's cursor."""
    return {
        "cursor": uuid7(),
        "workspace": desk.workspace_id,
        "enrollment": desk.enrollment_id,
        "batch": batch_id,
        "person": person_id,
        "seq": seq,
    }


def _new_lease(desk: Desk, person_id: uuid.UUID) -> dict[str, Any]:
    """Return the parameters of a statement that makes a lease; it finds the slot by itself."""
    seed = STORED_ORDER if desk.is_child else secrets.randbits(62)
    keys = secrets.token_hex(4 * MOST_RESPONSES)
    return {
        "lease": uuid.uuid4(),
        "cursor": uuid7(),
        "workspace": desk.workspace_id,
        "project": desk.project_id,
        "enrollment": desk.enrollment_id,
        "person": person_id,
        "guideline": desk.guideline_version_id,
        "has_kin": desk.has_kin,
        **desk.may_lease,
        "never": NEVER,
        "seed": seed,
        "order": draw_order(seed, MOST_RESPONSES),
        "keys": [keys[n : n + 8] for n in range(0, len(keys), 8)],
    }


def live_lease(desk: Desk) -> uuid.UUID | None:
    """Return the id of the enrollment's live lease, or None."""
    row = prepared.one(_LIVE, [desk.enrollment_id])
    return row[0] if row else None


def draw_order(seed: int, responses: int) -> list[int]:
    """Draw from `seed` the order in which an item's `responses` responses (at most ten) are shown.

    An order of ten is drawn, and the indices that the item does not have are left out: when a lease draws the order,
    it does not yet know how many responses the item has. `STORED_ORDER` draws the stored order.

    Returns: stored indices; the first is that of the response at position 0.
    """
    order = list(range(MOST_RESPONSES))
    if seed != STORED_ORDER:
        random.Random(seed).shuffle(order)  # noqa: S311  the order is random, but not a secret
    return [index for index in order if index < responses]
