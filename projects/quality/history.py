"""Agreement over time: kept, thinned as it grows old, read as a course; and what consensus stands at."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.expressions import RawSQL

from projects.items.models import Batch
from projects.quality import votes
from projects.quality.models import AgreementSnapshot
from projects.stats import consensus
from rlhfhub.web.costly import remembered

POINTS = 200
THIN_EVERY = 300


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


# Even steps of time from the present backwards, each with its newest: the last point is always the present,
# and an hour of which every snapshot is kept takes no more room than another.
_POINTS = """
    SELECT DISTINCT ON (step) id FROM (
        SELECT s.id, s.at, LEAST(%s - 1, floor(extract(epoch FROM life.last - s.at) * %s
                   / GREATEST(extract(epoch FROM life.last - life.first), 0.001))) AS step
        FROM projects_quality_agreementsnapshot s CROSS JOIN (
            SELECT min(at) AS first, max(at) AS last FROM projects_quality_agreementsnapshot
            WHERE project_id = %s AND batch_id IS NULL) life
        WHERE s.project_id = %s AND s.batch_id IS NULL) stepped
    ORDER BY step, at DESC
"""


def points(*, project_id: uuid.UUID, most: int = POINTS) -> list[AgreementSnapshot]:
    """The project's course, oldest first, `most` points at most; the last is the present."""
    chosen = RawSQL(_POINTS, [most, most, project_id, project_id])  # noqa: S611  a constant statement
    return list(AgreementSnapshot.objects.filter(pk__in=chosen).order_by("at"))


def add(*, project_id: uuid.UUID, snapshots: Sequence[AgreementSnapshot]) -> None:
    """Keep new snapshots of a project and its batches, all of one moment; thin what has grown old."""
    at = snapshots[0].at
    newest = AgreementSnapshot.objects.filter(project_id=project_id, batch=None).order_by("-at")
    before = newest.values_list("at", flat=True).first()
    AgreementSnapshot.objects.bulk_create(snapshots)
    if before is None or before.timestamp() // THIN_EVERY != at.timestamp() // THIN_EVERY:
        thin(project_id=project_id, now=at)


# The newest of each step stays. Which step a snapshot falls in depends on its age alone, so that
# thinning often or seldom comes to the same in the end.
_THIN = """
    DELETE FROM projects_quality_agreementsnapshot WHERE id IN (
        SELECT id FROM (
            SELECT id, row_number() OVER (
                PARTITION BY batch_id, step, date_bin(step, at, '2000-01-01Z') ORDER BY at DESC) AS n
            FROM (SELECT id, batch_id, at,
                         CASE WHEN at >= %(now)s - interval '1 day' THEN interval '5 minutes'
                              WHEN at >= %(now)s - interval '30 days' THEN interval '1 hour'
                              ELSE interval '1 day' END AS step
                  FROM projects_quality_agreementsnapshot
                  WHERE project_id = %(project)s AND at < %(now)s - interval '1 hour') aged) numbered
        WHERE n > 1)
"""


def thin(*, project_id: uuid.UUID, now: datetime) -> int:
    """Of the last hour every snapshot stays, of the day one in 5 minutes, of the month one an hour, then
    one a day. A project that gets no answers grows no history, so that its own new snapshots are clock enough.
    Returns how many went."""
    with connection.cursor() as cursor:
        cursor.execute(_THIN, {"project": project_id, "now": now})
        return cursor.rowcount


def consensus_summary(*, project_id: uuid.UUID, accuracy: float) -> dict[str, Any]:
    """How many items each answer leads in, and how surely, where one annotator is right with `accuracy`."""
    patterns = remembered(
        f"patterns:{project_id}", lambda: votes.together(votes.of_project(project_id))
    )
    if not patterns:
        return {"items": 0, "first": 0, "tie": 0, "second": 0, "contested": 0, "probability": None}
    counts = np.array(list(patterns.values()), dtype=np.int64)
    table = consensus.consensus_table(list(patterns), accuracy)
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
