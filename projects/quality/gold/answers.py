"""Judges answers to keyed items and to repeats, each exactly once, and stores the judgments."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from projects.items.keys.selectors import ItemKeys, keys_of
from projects.kinds.protocol import Question
from projects.kinds.units import parsed
from projects.plan.models import Project
from projects.quality import stale
from projects.quality.gold.models import GoldAnswer, RepeatJudgment
from projects.quality.models import Stale
from projects.work.models import Annotation, AnnotationHistory, Purpose
from projects.work.services.annotations import form_questions

_JUDGED_BY_KEYS = (Purpose.GOLD, Purpose.CALIBRATION)


def store(annotation_ids: Sequence[uuid.UUID]) -> int:
    """Compare these answers with their items' keys, or with the first answers that they repeat. Workspace plane.

    Answers for data are passed over. What is stored already is left as it is, so a repeated call changes nothing.

    Returns: how many of the answers were to keyed items or repeats.
    """
    rows = Annotation.objects.filter(pk__in=annotation_ids).exclude(purpose=Purpose.DATA)
    found = list(rows.order_by("submitted_at", "pk"))
    if not found:
        return 0
    first = _first_answers(found)
    keyed = [row for row in found if row.purpose in _JUDGED_BY_KEYS]
    again = [row for row in found if row.purpose == Purpose.REPEAT]
    GoldAnswer.objects.bulk_create(_gold(keyed, first), ignore_conflicts=True)
    stale.mark_stale(
        project_ids=sorted({row.project_id for row in keyed}), figures=[Stale.Figures.KEYS]
    )
    RepeatJudgment.objects.bulk_create(_repeats(again), ignore_conflicts=True)
    return len(found)


def _first_answers(rows: Sequence[Annotation]) -> dict[uuid.UUID, Any]:
    """Return the first submission of each answer, by id; a revised answer has it in its history."""
    before = AnnotationHistory.objects.filter(annotation__in=rows, number=1)
    revised = dict(before.values_list("annotation_id", "answer"))
    return {row.pk: revised.get(row.pk, row.answer) for row in rows}


def _gold(rows: Sequence[Annotation], first: Mapping[uuid.UUID, Any]) -> list[GoldAnswer]:
    keys = _keys(rows)
    return [
        GoldAnswer(
            workspace_id=row.workspace_id,
            project_id=row.project_id,
            item_id=row.item_id,
            enrollment_id=row.enrollment_id,
            annotation=row,
            question=question["name"],
            purpose=row.purpose,
            hit=keys[row.item_id].hit(question, first[row.pk]),
            submitted_at=row.submitted_at,
        )
        for row in rows
        for question in form_questions(row.form_id)
        if _has_keys(question, keys[row.item_id])
    ]


def _keys(rows: Sequence[Annotation]) -> dict[uuid.UUID, ItemKeys]:
    found: dict[uuid.UUID, ItemKeys] = {row.item_id: ItemKeys() for row in rows}
    ids = {row.project_id for row in rows}
    for project in Project.objects.filter(pk__in=ids).select_related("form"):
        found |= keys_of(project, list(found))
    return found


def _has_keys(question: Question, keys: ItemKeys) -> bool:
    retired = {key.question for key in keys.retired}
    return question["name"] in keys.keys or question["name"] in retired


# The first answer that a repeat repeats is the same person's to the item that the repeat is a copy of.
_BOTH = """
    SELECT a.workspace_id, a.project_id, a.enrollment_id, a.id, a.submitted_at,
           COALESCE(fh.units, f.units), COALESCE(fh.judged, f.judged),
           COALESCE(ah.units, a.units), COALESCE(ah.judged, a.judged)
    FROM projects_work_annotation a
    JOIN projects_items_item i ON i.id = a.item_id
    JOIN projects_work_annotation f ON f.item_id = i.repeat_of_id AND f.annotator_id = a.annotator_id
    LEFT JOIN projects_work_annotationhistory ah ON ah.annotation_id = a.id AND ah.number = 1
    LEFT JOIN projects_work_annotationhistory fh ON fh.annotation_id = f.id AND fh.number = 1
    WHERE a.id = ANY(%s)
"""


def _repeats(rows: Sequence[Annotation]) -> list[RepeatJudgment]:
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_BOTH, [[row.pk for row in rows]])
        pairs = cursor.fetchall()
    return [
        RepeatJudgment(
            workspace_id=workspace,
            project_id=project,
            enrollment_id=enrollment,
            annotation_id=annotation,
            question=parsed(unit)[0],
            unit=unit,
            first=before[unit],
            again=value,
            submitted_at=at,
        )
        for workspace, project, enrollment, annotation, at, *judged in pairs
        for before, now in [_by_unit(*judged)]
        for unit, value in now.items()
        if unit in before
    ]


def _by_unit(
    first: Sequence[str], first_judged: Sequence[int], again: Sequence[str], judged: Sequence[int]
) -> tuple[dict[str, int], dict[str, int]]:
    return dict(zip(first, first_judged, strict=True)), dict(zip(again, judged, strict=True))
