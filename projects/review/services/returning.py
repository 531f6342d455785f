"""A returned annotation: sent back once for revision, revised by its annotator, or decided as it stands."""

import uuid
from datetime import timedelta
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from projects.kinds import form as forms
from projects.review import notices
from projects.review.models import REVISE_HOURS, Return
from projects.review.services import chosen
from projects.work.models import Annotation
from projects.work.services import checks
from projects.work.services.annotations import form_questions
from rlhfhub.ground.reasons import written
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import audit

RETURNED = "review.returned"
REVISED = "review.revised"
REVISED_ALREADY = "This answer was revised already."
LIMIT = 500
NOTE_CHARS = 2000


def send_back(*, annotation_id: uuid.UUID, note: str, reviewer_id: uuid.UUID) -> Return:
    """Send a submitted annotation back to its annotator, once, with what to revise. Workspace plane.

    They have 72 hours. Meanwhile it is not accepted automatically. Neither price nor slot change.

    Raises: Refused for a note that says nothing, and when the annotation cannot be decided on or was sent back before.
    """
    words = written("note", note, most=NOTE_CHARS, least=10)
    row, now = chosen.undecided(annotation_id, reviewer_id)
    if Return.objects.filter(annotation=row).exists():
        said = (
            "This answer was sent back before. That can be done once: accept or reject it as it is."
        )
        raise Refused("returned_once", said, status=409)
    back = Return(
        workspace_id=row.workspace_id,
        annotation=row,
        annotator_id=row.annotator_id,
        reviewer_id=reviewer_id,
        note=words,
        returned_at=now,
        revise_by=now + timedelta(hours=REVISE_HOURS),
    )
    _write(back)
    audit.note("annotation.return", row.pk, actor_id=reviewer_id)
    chosen.tell(RETURNED, [row])
    notices.tell_of_return(back)
    return back


# The return and the state are written in one statement: each is refused without the other.
_RETURN = """
    WITH returned AS (
        INSERT INTO projects_review_return (id, workspace_id, annotation_id, annotator_id, reviewer_id, note,
            returned_at, revise_by)
        VALUES (%(id)s, %(workspace_id)s, %(annotation_id)s, %(annotator_id)s, %(reviewer_id)s, %(note)s,
            %(returned_at)s, %(revise_by)s)
        RETURNING annotation_id
    )
    UPDATE projects_work_annotation a SET state = 'returned' FROM returned r WHERE a.id = r.annotation_id
"""


def _write(back: Return) -> None:
    values = {field.attname: getattr(back, field.attname) for field in back._meta.fields}
    with chosen.refusing_linked(), connection.cursor() as cursor:
        cursor.execute(_RETURN, values)


_REVISE = """
    WITH answered AS (
        UPDATE projects_review_return SET answered_at = clock_timestamp()
        WHERE annotation_id = %(id)s AND answered_at IS NULL AND lapsed_at IS NULL AND revise_by >= clock_timestamp()
        RETURNING annotation_id, answered_at, returned_at
    )
    UPDATE projects_work_annotation a SET state = 'submitted', answer = %(answer)s, units = %(units)s,
        judged = %(judged)s, pasted_percent = COALESCE(%(pasted)s, a.pasted_percent), revised_at = r.answered_at,
        seconds = a.seconds + LEAST(COALESCE(%(active_ms)s::float8, 0) / 1000,
                                    EXTRACT(epoch FROM r.answered_at - r.returned_at)),
        decide_by = r.answered_at + b.auto_accept_hours * interval '1 hour'
    FROM answered r, projects_items_batch b WHERE a.id = r.annotation_id AND b.id = a.batch_id
"""


def revise(
    *,
    annotation_id: uuid.UUID,
    answer: Any,
    pasted_percent: int | None = None,
    active_ms: int | None = None,
) -> Annotation:
    """Submit a returned annotation again. Annotator plane of its workspace.

    `answer` names responses by the keys of the annotation's lease, as at the desk. The old answer goes to the history.
    The active time of the revision, `active_ms`, is added to the answer's.

    Raises: Refused with status 404 for somebody else's, 409 if it does not wait for revision any more, and 400 with an
    error for each wrong field.
    """
    rows = Annotation.objects.select_for_update(of=("self",)).select_related("lease")
    row = rows.defer("purpose").filter(pk=annotation_id).first()
    if row is None:
        raise Refused("not_found", "Not found.", status=404)
    questions = form_questions(row.form_id)
    checks.check(row.form_id, answer, row.lease.keys)
    stored = forms.restore_answer(questions, answer, row.lease.keys, row.lease.shown)
    units, judged = forms.judgments_of(questions, stored)
    values: dict[str, Any] = {
        "id": row.pk,
        "answer": Jsonb(stored),
        "units": units,
        "judged": judged,
        "pasted": pasted_percent,
        "active_ms": active_ms,
    }
    with connection.cursor() as cursor:
        cursor.execute(_REVISE, values)
        if not cursor.rowcount:
            raise Refused("not_returned", _why_not(row), status=409)
    chosen.tell(REVISED, [row])
    return row


def _why_not(row: Annotation) -> str:
    back = Return.objects.filter(annotation=row).values_list("answered_at", flat=True).first()
    if back:
        return REVISED_ALREADY
    return "This answer does not wait for revision any more. It is decided as it stands."


_LAPSE = """
    WITH due AS (
        SELECT r.id, r.annotation_id FROM projects_review_return r
        JOIN projects_work_annotation a ON a.id = r.annotation_id AND a.state = 'returned'
        WHERE r.revise_by < statement_timestamp() AND r.answered_at IS NULL AND r.lapsed_at IS NULL
        ORDER BY r.revise_by LIMIT %(limit)s FOR UPDATE OF r, a SKIP LOCKED
    ), lapsed AS (
        UPDATE projects_review_return r SET lapsed_at = clock_timestamp() FROM due WHERE r.id = due.id
        RETURNING r.annotation_id, r.lapsed_at
    )
    UPDATE projects_work_annotation a SET state = 'submitted',
        decide_by = l.lapsed_at + b.auto_accept_hours * interval '1 hour'
    FROM lapsed l, projects_items_batch b WHERE a.id = l.annotation_id AND b.id = a.batch_id
    RETURNING a.id
"""


def lapse_due(limit: int = LIMIT) -> int:
    """Put answers that nobody revised in time back in the queue as they stand. System plane. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_LAPSE, {"limit": limit})
        ids = [row_id for (row_id,) in cursor.fetchall()]
    if ids:
        chosen.tell(REVISED, Annotation.objects.filter(pk__in=ids).only(*chosen.TOLD))
    return len(ids)
