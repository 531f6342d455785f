"""Texts that are nearly the same, side by side: whose they are and on which item. Workspace plane.

They are read from the answers as these are now: an alert keeps no texts.
"""

import uuid
from dataclasses import dataclass

from projects.quality.alerts.comparison import CHARACTERS
from projects.quality.alerts.evidence import Evidence
from projects.quality.alerts.searches.written import long_texts
from projects.work.models import Annotation, Purpose

#: The newest groups that are shown.
GROUPS = 5


@dataclass(frozen=True, slots=True)
class ShownText:
    """A text of an answer: who wrote it about which item, and its beginning."""

    annotation_id: uuid.UUID
    annotator: str
    item_id: uuid.UUID
    external_id: str
    is_data: bool
    text: str


def side_by_side(evidence: Evidence) -> list[list[ShownText]]:
    """Return the newest groups of texts that are nearly the same, the oldest text of a group first."""
    groups = evidence.groups[:GROUPS]
    rows = Annotation.objects.filter(pk__in=[pk for group in groups for pk in group])
    rows = rows.select_related("item", "enrollment").defer(
        "item__prompt", "item__responses", "item__context", "item__metadata"
    )
    known = {str(row.pk): _shown(row) for row in rows} if groups else {}
    return [[known[pk] for pk in group if pk in known] for group in groups]


def _shown(row: Annotation) -> ShownText:
    text = "\n\n".join(long_texts(row.answer))
    return ShownText(
        annotation_id=row.pk,
        annotator=row.enrollment.pseudonym,
        item_id=row.item_id,
        external_id=row.item.external_id,
        is_data=row.purpose == Purpose.DATA,
        text=text if len(text) <= CHARACTERS else f"{text[:CHARACTERS]}…",
    )
