"""Marks answers of calibration attempts and applies the pass rule. System plane of one workspace.

Everything happens in the transaction that holds the attempt's row, and a mark is unique for its annotation: an answer
is counted once, however often its event is delivered and whatever worker dies.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from projects.calibration.models import Attempt, Mark
from projects.calibration.pool import rule_of
from projects.calibration.rule import test_of
from projects.calibration.services import verdicts
from projects.items.keys.selectors import ItemKeys, keys_of
from projects.kinds.protocol import Question
from projects.plan.models import Project
from projects.work.models import Annotation, Purpose
from projects.work.services.annotations import form_questions


def mark_answers(*, annotation_ids: Sequence[uuid.UUID]) -> int:
    """Mark those of these annotations that are answers in an attempt. Returns how many were marked now.

    An attempt whose evidence then suffices is decided. Answers after the verdict are marked, but not counted.
    """
    rows = Annotation.objects.filter(pk__in=annotation_ids, purpose=Purpose.CALIBRATION)
    by_attempt: dict[tuple[Any, Any], list[Annotation]] = defaultdict(list)
    for row in rows.order_by("submitted_at", "pk"):
        by_attempt[row.enrollment_id, row.batch_id].append(row)
    return sum(
        _mark(enrollment_id, batch_id, by_attempt[enrollment_id, batch_id])
        for enrollment_id, batch_id in sorted(by_attempt)
    )


def _mark(enrollment_id: uuid.UUID, batch_id: uuid.UUID, answers: Sequence[Annotation]) -> int:
    attempt = verdicts.locked(enrollment_id).filter(batch=batch_id).first()
    if attempt is None:
        return 0
    marked = Mark.objects.filter(attempt=attempt)
    known = set(marked.values_list("annotation_id", flat=True))
    new = [answer for answer in answers if answer.pk not in known]
    project = Project.objects.select_related("form").get(pk=attempt.project_id)
    keys = keys_of(project, [answer.item_id for answer in new])
    for position, answer in enumerate(new, len(known) + 1):
        _mark_one(attempt, answer, keys.get(answer.item_id, ItemKeys()), position)
    if new and attempt.state == Attempt.State.RUNNING:
        attempt.save(update_fields=["seen", "hits"])
        verdicts.decide(attempt=attempt)
    return len(new)


def _mark_one(attempt: Attempt, answer: Annotation, keys: ItemKeys, position: int) -> None:
    """Store the mark, and count it on the attempt (not saved yet) while the evidence does not suffice."""
    question = attempt.round.question
    given = keys.keys[question] if question in keys.unanimous else []
    reference = given[0].answer if given else None
    hit = keys.hit(_question(answer.form_id, question), answer.answer)
    is_open = attempt.state == Attempt.State.RUNNING and not test_of(attempt.round).verdict(
        attempt.hits, verdicts.misses_of(attempt)
    )
    counted = is_open and hit is not None
    Mark.objects.create(
        workspace_id=attempt.workspace_id,
        attempt=attempt,
        annotation=answer,
        item_id=answer.item_id,
        position=position,
        hit=hit,
        counted=counted,
        reference=reference,
        rule=rule_of(given),
        note=next((key.note for key in given if key.note), ""),
    )
    if counted:
        attempt.seen += 1
        attempt.hits += bool(hit)


def _question(form_id: uuid.UUID, name: str) -> Question:
    return next(question for question in form_questions(form_id) if question["name"] == name)
