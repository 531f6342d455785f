"""Agreement over time: kept, thinned as it grows old, read as a course."""

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
    """The batches that have answers to the question, each with the id of its last snapshot."""
    mine = AgreementSnapshot.objects.filter(
        project_id=project_id, question=question, batch=OuterRef("pk")
    )
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
            WHERE project_id = %s AND question = %s AND batch_id IS NULL) life
        WHERE s.project_id = %s AND s.question = %s AND s.batch_id IS NULL) stepped
    ORDER BY step, at DESC
"""


def points(*, project_id: uuid.UUID, question: str, most: int = POINTS) -> list[AgreementSnapshot]:
    """The project's course in one question, oldest first, `most` points at most; the last is the present."""
    values = [most, most, project_id, question, project_id, question]
    chosen = RawSQL(_POINTS, values)  # noqa: S611  a constant statement
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
                PARTITION BY question, batch_id, step, date_bin(step, at, '2000-01-01Z') ORDER BY at DESC) AS n
            FROM (SELECT id, question, batch_id, at,
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
