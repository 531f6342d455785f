"""The end of a rejection: an appeal and its decision, or the clock."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection

from projects.review.models import APPEAL_DECIDE_DAYS, Appeal, Decision, RejectLimit
from projects.review.services import chosen
from projects.review.services.accepting import ACCEPTED
from projects.work.models import Annotation
from rlhfhub.ground.reasons import written
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import audit, clock
from rlhfhub.tenancy.models import Membership

APPEALED = "review.appealed"
FINAL = "review.final"
"""A rejection is final: it was upheld, or nobody appealed in time. For an overturned one `ACCEPTED` is emitted."""
ENDED = "review.ended"
"""A rejection ended in one way or the other; its annotator is told."""
LIMIT = 500
STATEMENT_CHARS = 4000


def appeal(*, annotation_id: uuid.UUID, statement: str) -> Appeal:
    """Appeal against the rejection of one's own annotation. Annotator plane of its workspace.

    Raises: Refused with status 404 for somebody else's, 409 when there is no rejection, the time is over or an appeal
    was made before, and 400 for a statement that says nothing.
    """
    words = written("statement", statement, most=STATEMENT_CHARS, least=10)
    row = Annotation.objects.select_for_update().defer("purpose").filter(pk=annotation_id).first()
    if row is None:
        raise Refused("not_found", "Not found.", status=404)
    now = clock.now()
    _check_appeal(row, now)
    made = Appeal.objects.create(
        workspace_id=row.workspace_id,
        annotation=row,
        annotator_id=row.annotator_id,
        statement=words,
        appealed_at=now,
        decide_by=now + timedelta(days=APPEAL_DECIDE_DAYS),
    )
    chosen.tell(APPEALED, [row])
    return made


def _check_appeal(row: Annotation, now: datetime) -> None:
    decisions = {
        one.stage: one for one in Decision.objects.filter(annotation=row).defer("reviewer_id")
    }
    first = decisions.get(1)
    if first is None or first.appeal_by is None:
        raise Refused("not_rejected", "This answer is not rejected.", status=409)
    if Appeal.objects.filter(annotation=row).exists():
        said = "You have appealed against this rejection. That can be done once."
        raise Refused("appealed_once", said, status=409)
    if 2 in decisions or first.appeal_by < now:
        raise Refused("too_late", "The time to appeal against this rejection is over.", status=409)


def decide(*, annotation_id: uuid.UUID, broken: bool, note: str, decider_id: uuid.UUID) -> Decision:
    """Decide an appeal: was the cited rule broken? By a person who is no member of the workspace.

    In the staff plane, of one of the staff; in the system plane, of an annotator who has judged the appeal.

    Raises: Refused for a note that says nothing, when no appeal waits, and for a member or the rejecting reviewer.
    """
    words = written("note", note, most=STATEMENT_CHARS, least=10)
    rows = Annotation.objects.select_for_update().filter(pk=annotation_id)
    row = rows.filter(state=Annotation.State.REJECTED).first()
    now = clock.now()
    appeal = Appeal.objects.filter(annotation=annotation_id).first()
    if row is None or appeal is None or Decision.objects.filter(annotation=row, stage=2).exists():
        raise Refused("no_appeal", "No appeal against this waits for a decision.", status=409)
    if broken and appeal.decide_by <= now:
        raise Refused("too_late", "The time to decide is over, so the work is paid.", status=409)
    _check_decider(row, decider_id)
    verdict = Decision.Verdict.UPHELD if broken else Decision.Verdict.OVERTURNED
    decision = Decision(
        workspace_id=row.workspace_id,
        annotation=row,
        annotator_id=row.annotator_id,
        stage=2,
        verdict=verdict,
        by=Decision.By.PERSON,
        reviewer_id=decider_id,
        note=words,
        decided_at=now,
    )
    state = Annotation.State.REJECTED if broken else Annotation.State.ACCEPTED
    chosen.decide(decision, state)
    audit.note(f"appeal.{verdict}", row.pk, actor_id=decider_id)
    _tell_end([row], final=broken)
    return decision


def _check_decider(row: Annotation, decider_id: uuid.UUID) -> None:
    rejected_by = Decision.objects.values_list("reviewer_id", flat=True).get(
        annotation=row, stage=1
    )
    members = Membership.objects.filter(workspace=row.workspace_id, user=decider_id)
    if decider_id in {rejected_by, row.annotator_id} or members.exists():
        said = "Somebody outside the workspace decides, who neither gave nor rejected the answer."
        raise Refused("not_outside", said, status=403)


def _tell_end(rows: Sequence[Annotation], *, final: bool) -> None:
    chosen.tell(FINAL if final else ACCEPTED, rows)
    chosen.tell(ENDED, rows)


# Rejections whose time to appeal is over without an appeal, and appeals that nobody decided in time. Ended ones keep
# their dates, so those of three months ago are not read again.
_LAPSED = """
    SELECT a.id, 'lapsed' AS verdict, d.appeal_by AS due FROM projects_review_decision d
    JOIN projects_work_annotation a ON a.id = d.annotation_id AND a.state = 'rejected'
    WHERE d.verdict = 'rejected' AND d.appeal_by < statement_timestamp()
      AND d.appeal_by > statement_timestamp() - interval '90 days'
      AND NOT EXISTS (SELECT 1 FROM projects_review_appeal p WHERE p.annotation_id = a.id)
      AND NOT EXISTS (SELECT 1 FROM projects_review_decision e WHERE e.annotation_id = a.id AND e.stage = 2) {among}
    ORDER BY d.appeal_by LIMIT %(limit)s FOR UPDATE OF a SKIP LOCKED
"""
_UNHEARD = """
    SELECT a.id, 'overturned' AS verdict, p.decide_by AS due FROM projects_review_appeal p
    JOIN projects_work_annotation a ON a.id = p.annotation_id AND a.state = 'rejected'
    WHERE p.decide_by BETWEEN statement_timestamp() - interval '90 days' AND statement_timestamp()
      AND NOT EXISTS (SELECT 1 FROM projects_review_decision e WHERE e.annotation_id = a.id AND e.stage = 2) {among}
    ORDER BY p.decide_by LIMIT %(limit)s FOR UPDATE OF a SKIP LOCKED
"""
_END = """
    WITH due AS ({due}), decided AS (
        INSERT INTO projects_review_decision
            (id, workspace_id, annotation_id, annotator_id, stage, verdict, by, decided_at)
        SELECT rlhfhub_uuid7(), a.workspace_id, a.id, a.annotator_id, 2, due.verdict, 'clock', clock_timestamp()
        FROM due JOIN projects_work_annotation a ON a.id = due.id
        ON CONFLICT (annotation_id, stage) DO NOTHING RETURNING annotation_id, verdict
    ), paid AS (
        UPDATE projects_work_annotation a SET state = 'accepted' FROM decided d
        WHERE a.id = d.annotation_id AND d.verdict = 'overturned'
    )
    SELECT annotation_id FROM decided
"""


def lapse_due(limit: int = LIMIT) -> int:
    """End rejections against which nobody appealed in time. System plane. Returns how many."""
    return _end_due(_LAPSED, limit, final=True)


def overturn_due(limit: int = LIMIT) -> int:
    """Accept rejected work whose appeal nobody decided in time. System plane. Returns how many."""
    return _end_due(_UNHEARD, limit, final=False)


def _end_due(due: str, limit: int, *, final: bool) -> int:
    """End the rejections that `due` selects, up to `limit`. Returns how many."""
    with connection.cursor() as cursor:
        # This locks the rows, but may miss an appeal that was committed after it began. The next statement sees it.
        cursor.execute(due.format(among=""), {"limit": limit})
        locked = [row_id for row_id, *_ in cursor.fetchall()]
        again = due.format(among="AND a.id = ANY(%(ids)s)")
        cursor.execute(_END.format(due=again), {"limit": limit, "ids": locked})
        ids = [row_id for (row_id,) in cursor.fetchall()]
    if ids:
        _tell_end(list(Annotation.objects.filter(pk__in=ids).only(*chosen.TOLD)), final=final)
    return len(ids)


def allow_more(*, limit_id: uuid.UUID, more: int, note: str, staff_id: uuid.UUID) -> RejectLimit:
    """Let the members of a workspace reject `more` answers of a batch than before. Staff plane.

    Raises: Refused for a wrong number, and when rejections of this batch are not stopped.
    """
    if not 1 <= more <= 10_000:
        raise invalid("more", "This must be a whole number from 1 to 10000.")
    words = written("note", note, most=STATEMENT_CHARS, least=10)
    row = RejectLimit.objects.select_for_update().filter(pk=limit_id).first()
    if row is None or row.stopped_at is None:
        raise Refused("not_stopped", "Rejections of this batch are not stopped.", status=409)
    row.allowed, row.stopped_at = row.rejected + more, None
    row.save(update_fields=["allowed", "stopped_at"])
    audit.note(
        "rejections.allow", row.batch_id, actor_id=staff_id, data={"more": more, "note": words}
    )
    return row
