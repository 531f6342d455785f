"""The annotation that a verb decides on, locked; and the facts that tell other rooms of it."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from projects.review.models import Decision
from projects.work.models import Annotation, Purpose
from rlhfhub.events import outbox
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import clock
from rlhfhub.tenancy.raw import constraint_of

DECIDED = {
    Annotation.State.ACCEPTED: "This answer is accepted already.",
    Annotation.State.REJECTED: "This answer is rejected already.",
    Annotation.State.RETURNED: "This answer is with its annotator for revision. Decide when it is back.",
}


def undecided(annotation_id: uuid.UUID, reviewer_id: uuid.UUID) -> tuple[Annotation, datetime]:
    """Return a submitted annotation for data, locked until the end of the transaction. Workspace plane.

    Returns: the annotation, and the moment for which there was still time to decide, by which the decision is dated.
    Raises: Refused if there is none, it is the reviewer's own, it was decided before, measures its annotator, or the
    time to decide is over.
    """
    rows = Annotation.objects.select_for_update(of=("self",))
    row = rows.select_related("guideline_version", "project").filter(pk=annotation_id).first()
    if row is None:
        raise Refused("not_found", "Not found.", status=404)
    if row.annotator_id == reviewer_id:
        words = "Nobody decides on their own work. Another member decides on this answer."
        raise Refused("own_work", words, status=409)
    if row.purpose != Purpose.DATA:
        words = "Answers to keyed items, to repeats and in calibration measure their annotator. They are always paid."
        raise Refused("not_for_data", words, status=409)
    if row.state != Annotation.State.SUBMITTED:
        raise Refused("decided", DECIDED[Annotation.State(row.state)], status=409)
    now = clock.now()
    if row.decide_by <= now:
        words = "The time to decide on this answer is over. It is accepted automatically."
        raise Refused("too_late", words, status=409)
    return row, now


# A decision and the state that it gives are written in one statement: each is refused without the other.
_DECIDE = """
    WITH decided AS (
        INSERT INTO projects_review_decision (id, workspace_id, annotation_id, annotator_id, stage, verdict, by,
            reviewer_id, reason, rule, note, decided_at, appeal_by)
        VALUES (%(id)s, %(workspace_id)s, %(annotation_id)s, %(annotator_id)s, %(stage)s, %(verdict)s, %(by)s,
            %(reviewer_id)s, %(reason)s, %(rule)s, %(note)s, %(decided_at)s, %(appeal_by)s)
        RETURNING annotation_id
    )
    UPDATE projects_work_annotation a SET state = %(state)s FROM decided d WHERE a.id = d.annotation_id
"""


@contextmanager
def refusing_linked() -> Iterator[None]:
    """Raise Refused if a trigger finds that the reviewer's account and the annotator's are linked as one person's."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if constraint_of(error) != "decision_not_linked":
            raise
        words = (
            "The site’s staff have linked your account with that of an annotator here as one person’s, so another "
            "member decides on these answers."
        )
        raise Refused("own_work", words, status=409) from error


def decide(decision: Decision, state: str) -> None:
    """Write a decision, and give its annotation this state.

    Raises: Refused (`own_work`) if the decider's account and the annotator's are linked.
    """
    values = {field.attname: getattr(decision, field.attname) for field in decision._meta.fields}
    with refusing_linked(), connection.cursor() as cursor:
        cursor.execute(_DECIDE, values | {"state": state})


TOLD = ("workspace_id", "project_id", "item_id")
"""The fields of an annotation that `tell` reads."""


def tell(kind: str, annotations: Sequence[Annotation]) -> None:
    """Emit one fact for each project of these annotations, with their ids and those of their items."""
    by_project: dict[tuple[uuid.UUID, uuid.UUID], list[Annotation]] = {}
    for row in annotations:
        by_project.setdefault((row.workspace_id, row.project_id), []).append(row)
    for (workspace_id, project_id), rows in by_project.items():
        outbox.emit(
            kind=kind,
            workspace_id=workspace_id,
            subject_id=project_id,
            data={
                "annotation_ids": [str(row.pk) for row in rows],
                "item_ids": [str(row.item_id) for row in rows],
            },
        )
