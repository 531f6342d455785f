"""Services that submit or return a lease, and save drafts under it."""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DataError
from psycopg.types.json import Jsonb

from projects.kinds import form as forms
from projects.work.services import checks
from rlhfhub.events import outbox
from rlhfhub.ground.ids import uuid7
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import prepared
from rlhfhub.tenancy.raw import unjson

SUBMITTED = "work.submitted"
#: Longer than any lease; what `rlhfhub.ground.numbers.whole` reads at most.
MOST_ACTIVE_MS = 999_999_999
RETURN_REASONS = ("unclear", "too_long", "harmful", "technical", "conflict")

_LOCK_LEASE = """
    SELECT l.project_id, l.form_id, l.shown, l.keys, l.ended_as,
           clock_timestamp() > l.expires_at + %(grace)s * interval '1 second',
           set_config('rlhfhub.project', l.project_id::text, true)
    FROM projects_work_lease l
    WHERE l.id = %(lease)s FOR UPDATE OF l
"""

# The time limit is checked by clock_timestamp(), which is read after the lease is locked. now() would be the start of
# the transaction, from before a wait for the lock.
_SUBMIT = f"""
    WITH ended AS (
        UPDATE projects_work_lease SET ended_at = clock_timestamp(), ended_as = 'submitted'
        WHERE id = %(lease)s AND ended_at IS NULL
          AND clock_timestamp() <= expires_at + %(grace)s * interval '1 second'
        RETURNING *
    ), filled AS (
        UPDATE projects_work_slot s SET state = 'filled' FROM ended WHERE s.id = ended.slot_id
        RETURNING s.id, s.batch_id, s.price_minor, s.fee_minor, s.currency
    ), draft AS (
        DELETE FROM projects_work_draft d USING ended
        WHERE d.annotator_id = ended.annotator_id AND d.item_id = ended.item_id
    ), event AS (
        {outbox.INSERT}
        SELECT %(event)s, workspace_id, '{SUBMITTED}', %(id)s,
            jsonb_build_object('item_id', item_id, 'project_id', project_id) FROM ended
    )
    INSERT INTO projects_work_annotation (id, workspace_id, project_id, batch_id, item_id, slot_id, lease_id,
        enrollment_id, annotator_id, form_id, guideline_version_id, answer, units, judged, price_minor, fee_minor,
        currency, seconds, pasted_percent, state, submitted_at, decide_by)
    SELECT %(id)s, e.workspace_id, e.project_id, f.batch_id, e.item_id, e.slot_id, e.id, e.enrollment_id,
        e.annotator_id, e.form_id, e.guideline_version_id, %(answer)s, %(units)s, %(judged)s, f.price_minor,
        f.fee_minor, f.currency,
        LEAST(%(active_ms)s::float8 / 1000, EXTRACT(epoch FROM e.ended_at - e.leased_at)
            * CASE WHEN current_setting('rlhfhub.program', true) = 'on' THEN %(program_speed)s ELSE 1 END),
        %(pasted_percent)s, 'submitted', e.ended_at,
        e.ended_at + b.auto_accept_hours * interval '1 hour'
    FROM ended e JOIN filled f ON f.id = e.slot_id JOIN projects_items_batch b ON b.id = f.batch_id
    RETURNING submitted_at
"""  # noqa: S608  constants only

_RETURN = """
    UPDATE projects_work_lease
    SET ended_at = clock_timestamp(), ended_as = 'returned', return_reason = %(reason)s, return_note = %(note)s
    WHERE id = %(lease)s AND ended_at IS NULL
"""

_DRAFT = """
    INSERT INTO projects_work_draft (id, workspace_id, item_id, enrollment_id, form_id, annotator_id, answer,
        pasted_percent, active_ms, saved_at)
    SELECT %(id)s, l.workspace_id, l.item_id, l.enrollment_id, l.form_id, l.annotator_id, %(answer)s,
        %(pasted_percent)s, %(active_ms)s, clock_timestamp()
    FROM projects_work_lease l WHERE l.id = %(lease)s AND l.ended_at IS NULL
    ON CONFLICT (annotator_id, item_id) DO UPDATE SET answer = EXCLUDED.answer,
        pasted_percent = EXCLUDED.pasted_percent, active_ms = EXCLUDED.active_ms, form_id = EXCLUDED.form_id,
        saved_at = EXCLUDED.saved_at
"""


@dataclass(frozen=True, slots=True)
class Submitted:
    """A stored answer, for the response to the client."""

    id: uuid.UUID
    submitted_at: datetime
    project_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class _LockedLease:
    project_id: uuid.UUID
    form_id: uuid.UUID
    shown: list[int]
    keys: list[str]
    ended_as: str | None
    is_late: bool


class LeaseEnded(Refused):
    """Raised when the lease has been submitted or returned, has expired, or was revoked.

    If it was submitted, `is_same` says whether the stored answer equals the one that was sent now. It is None if
    none was sent.
    """

    def __init__(self, ended_as: str, *, is_same: bool | None = None) -> None:
        submitted = {
            None: "An answer to this item was submitted already.",
            True: "This answer was submitted already.",
            False: "Another answer to this item was submitted already. This one was not saved.",
        }
        words = {
            "submitted": submitted[is_same],
            "returned": "You returned this item. No answer to it was saved.",
            "expired": "The time for this item ran out before an answer was submitted, so it is not paid. "
            "The item is now offered to other annotators.",
            "revoked": "This item was taken back because you may no longer work in this project. No answer to it "
            "was saved. Answers that you submitted before are kept, and so is your pay for them.",
        }
        super().__init__("lease_ended", words.get(ended_as, "This lease has ended."), status=409)
        self.ended_as = ended_as
        self.is_same = is_same


def submit(
    *,
    lease_id: uuid.UUID,
    answer: Any,
    grace_seconds: int,
    pasted_percent: int | None = None,
    active_ms: int | None = None,
) -> Submitted:
    """Store the answer, fill the slot and end the lease. Annotator plane.

    An answer is taken until `grace_seconds` after the lease's end. `pasted_percent` is how much of its text was pasted,
    0 to 100, and `active_ms` how many milliseconds were spent on it, which count up to the length of the lease; None if
    that was not counted.

    Raises: Refused with status 404 for somebody else's lease, 409 (`LeaseEnded`) if the lease has ended, and 400
    with an error for each wrong field.
    """
    lease = _lock_lease(lease_id, grace_seconds)
    questions = form_questions(lease.form_id)
    if lease.ended_as == "submitted":
        raise LeaseEnded("submitted", is_same=_is_stored(lease_id, lease, answer))
    if lease.ended_as or lease.is_late:
        raise LeaseEnded(lease.ended_as or "expired")
    checks.check(lease.form_id, answer, lease.keys)
    stored = forms.restore_answer(questions, answer, lease.keys, lease.shown)
    units, judged = forms.judgments_of(questions, stored)
    annotation_id = uuid7()
    row = prepared.one(
        _SUBMIT,
        {
            "id": annotation_id,
            "event": uuid7(),
            "lease": lease_id,
            "grace": grace_seconds,
            "answer": Jsonb(stored),
            "units": units,
            "judged": judged,
            "pasted_percent": pasted_percent,
            "active_ms": active_ms or None,
            "program_speed": settings.PROGRAM_SPEED,
        },
    )
    if row is None:
        raise LeaseEnded("expired")
    outbox.dispatch_after_commit()
    return Submitted(annotation_id, row[0], lease.project_id)


def _is_stored(lease_id: uuid.UUID, lease: _LockedLease, answer: Any) -> bool:
    """Return whether the answer that was submitted under the lease equals `answer`."""
    questions = form_questions(lease.form_id)
    if forms.check_answer(questions, answer, lease.keys):
        return False
    row = prepared.one(
        "SELECT answer FROM projects_work_annotation WHERE lease_id = %s", [lease_id]
    )
    stored = forms.restore_answer(questions, answer, lease.keys, lease.shown)
    return row is not None and unjson(row[0]) == stored


def return_lease(*, lease_id: uuid.UUID, reason: str, note: str = "") -> None:
    """End the lease without an answer, at no cost. This annotator does not get the item again. Annotator plane.

    Returning a returned lease does nothing.

    Raises: Refused for an unknown reason or somebody else's lease; LeaseEnded if the lease ended in another way.
    """
    if reason not in RETURN_REASONS:
        raise invalid("reason", "choose from " + ", ".join(RETURN_REASONS))
    lease = _lock_lease(lease_id, 0)
    if lease.ended_as == "returned":
        return
    if lease.ended_as or lease.is_late:
        raise LeaseEnded(lease.ended_as or "expired")
    prepared.run(_RETURN, {"lease": lease_id, "reason": reason, "note": note[:500]})


def save_draft(
    *,
    lease_id: uuid.UUID,
    answer: dict[str, Any],
    pasted_percent: int | None = None,
    active_ms: int | None = None,
) -> None:
    """Save the annotator's incomplete answer to a live lease, of at most 64 KiB and unchecked. Annotator plane.

    The draft belongs to the item and remains after the lease. `pasted_percent` and `active_ms` are as for `submit`.

    Raises: Refused for an answer that is too large or cannot be stored; LeaseEnded if the lease has ended.
    """
    if len(json.dumps(answer)) > 65536:
        raise invalid("answer", "is too large: a draft can have at most 64 KiB")
    lease = _lock_lease(lease_id, 0)
    if lease.ended_as:
        raise LeaseEnded(lease.ended_as)
    stored = forms.restore_answer(form_questions(lease.form_id), answer, lease.keys, lease.shown)
    values = {"id": uuid7(), "lease": lease_id, "answer": Jsonb(stored)}
    try:
        prepared.run(_DRAFT, values | {"pasted_percent": pasted_percent, "active_ms": active_ms})
    except DataError as error:  # jsonb stores all JSON text except the NUL character
        raise invalid("answer", "holds a NUL character, which cannot be stored") from error


def _lock_lease(lease_id: uuid.UUID, grace_seconds: int) -> _LockedLease:
    row = prepared.one(_LOCK_LEASE, {"lease": lease_id, "grace": grace_seconds})
    if row is None:
        raise Refused("not_found", "Not found.", status=404)
    return _LockedLease(*row[:6])


def form_questions(form_id: uuid.UUID) -> list[dict[str, Any]]:
    """Return the questions of a form version. They never change, so each process reads them only once."""
    return checks.form_version(form_id).questions
