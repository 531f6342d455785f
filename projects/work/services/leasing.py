"""Leasing the next slot to an annotator. While a lease is live, it is returned again instead of a second one."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from projects.enrollment import eligibility
from projects.enrollment import services as enrollment
from projects.kinds import form as forms
from projects.work import pauses
from projects.work.services import queue, refusals
from projects.work.services.annotations import form_questions
from projects.work.services.queue import Desk
from rlhfhub.ground import locks
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import prepared
from rlhfhub.tenancy.raw import unjson

_CONTEXT = f"""
    SELECT e.id, e.workspace_id, e.project_id, e.state, p.status, p.guideline_version_id,
           ARRAY(SELECT c.phase::text FROM projects_enrollment_clearance c
                 WHERE c.enrollment_id = e.id AND c.guideline_version_id = p.guideline_version_id
                   AND (c.phase = 'main' OR p.calibration = 'required')) AS phases,
           p.programs OR COALESCE(current_setting('rlhfhub.program', true), '') <> 'on' AS is_allowed,
           l.id AS lease_id, l.expires_at + %(grace)s * interval '1 second' < clock_timestamp() AS is_expired,
           (SELECT c.batch_id FROM projects_enrollment_clearance c WHERE c.enrollment_id = e.id
              AND c.guideline_version_id = p.guideline_version_id AND c.phase = 'calibration') AS own_batch_id,
           p.purpose <> 'work' AS is_child,
           p.purpose <> 'work' OR EXISTS (SELECT 1 FROM projects_plan_project c WHERE c.parent_id = p.id) AS has_kin,
           p.access <> 'market' AND p.requirement_id IS NULL OR COALESCE(
             g.expires_at > clock_timestamp() AND g.requirement_id IS NOT DISTINCT FROM p.requirement_id
             AND g.terms_number = (SELECT max(number) FROM annotators_profiles_terms), false) AS is_eligible,
           set_config('rlhfhub.project', e.project_id::text, true),
           pg_advisory_xact_lock(hashtextextended(e.id::text, {locks.DESK})) -- one tab at a time
    FROM projects_enrollment_enrollment e
    JOIN projects_plan_project p ON p.id = e.project_id
    LEFT JOIN projects_work_lease l ON l.enrollment_id = e.id AND l.ended_at IS NULL
    LEFT JOIN projects_enrollment_eligibility g ON g.enrollment_id = e.id
    WHERE e.annotator_id = %(person)s
      AND (e.state <> 'ended' OR l.id IS NOT NULL OR e.id = %(enrollment)s OR e.project_id = %(project)s)
      AND (%(enrollment)s::uuid IS NULL OR e.id = %(enrollment)s)
      AND (%(project)s::uuid IS NULL OR e.project_id = %(project)s)
    ORDER BY e.id LIMIT 2
"""  # noqa: S608  constants only

_SHOW = """
    SELECT l.id, l.project_id, l.enrollment_id, l.item_id, l.leased_at, l.expires_at,
           EXTRACT(epoch FROM l.expires_at - clock_timestamp())::float8, l.form_id, l.guideline_version_id,
           l.shown, l.keys,
           i.prompt, i.responses, i.context, s.price_minor, s.currency, d.answer, d.pasted_percent, d.active_ms
    FROM projects_work_lease l
    JOIN projects_items_item i ON i.id = l.item_id
    JOIN projects_work_slot s ON s.id = l.slot_id
    LEFT JOIN projects_work_draft d ON d.annotator_id = l.annotator_id AND d.item_id = l.item_id
    WHERE l.id = %s AND l.ended_at IS NULL
"""

_WORKING_STATES = ("active", "calibrating")

_EXPIRE = """
    UPDATE projects_work_lease SET ended_at = clock_timestamp(), ended_as = 'expired'
    WHERE id = %s AND ended_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class HeldLease:
    """A live lease as the annotator may see it: the responses are in the order shown and have the lease's keys.

    `pasted_percent` is how much of the draft's text was pasted, `active_ms` the active time until then; None if that
    was not counted.
    """

    id: uuid.UUID
    project_id: uuid.UUID
    enrollment_id: uuid.UUID
    item_id: uuid.UUID
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
    pasted_percent: int | None
    active_ms: int | None


def lease_next(
    *,
    person_id: uuid.UUID,
    grace_seconds: int,
    enrollment_id: uuid.UUID | None = None,
    project_id: uuid.UUID | None = None,
) -> HeldLease | None:
    """Return the annotator's live lease in an enrollment, or make a new one. Annotator plane.

    The enrollment is that with `enrollment_id`, or that in `project_id`; without either, the person's only one in
    the workspace.

    Returns: None if there is no open slot for this annotator, or they get none while their answers are marked.
    Raises: Refused with status 404 without such an enrollment, 409 if all have ended and none is named, 400 if there
    are several, 403 by program where the project does not allow it, and 409 if the annotator may not work there now, or
    no longer meets what it asks for.
    """
    desk = _desk(person_id, grace_seconds, enrollment_id, project_id)
    if not desk.is_allowed:
        raise refusals.no_programs()
    if desk.lease_id and not desk.is_expired:
        held = show(lease_id=desk.lease_id)
        if held:  # None if another tab has just ended it
            return held
    elif desk.lease_id:
        prepared.run(_EXPIRE, [desk.lease_id])
    if _check(desk):
        desk = _desk(person_id, grace_seconds, enrollment_id, project_id)
    if desk.own_batch_id and pauses.is_paused(desk.enrollment_id):
        return None
    if not desk.is_eligible:
        eligibility.renew(enrollment_id=desk.enrollment_id)
    # Another tab may have leased the last slot while this request waited for the lock: return that lease then.
    lease_id = queue.take_next(desk, person_id) or queue.live_lease(desk)
    return show(lease_id=lease_id) if lease_id else None


def show(*, lease_id: uuid.UUID) -> HeldLease | None:
    """Return a live lease as its annotator may see it; None if it has ended. Annotator plane."""
    row = prepared.one(_SHOW, [lease_id])
    if row is None:
        return None
    shown, keys, prompt, stored, context, price_minor, currency, draft = row[9:17]
    items = unjson(stored)
    # Only key and messages: the name of the model must not influence the annotator.
    responses = [
        {"key": key, "messages": items[index]["messages"]}
        for key, index in zip(keys, shown, strict=True)
    ]
    kept = unjson(draft)
    if kept is not None:
        kept = forms.recall_answer(form_questions(row[7]), kept, keys, shown)
    seen = (unjson(prompt), responses, unjson(context), price_minor, currency, kept)
    return HeldLease(*(row[:9] + seen + row[17:]))


def _desk(
    person_id: uuid.UUID,
    grace_seconds: int,
    enrollment_id: uuid.UUID | None,
    project_id: uuid.UUID | None,
) -> Desk:
    rows = prepared.every(
        _CONTEXT,
        {
            "person": person_id,
            "grace": grace_seconds,
            "enrollment": enrollment_id,
            "project": project_id,
        },
    )
    if not rows and not enrollment_id and not project_id:
        message = (
            "You work in no project of this workspace now, because your work in each has ended."
        )
        raise Refused("not_active", message, status=409)
    if not rows:
        raise Refused("not_found", "Not found.", status=404)
    if len(rows) > 1:
        raise invalid("project", "give a project's id, because you work in several projects")
    return Desk(*rows[0][:14])


def _check(desk: Desk) -> bool:
    """Raise Refused if the annotator may not work; return whether they were cleared for a minor version just now."""
    if desk.status != "active":
        message = "This project has ended, so there is no more work in it."
        raise Refused("project_ended", message, status=409)
    if desk.state not in _WORKING_STATES or not desk.phases:
        if desk.state in _WORKING_STATES and _carry_clearance_over(desk):
            return True
        if desk.state in {*_WORKING_STATES, "onboarding"}:
            message = "Read and accept the project's current guidelines before you work in it."
            raise Refused("accept_guidelines", message, status=409)
        message = f"You cannot work in this project now, because your enrollment is {desk.state}."
        raise Refused("not_active", message, status=409)
    return False


def _carry_clearance_over(desk: Desk) -> bool:
    """Extend the annotator's clearance to a new minor guideline version, which needs no new acceptance.

    Returns: whether the annotator is now cleared for the version.
    """
    return bool(
        enrollment.carry_over(
            enrollment_id=desk.enrollment_id, version_id=desk.guideline_version_id
        )
    )
