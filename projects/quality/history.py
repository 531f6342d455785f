"""Reading agreement: the latest of a project and its batches, its course, and what consensus stands at."""

import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.expressions import RawSQL

from projects.items.models import Batch
from projects.quality.models import AgreementSnapshot
from projects.stats import consensus

POINTS = 200


def measured_batches(*, project_id: uuid.UUID) -> QuerySet[Batch]:
    """The batches that have answers, each with the id of its last snapshot."""
    mine = AgreementSnapshot.objects.filter(project_id=project_id, batch=OuterRef("pk"))
    rows = Batch.objects.filter(project_id=project_id)
    last = Subquery(mine.order_by("-at").values("pk")[:1])
    return rows.annotate(snapshot=last).filter(snapshot__isnull=False)


def snapshots_of(batches: Sequence[Batch]) -> list[AgreementSnapshot]:
    """The last snapshots of those batches, in their order."""
    ids = [batch.snapshot for batch in batches]  # type: ignore[attr-defined]  # annotated
    known = AgreementSnapshot.objects.in_bulk(ids)
    return [known[pk] for pk in ids]


# Every n-th from the newest backwards, so that the last point is always the present.
_POINTS = """
    SELECT id FROM (
        SELECT id, row_number() OVER (ORDER BY at DESC) - 1 AS n, count(*) OVER () AS total
        FROM projects_quality_agreementsnapshot WHERE project_id = %s AND batch_id IS NULL) s
    WHERE n %% GREATEST(1, (total + %s - 1) / %s) = 0
"""


def points(*, project_id: uuid.UUID) -> list[AgreementSnapshot]:
    """The project's course, oldest first, thinned to POINTS at most; the last is the present."""
    thinned = RawSQL(_POINTS, [project_id, POINTS, POINTS])  # noqa: S611  a constant statement
    return list(AgreementSnapshot.objects.filter(pk__in=thinned).order_by("at"))


_PATTERNS = """
    SELECT c.first, c.tie, c.second, count(*) FROM projects_quality_consensus c
    JOIN projects_items_batch b ON b.id = c.batch_id WHERE b.project_id = %s GROUP BY 1, 2, 3
"""


def consensus_summary(*, project_id: uuid.UUID, accuracy: float) -> dict[str, Any]:
    """How many items each answer leads in, and how surely, where one annotator is right with `accuracy`."""
    with connection.cursor() as cursor:
        cursor.execute(_PATTERNS, [project_id])
        rows = cursor.fetchall()
    if not rows:
        return {"items": 0, "first": 0, "tie": 0, "second": 0, "contested": 0, "probability": None}
    counts = np.array([row[3] for row in rows], dtype=np.int64)
    table = consensus.consensus_table([row[:3] for row in rows], accuracy)
    led = {index: int(counts[table.index == index].sum()) for index in (-1, 0, 1, 2)}
    items = int(counts.sum())
    return {
        "items": items,
        "first": led[0],
        "tie": led[1],
        "second": led[2],
        "contested": led[-1],
        "probability": float((table.probability * counts).sum() / items),
    }
