"""The answers about some items as monitors take them: what each annotator said first, whatever was revised later."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from projects.items.keys.selectors import ItemKeys, keys_of
from projects.plan.models import Project
from projects.work.models import Purpose
from projects.work.services.annotations import form_questions
from rlhfhub.tenancy.raw import unjson

_KEYED = (Purpose.GOLD, Purpose.CALIBRATION)
# Characters of a word with the blank after it. In scripts with longer words a text counts as shorter than it is.
_CHARACTERS_A_WORD = 6.0
# A clock that was set back may give no time at all.
_LEAST_SECONDS = 0.001

_ANSWERS = """
    SELECT a.id, a.item_id, a.enrollment_id, a.purpose, a.form_id, a.seconds, COALESCE(h.units, a.units),
           COALESCE(h.judged, a.judged), l.shown,
           CASE WHEN a.purpose = ANY(%s) THEN COALESCE(h.answer, a.answer) END
    FROM projects_work_annotation a JOIN projects_work_lease l ON l.id = a.lease_id
    LEFT JOIN projects_work_annotationhistory h ON h.annotation_id = a.id AND h.number = 1
    WHERE a.item_id = ANY(%s::uuid[]) AND a.project_id = %s ORDER BY a.id
"""
_ITEMS = """
    SELECT i.id,
           COALESCE((SELECT sum(length(m ->> 'content')) FROM jsonb_array_elements(i.prompt) m), 0)
           + COALESCE((SELECT sum(length(m ->> 'content')) FROM jsonb_array_elements(i.responses) r,
                       jsonb_array_elements(r -> 'messages') m), 0),
           NOT EXISTS (SELECT 1 FROM projects_work_slot s
                       WHERE s.item_id = i.id AND s.state IN ('open', 'leased'))
    FROM projects_items_item i WHERE i.id = ANY(%s::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """An annotator's first answer about an item. `hit` is whether it is right, if the item's key says so."""

    id: uuid.UUID
    item_id: uuid.UUID
    enrollment_id: uuid.UUID
    purpose: str
    seconds: float
    units: tuple[str, ...]
    judged: tuple[int, ...]
    shown: tuple[int, ...]
    hit: bool | None


@dataclass(frozen=True, slots=True)
class About:
    """An item: about how many words it has, and whether no more answers are awaited."""

    words: float
    is_full: bool


def answers_to(project: Project, item_ids: Sequence[Any]) -> list[Answer]:
    """Return all answers to these items of a project that was read with its form, oldest first. Workspace plane."""
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERS, [list(_KEYED), list(item_ids), project.pk])
        rows = cursor.fetchall()
    keys = _keys(project, [row[1] for row in rows if row[9] is not None])
    return [
        Answer(
            *(row[0], row[1], row[2], row[3]),
            max(row[5], _LEAST_SECONDS),
            *(tuple(row[6]), tuple(row[7]), tuple(row[8])),
            hit=None
            if row[9] is None
            else _hit(row[4], unjson(row[9]), keys.get(row[1], ItemKeys())),
        )
        for row in rows
    ]


def about(item_ids: Sequence[Any]) -> dict[uuid.UUID, About]:
    """Return the length of these items and whether they are full. Workspace plane."""
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, [list(item_ids)])
        return {
            item: About(max(1.0, characters / _CHARACTERS_A_WORD), is_full)
            for item, characters, is_full in cursor.fetchall()
        }


def _keys(project: Project, item_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, ItemKeys]:
    return keys_of(project, list(set(item_ids))) if item_ids else {}


def _hit(form_id: uuid.UUID, stored: dict[str, Any], keys: ItemKeys) -> bool | None:
    """Return whether all questions with a unanimous key were answered right; None if there is none to compare."""
    hits = [keys.hit(question, stored) for question in form_questions(form_id)]
    known = [hit for hit in hits if hit is not None]
    return all(known) if known else None
