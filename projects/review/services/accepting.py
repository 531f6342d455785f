"""Acceptance of annotations: by a reviewer, by a paid review, or by the scheduled task when nobody decided in time."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from projects.review.services import chosen
from projects.work.models import Annotation
from rlhfhub.events import outbox
from rlhfhub.ground.refusals import Refused

ACCEPTED = "review.accepted"
LIMIT = 500
_OWN_WORK = (
    "Nobody decides on their own work, and one of these answers is your own, so none was accepted. "
    "Leave it out: another member decides on it."
)

_DECIDE = """
    WITH chosen AS (
        SELECT id, workspace_id, project_id, annotator_id FROM projects_work_annotation
        WHERE state = 'submitted' AND {which} ORDER BY {order} LIMIT %(limit)s FOR UPDATE {skip}
    ), decided AS (
        INSERT INTO projects_review_decision
            (id, workspace_id, annotation_id, annotator_id, stage, verdict, by, reviewer_id, decided_at)
        SELECT rlhfhub_uuid7(), workspace_id, id, annotator_id, 1, 'accepted', %(by)s, %(reviewer)s, clock_timestamp()
        FROM chosen
        ON CONFLICT (annotation_id, stage) DO NOTHING RETURNING annotation_id
    ), marked AS (
        UPDATE projects_work_annotation a SET state = 'accepted' FROM decided d WHERE a.id = d.annotation_id
        RETURNING a.id, a.workspace_id, a.project_id
    )
    SELECT workspace_id, project_id, array_agg(id) FROM marked GROUP BY workspace_id, project_id
"""

# Answers that are not for data, of the people of these annotations, whose neighbor for data is accepted: the last one
# before, or for the first answers the next one.
_BESIDE = """purpose <> 'data'
    AND enrollment_id IN (SELECT enrollment_id FROM projects_work_annotation WHERE id = ANY(%(ids)s))
    AND COALESCE(
        (SELECT n.state FROM projects_work_annotation n
         WHERE n.enrollment_id = projects_work_annotation.enrollment_id AND n.purpose = 'data'
           AND n.submitted_at < projects_work_annotation.submitted_at ORDER BY n.submitted_at DESC LIMIT 1),
        (SELECT n.state FROM projects_work_annotation n
         WHERE n.enrollment_id = projects_work_annotation.enrollment_id AND n.purpose = 'data'
           AND n.submitted_at > projects_work_annotation.submitted_at ORDER BY n.submitted_at LIMIT 1)) = 'accepted'
"""


def accept(*, annotation_ids: Sequence[uuid.UUID], reviewer_id: uuid.UUID) -> int:
    """Accept up to 500 submitted annotations as a member, as `accept_all` does. Returns how many are accepted now."""
    return len(accept_all(annotation_ids=annotation_ids, reviewer_id=reviewer_id))


def accept_all(*, annotation_ids: Sequence[uuid.UUID], reviewer_id: uuid.UUID) -> list[uuid.UUID]:
    """Accept up to 500 submitted annotations as a member; those decided before are not changed.

    Answers to gold, repeats and calibration are accepted with the answer for data before them: their annotator sees
    decisions, and must not tell such answers by them.

    Returns: the ids of those that are accepted now.
    Raises: Refused for more than 500, and when one of them is the reviewer's own or a linked account's; then none is
        accepted.
    """
    if len(annotation_ids) > LIMIT:
        raise Refused(
            "invalid", f"At most {LIMIT} annotations can be accepted at once. Send fewer."
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM projects_work_annotation WHERE id = ANY(%s) AND annotator_id = %s",
            [list(annotation_ids), reviewer_id],
        )
        if cursor.fetchone():
            raise Refused("own_work", _OWN_WORK, status=409)
    return _accept("id = ANY(%(ids)s)", annotation_ids, reviewer_id)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An annotation that an accept left as it is: its state, and why in words."""

    annotation: uuid.UUID
    state: str
    reason: str


def left_out(annotation_ids: Sequence[uuid.UUID], accepted: Sequence[uuid.UUID]) -> list[LeftOut]:
    """Return which of these annotations an accept left out that accepted `accepted`. Workspace plane."""
    others = set(annotation_ids) - set(accepted)
    if not others:
        return []
    rows = Annotation.objects.filter(pk__in=others).order_by("pk").values_list("pk", "state")
    return [LeftOut(key, state, chosen.DECIDED[Annotation.State(state)]) for key, state in rows]


_UNCHANGED = """id = ANY(%(ids)s) AND annotator_id <> %(reviewer)s AND NOT EXISTS (
    SELECT 1 FROM projects_review_return r
    WHERE r.annotation_id = projects_work_annotation.id AND r.returned_at >= %(since)s)"""


def accept_unchanged(
    *, annotation_ids: Sequence[uuid.UUID], reviewer_id: uuid.UUID, since: datetime
) -> list[uuid.UUID]:
    """Accept those of up to 500 annotations that were not decided or sent back since then. Workspace plane.

    An answer of an account that staff have linked with the reviewer's meanwhile is left for another member.

    Returns: the ids of those that are accepted now.
    """
    try:
        return _accept(_UNCHANGED, annotation_ids, reviewer_id, since=since)
    except Refused:
        if len(annotation_ids) == 1:
            return []
    middle = len(annotation_ids) // 2
    halves = annotation_ids[:middle], annotation_ids[middle:]
    return [
        accepted
        for half in halves
        for accepted in accept_unchanged(annotation_ids=half, reviewer_id=reviewer_id, since=since)
    ]


def _accept(
    which: str, annotation_ids: Sequence[uuid.UUID], reviewer_id: uuid.UUID, **values: Any
) -> list[uuid.UUID]:
    """Accept the annotations of `which`, and those beside them. Returns the ids of the former."""
    values |= {"ids": list(annotation_ids), "by": "person", "reviewer": reviewer_id, "limit": LIMIT}
    query = _DECIDE.format(which=which, order="id", skip="")
    with chosen.refusing_linked():
        accepted = _decide(query, values)
    _accept_beside(values)
    return accepted


def _accept_beside(values: dict[str, Any]) -> None:
    beside = _DECIDE.format(which=_BESIDE, order="id", skip="SKIP LOCKED")
    while len(_decide(beside, values)) == LIMIT:
        pass


# Answers that a review accepts, as they were frozen for it.
_REVIEWED = """id IN (SELECT annotation_id FROM projects_review_source
                  WHERE item_id = ANY(%(ids)s) AND purpose = 'review')
    AND review_accepts(id, revised_at)
"""


def accept_reviewed(*, item_ids: Sequence[uuid.UUID]) -> int:
    """Accept the answers that all paid reviewers of these items accept; `item_ids` are items of reviews. System plane.

    Answers that were decided, sent back or revised meanwhile are not changed. Those that measure their annotator are
    accepted beside, as by `accept`.

    Returns: how many are accepted now.
    """
    values = {"ids": list(item_ids), "by": "review", "reviewer": None, "limit": LIMIT}
    query = _DECIDE.format(which=_REVIEWED, order="id", skip="")
    accepted = _decide(query, values)
    if accepted:
        _accept_beside(values | {"ids": accepted})
    return len(accepted)


def accept_due(limit: int = LIMIT) -> int:
    """Accept annotations whose `decide_by` has passed without a decision. System plane. Returns how many."""
    # clock_timestamp() is volatile: compared with it, the index would be read whole.
    query = _DECIDE.format(
        which="decide_by < statement_timestamp()", order="decide_by", skip="SKIP LOCKED"
    )
    return len(_decide(query, {"by": "clock", "reviewer": None, "limit": limit}))


def _decide(query: str, parameters: dict[str, Any]) -> list[uuid.UUID]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        groups = cursor.fetchall()
    for workspace_id, project_id, ids in groups:
        outbox.emit(
            kind=ACCEPTED,
            workspace_id=workspace_id,
            subject_id=project_id,
            data={"annotation_ids": [str(i) for i in ids]},
        )
    return [annotation_id for _, _, ids in groups for annotation_id in ids]
