"""Rejection of an annotation, with a reason and the guideline rule that it broke."""

import uuid
from datetime import timedelta

from django.db import IntegrityError, transaction

from projects.review import notices
from projects.review.models import APPEAL_DAYS, Decision
from projects.review.services import chosen
from projects.work.models import Annotation
from rlhfhub.ground.reasons import written
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import audit
from rlhfhub.tenancy.raw import constraint_of

REJECTED = "review.rejected"
NOTE_CHARS = 2000
_STOPPED = (
    "So many answers of this batch are rejected that our staff must look first. They were told. Meanwhile you can "
    "accept answers and send them back."
)


def reject(
    *, annotation_id: uuid.UUID, reason: str, rule: str, note: str, reviewer_id: uuid.UUID
) -> Decision:
    """Reject a submitted annotation in the name of a member. Workspace plane.

    Its price and fee go on hold until the time to appeal is over, and another annotator is asked for the answer.

    Raises: Refused for an unknown reason, a rule that the answer's guideline version does not have, a note that says
    nothing, an annotation that cannot be decided on, and when too many answers of the batch are rejected.
    """
    if reason not in Decision.Reason.values:
        raise invalid("reason", f"This must be one of: {', '.join(Decision.Reason.values)}.")
    words = written("note", note, most=NOTE_CHARS, least=10)
    row, now = chosen.undecided(annotation_id, reviewer_id)
    _check_rule(row, rule)
    decision = Decision(
        workspace_id=row.workspace_id,
        annotation=row,
        annotator_id=row.annotator_id,
        verdict=Decision.Verdict.REJECTED,
        by=Decision.By.PERSON,
        reviewer_id=reviewer_id,
        reason=reason,
        rule=rule,
        note=words,
        decided_at=now,
        appeal_by=now + timedelta(days=APPEAL_DAYS),
    )
    _save(decision)
    audit.note(
        "annotation.reject", row.pk, actor_id=reviewer_id, data={"reason": reason, "rule": rule}
    )
    chosen.tell(REJECTED, [row])
    notices.tell_of_rejection(decision)
    return decision


def _save(decision: Decision) -> None:
    try:
        with transaction.atomic():
            chosen.decide(decision, Annotation.State.REJECTED)
    except IntegrityError as error:
        if constraint_of(error) != "reject_limit_allowed":
            raise
        raise Refused("reject_limit", _STOPPED, status=409) from error


def _check_rule(row: Annotation, rule: str) -> None:
    rules = [known["id"] for known in row.guideline_version.rules]
    if not rules:
        words = (
            "The guidelines of this answer have no headings, so there is no rule that it could break. Accept it or "
            "send it back; answers under a version with headings can be rejected."
        )
        raise Refused("no_rules", words, status=409)
    if rule not in rules:
        raise invalid(
            "rule", f"The guidelines of this answer have these rules: {', '.join(rules)}."
        )
