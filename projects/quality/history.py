"""Agreement over time: snapshots are added, thinned out as they get older, and read as points of a chart."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.expressions import RawSQL

from projects.items.models import Batch
from projects.quality.models import AgreementSnapshot

POINTS = 200
THIN_EVERY = 300


def measured_batches(*, project_id: uuid.UUID, question: str) -> QuerySet[Batch]:
    """Return the batches that have answers to the question, each annotated with the id of its last `snapshot`."""
    mine = AgreementSnapshot.objects.filter(
        project_id=project_id, question=question, batch=OuterRef("pk")
    )
    rows = Batch.objects.filter(project_id=project_id)
    last = Subquery(mine.order_by("-at").values("pk")[:1])
    return rows.annotate(snapshot=last).filter(snapshot__isnull=False)


def snapshots_of(batches: Sequence[Batch]) -> list[AgreementSnapshot]:
    """Return the last snapshots of batches from `measured_batches`, in the order of the batches."""
    ids = [batch.snapshot for batch in batches]  # type: ignore[attr-defined]  # annotated
    known = AgreementSnapshot.objects.in_bulk(ids)
    return [known[pk] for pk in ids]


# Divide the time into even steps, counted back from the newest snapshot, and take the newest snapshot of each step. The
# last point is then always the newest, and an hour with many snapshots gets no more points than another hour.
_POINTS = """
    SELECT DISTINCT ON (step) id FROM (
        SELECT s.id, s.at, LEAST(%s - 1, floor(extract(epoch FROM life.last - s.at) * %s
                   / GREATEST(extract(epoch FROM life.last - life.first), 0.001))) AS step
        FROM projects_quality_agreementsnapshot s CROSS JOIN (
            SELECT min(at) AS first, max(at) AS last FROM projects_quality_agreementsnapshot
            WHERE project_id = %s AND question = %s AND batch_id IS NULL) life
        WHERE s.project_id = %s AND s.question = %s AND s.batch_id IS NULL) stepped
    ORDER BY step, at DESC
"""


def points(*, project_id: uuid.UUID, question: str, most: int = POINTS) -> list[AgreementSnapshot]:
    """Return at most `most` snapshots of the project on one question, oldest first; the last is the newest."""
    values = [most, most, project_id, question, project_id, question]
    chosen = RawSQL(_POINTS, values)  # noqa: S611  a constant statement
    return list(AgreementSnapshot.objects.filter(pk__in=chosen).order_by("at"))


def add(*, project_id: uuid.UUID, snapshots: Sequence[AgreementSnapshot]) -> None:
    """Store new snapshots of a project and its batches, all with one timestamp, and thin out older ones."""
    at = snapshots[0].at
    newest = AgreementSnapshot.objects.filter(project_id=project_id, batch=None).order_by("-at")
    before = newest.values_list("at", flat=True).first()
    AgreementSnapshot.objects.bulk_create(snapshots)
    if before is None or before.timestamp() // THIN_EVERY != at.timestamp() // THIN_EVERY:
        thin(project_id=project_id, now=at)


# Keep the newest snapshot of each step. A snapshot's step depends only on its age, so the result is the same however
# often this runs. The array is computed once; joined without fresh statistics, rows were compared each with each.
_THIN = """
    DELETE FROM projects_quality_agreementsnapshot WHERE id = ANY(ARRAY(
        SELECT id FROM (
            SELECT id, row_number() OVER (
                PARTITION BY question, batch_id, step, date_bin(step, at, '2000-01-01Z') ORDER BY at DESC) AS n
            FROM (SELECT id, question, batch_id, at,
                         CASE WHEN at >= %(now)s - interval '1 day' THEN interval '5 minutes'
                              WHEN at >= %(now)s - interval '30 days' THEN interval '1 hour'
                              ELSE interval '1 day' END AS step
                  FROM projects_quality_agreementsnapshot
                  WHERE project_id = %(project)s AND at < %(now)s - interval '1 hour') aged) numbered
        WHERE n > 1))
"""


def thin(*, project_id: uuid.UUID, now: datetime) -> int:
    """Delete snapshots of a project that are no longer needed.

    Every snapshot of the last hour stays, one per 5 minutes of the last day, one per hour of the last 30 days, and
    one per day before that. No schedule calls this: `add` does, because only new snapshots make the history longer.

    Returns: how many were deleted.
    """
    with connection.cursor() as cursor:
        cursor.execute(_THIN, {"project": project_id, "now": now})
        return cursor.rowcount
