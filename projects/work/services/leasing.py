"""Lease: the next slot for an annotator.

A live lease is returned again rather than a second made. Otherwise: the first open slot after the
enrollment's cursor in an open batch, by index; never a search over one's own past work. What lies behind
the cursor (a slot that a rolled-back neighbour held locked while we passed) is looked for when nothing
lies ahead, at most once a minute. So does a newcomer, for whom nothing may lie ahead of the batch's mark:
a slot that opened again while the mark was being raised can stand behind it.
"""

import random
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from projects.enrollment import services as enrollment
from rlhfhub.api.errors import Refused, invalid
from rlhfhub.tenancy import prepared
from rlhfhub.tenancy.ids import uuid7
from rlhfhub.tenancy.raw import unjson

_CONTEXT = """
    SELECT e.id, e.workspace_id, e.project_id, e.state, p.status, p.form_id, p.guideline_version_id, p.lease_minutes,
           EXISTS (SELECT 1 FROM projects_enrollment_clearance c
                   WHERE c.enrollment_id = e.id AND c.guideline_version_id = p.guideline_version_id) AS cleared,
           l.id AS lease_id, l.expires_at + %(grace)s * interval '1 second' < clock_timestamp() AS lapsed,
           set_config('rlhfhub.project', e.project_id::text, true)
    FROM projects_enrollment_enrollment e
    JOIN projects_plan_project p ON p.id = e.project_id
    LEFT JOIN projects_work_lease l ON l.enrollment_id = e.id AND l.ended_at IS NULL
    WHERE e.annotator_id = %(person)s AND e.state <> 'ended'
      AND (%(enrollment)s::uuid IS NULL OR e.id = %(enrollment)s)
      AND (%(project)s::uuid IS NULL OR e.project_id = %(project)s)
    ORDER BY e.id LIMIT 2
"""

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
        ON CONFLICT DO NOTHING RETURNING id, slot_id, leased_at, expires_at
    ), held AS (
        UPDATE projects_work_slot s SET state = 'leased', holder_id = %(person)s FROM made WHERE s.id = made.slot_id
    ), moved AS (
        INSERT INTO projects_work_cursor (id, workspace_id, enrollment_id, batch_id, annotator_id, seq, wrapped_at)
        VALUES (%(cursor)s, %(workspace)s, %(enrollment)s, %(batch)s, %(person)s, %(seq)s, NULL)
        ON CONFLICT (enrollment_id, batch_id) DO UPDATE SET seq = GREATEST(projects_work_cursor.seq, EXCLUDED.seq)
    )
    SELECT leased_at, expires_at FROM made
"""

_LIVE = "SELECT id FROM projects_work_lease WHERE enrollment_id = %s AND ended_at IS NULL"

_WRAPPED = """
    INSERT INTO projects_work_cursor (id, workspace_id, enrollment_id, batch_id, annotator_id, seq, wrapped_at)
    VALUES (%(cursor)s, %(workspace)s, %(enrollment)s, %(batch)s, %(person)s, 0, clock_timestamp())
    ON CONFLICT (enrollment_id, batch_id) DO UPDATE SET wrapped_at = EXCLUDED.wrapped_at
"""

_SHOW = """
    SELECT l.id, l.project_id, l.enrollment_id, l.leased_at, l.expires_at,
           EXTRACT(epoch FROM l.expires_at - clock_timestamp())::float8, l.form_id, l.guideline_version_id,
           l.shown, l.keys,
           i.prompt, i.responses, i.context, s.price_minor, s.currency, d.answer
    FROM projects_work_lease l
    JOIN projects_items_item i ON i.id = l.item_id
    JOIN projects_work_slot s ON s.id = l.slot_id
    LEFT JOIN projects_work_draft d ON d.lease_id = l.id
    WHERE l.id = %s AND l.ended_at IS NULL
"""

_LAPSE = """
    WITH ended AS (
        UPDATE projects_work_lease SET ended_at = clock_timestamp(), ended_as = 'expired'
        WHERE id = %s AND ended_at IS NULL RETURNING id, slot_id
    ), gone AS (DELETE FROM projects_work_draft d USING ended WHERE d.lease_id = ended.id)
    UPDATE projects_work_slot s SET state = 'open', holder_id = NULL, seq = nextval('projects_work_slot_place')
    FROM ended WHERE s.id = ended.slot_id
"""

MAX_STEPS = 50


@dataclass(frozen=True, slots=True)
class Held:
    """A live lease as the annotator may see it: responses in shown order, under the lease's own keys."""

    id: uuid.UUID
    project_id: uuid.UUID
    enrollment_id: uuid.UUID
    leased_at: datetime
    expires_at: datetime
    seconds_left: float
    form_id: uuid.UUID
    guideline_version_id: uuid.UUID
    prompt: list[dict[str, Any]]
    responses: list[dict[str, Any]]
    context: dict[str, Any]
    price_minor: int
    currency: str
    draft: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an enrollment leases: the row of _CONTEXT."""

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


def lease_next(
    *,
    person_id: uuid.UUID,
    grace_seconds: int,
    enrollment_id: uuid.UUID | None = None,
    project_id: uuid.UUID | None = None,
) -> Held | None:
    """The annotator's live lease in an enrollment, or a new one; None when there is nothing to do.

    The enrollment is named by itself, by its project, or by being the only one in the workspace.
    Called in the annotator plane. Raises Refused when the annotator may not work there now.
    """
    place = _place(person_id, grace_seconds, enrollment_id, project_id)
    if place.lease_id and not place.lapsed:
        return show(lease_id=place.lease_id)
    if place.lease_id:
        prepared.run(_LAPSE, [place.lease_id])
    _check(place)
    lease_id = _take_next(place, person_id)
    return show(lease_id=lease_id) if lease_id else None


def show(*, lease_id: uuid.UUID) -> Held | None:
    """A live lease of the standing's annotator, or None."""
    row = prepared.one(_SHOW, [lease_id])
    if row is None:
        return None
    shown, keys, prompt, stored, context, price_minor, currency, draft = row[8:]
    items = unjson(stored)
    # The model's name stays behind: it would tell the annotator whose answer it is.
    responses = [
        {"key": key, "messages": items[index]["messages"]}
        for key, index in zip(keys, shown, strict=True)
    ]
    seen = (unjson(prompt), responses, unjson(context), price_minor, currency, unjson(draft))
    return Held(*(row[:8] + seen))


def _place(
    person_id: uuid.UUID,
    grace_seconds: int,
    enrollment_id: uuid.UUID | None,
    project_id: uuid.UUID | None,
) -> _Place:
    rows = prepared.every(
        _CONTEXT,
        {
            "person": person_id,
            "grace": grace_seconds,
            "enrollment": enrollment_id,
            "project": project_id,
        },
    )
    if not rows:
        raise Refused("not_found", "Not found.", status=404)
    if len(rows) > 1:
        raise invalid("project", "you are active in several projects: name one")
    return _Place(*rows[0][:11])


def _check(place: _Place) -> None:
    if place.status != "active":
        raise Refused("project_ended", "This project has ended.", status=409)
    if place.state != "active" or not place.cleared:
        if place.state == "active" and enrollment.carry_over(
            enrollment_id=place.enrollment_id, version_id=place.guideline_version_id
        ):
            return
        if place.state in {"active", "onboarding"}:
            raise Refused(
                "accept_guidelines", "Read and accept the guidelines in force first.", status=409
            )
        raise Refused("not_active", f"Your place in this project is {place.state}.", status=409)


def _take_next(place: _Place, person_id: uuid.UUID) -> uuid.UUID | None:
    batches = prepared.every(_BATCHES, [place.enrollment_id, place.project_id])
    for batch_id, low_seq, at, _ in batches:
        lease_id = _search(place, person_id, batch_id, max(low_seq - 1, at or 0), _AHEAD)
        if lease_id:
            return lease_id
    for batch_id, _, _, may_wrap in batches:
        if may_wrap:
            _wrap(place, person_id, batch_id)
            lease_id = _search(place, person_id, batch_id, 0, _BEHIND)
            if lease_id:
                return lease_id
    return None


def _wrap(place: _Place, person_id: uuid.UUID, batch_id: uuid.UUID) -> None:
    prepared.run(
        _WRAPPED,
        {
            "cursor": uuid7(),
            "workspace": place.workspace_id,
            "enrollment": place.enrollment_id,
            "batch": batch_id,
            "person": person_id,
        },
    )


def _search(
    place: _Place, person_id: uuid.UUID, batch_id: uuid.UUID, after: int, query: str
) -> uuid.UUID | None:
    """Walk the queue until a slot can be taken. What cannot (an item done before, queued anew) is stepped over."""
    for _ in range(MAX_STEPS):
        slot = prepared.one(query, {"batch": batch_id, "after": after, "person": person_id})
        if slot is None:
            return None
        lease_id = _take(place, person_id, batch_id, slot)
        # Refused: for the item was done before, or because another tab has just leased.
        lease_id = lease_id or _live(place)
        if lease_id:
            return lease_id
        after = slot[2]
    return None


def _live(place: _Place) -> uuid.UUID | None:
    row = prepared.one(_LIVE, [place.enrollment_id])
    return row[0] if row else None


def _take(
    place: _Place, person_id: uuid.UUID, batch_id: uuid.UUID, slot: tuple[Any, ...]
) -> uuid.UUID | None:
    lease_id = uuid.uuid4()
    seed = secrets.randbits(62)
    shown = draw_order(seed, 2)
    row = prepared.one(
        _TAKE,
        {
            "lease": lease_id,
            "workspace": place.workspace_id,
            "project": place.project_id,
            "batch": batch_id,
            "slot": slot[0],
            "item": slot[1],
            "seq": slot[2],
            "enrollment": place.enrollment_id,
            "person": person_id,
            "form": place.form_id,
            "guideline": place.guideline_version_id,
            "seed": seed,
            "shown": shown,
            "keys": [secrets.token_hex(4) for _ in shown],
            "minutes": place.lease_minutes,
            "cursor": uuid7(),
        },
    )
    return lease_id if row else None


def draw_order(seed: int, responses: int) -> list[int]:
    """The order in which `responses` stored responses are shown, drawn from `seed`."""
    order = list(range(responses))
    random.Random(seed).shuffle(order)  # noqa: S311  a drawn order, no secret
    return order
