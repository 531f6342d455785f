"""Exports: asked for, frozen in one short transaction, streamed from the frozen rows, checksummed."""

import uuid

from django.db import connection, transaction
from django.db.models import Max
from django.db.models.functions import Now

from projects.exports.models import Export
from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.events import doorbell, outbox
from rlhfhub.ground.refusals import invalid
from rlhfhub.tenancy import audit
from rlhfhub.tenancy.raw import unjson

FINISHED = "exports.finished"
FORMATS = ("dpo",)
RING_SECONDS = 30


def request(
    *, project: Project, format: str = "dpo", batch: Batch | None = None, actor_id: uuid.UUID | None
) -> Export:
    """Queue an export of the project, or of one batch. Workspace plane."""
    if format not in FORMATS:
        raise invalid("format", "choose from " + ", ".join(FORMATS))
    Project.objects.select_for_update().get(pk=project.pk)
    last = Export.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0
    export = Export.objects.create(
        workspace_id=project.workspace_id,
        project=project,
        batch=batch,
        number=last + 1,
        format=format,
        requested_by_id=actor_id,
    )
    audit.note("export.request", export.pk, actor_id=actor_id)
    transaction.on_commit(ring)
    return export


def ring() -> None:
    """Ask a worker for the next export to be run."""
    doorbell.ring("exports.run_next", expires=RING_SECONDS)


# One statement, so that the rows and the counts of what made none see one moment.
_FREEZE = """
    WITH work AS (
        SELECT id, item_id, state, label, guideline_version_id FROM projects_work_annotation
        WHERE project_id = %(project)s AND (%(batch)s::uuid IS NULL OR batch_id = %(batch)s)
    ), answered AS (
        SELECT item_id, count(*) FILTER (WHERE label = -1 AND state = 'accepted') AS first,
               count(*) FILTER (WHERE label = 0 AND state = 'accepted') AS tie,
               count(*) FILTER (WHERE label = 1 AND state = 'accepted') AS second,
               array_agg(id ORDER BY id) FILTER (WHERE state = 'accepted') AS annotations
        FROM work GROUP BY item_id
    ), frozen AS (
        INSERT INTO projects_exports_exportrow
            (workspace_id, export_id, number, item_id, chosen, votes_for, votes_against, votes_tie, annotations)
        SELECT %(workspace)s, %(export)s, row_number() OVER (ORDER BY b.number, i.seq), j.item_id,
               CASE WHEN first > second THEN 0 ELSE 1 END, GREATEST(first, second), LEAST(first, second), tie,
               annotations
        FROM answered j JOIN projects_items_item i ON i.id = j.item_id JOIN projects_items_batch b ON b.id = i.batch_id
        WHERE annotations IS NOT NULL AND first <> second AND GREATEST(first, second) > tie
        RETURNING votes_for + votes_against + votes_tie AS votes
    ), pair AS (
        SELECT count(*) AS pairs, COALESCE(sum(votes), 0) AS annotations_in_pairs,
            count(*) FILTER (WHERE votes < (SELECT overlap FROM projects_plan_project WHERE id = %(project)s))
                AS pairs_below_overlap
        FROM frozen
    ), item AS (
        SELECT count(*) AS items_answered, count(annotations) AS items_judged,
            count(annotations) FILTER (WHERE tie > GREATEST(first, second)) AS items_tied,
            count(annotations) FILTER (WHERE tie <= GREATEST(first, second)
                AND NOT (first <> second AND GREATEST(first, second) > tie)) AS items_contested
        FROM answered
    ), under AS (
        SELECT guideline_version_id, count(*) AS given, count(*) FILTER (WHERE state = 'accepted') AS accepted,
            count(*) FILTER (WHERE state = 'submitted') AS undecided,
            count(*) FILTER (WHERE state = 'accepted' AND label = 0) AS tie
        FROM work GROUP BY guideline_version_id
    )
    SELECT pair.*, item.*,
        (SELECT COALESCE(sum(items_count), 0) FROM projects_items_batch
         WHERE project_id = %(project)s AND (%(batch)s::uuid IS NULL OR id = %(batch)s)) AS items,
        (SELECT COALESCE(sum(given), 0) FROM under) AS annotations,
        (SELECT COALESCE(sum(accepted), 0) FROM under) AS annotations_accepted,
        (SELECT COALESCE(sum(undecided), 0) FROM under) AS annotations_undecided,
        (SELECT COALESCE(sum(tie), 0) FROM under) AS annotations_tie,
        (SELECT count(*) FROM projects_work_lease l JOIN projects_work_slot s ON s.id = l.slot_id
         WHERE l.project_id = %(project)s AND l.ended_as = 'returned'
           AND (%(batch)s::uuid IS NULL OR s.batch_id = %(batch)s)) AS leases_returned,
        (SELECT COALESCE(jsonb_object_agg('annotations_under_guideline_' || v.number, accepted), '{}')
         FROM under JOIN projects_plan_guidelineversion v ON v.id = under.guideline_version_id
         WHERE accepted > 0) AS guidelines
    FROM pair, item
"""


def freeze(*, export: Export) -> Export:
    """Fix the membership: a row for each pair, and the counts of what made none. Workspace plane."""
    parameters = {
        "workspace": export.workspace_id,
        "export": export.pk,
        "project": export.project_id,
        "batch": export.batch_id,
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute(_FREEZE, parameters)
        found = dict(
            zip([column.name for column in cursor.description], cursor.fetchone(), strict=True)
        )
    guidelines = unjson(found.pop("guidelines"))
    counts = {name: int(n) for name, n in found.items()} | guidelines
    answered = counts.pop("items_answered")
    counts["items_unaccepted"] = answered - counts["items_judged"]
    counts["items_unanswered"] = counts["items"] - answered
    counts["items_unjudged"] = counts["items"] - counts["items_judged"]
    Export.objects.filter(pk=export.pk).update(
        state=Export.State.STREAMING,
        rows=counts["pairs"],
        counts=counts,
        frozen_at=Now(),
        beat_at=Now(),
    )
    return loaded(export.pk)


def loaded(export_id: uuid.UUID) -> Export:
    """The export with all that its writer needs. Workspace plane."""
    return Export.objects.select_related("project", "batch", "workspace").get(pk=export_id)


def finish(*, export_id: uuid.UUID, folder: str, manifest: dict[str, object], sha256: str) -> bool:
    """The files stand in `folder` of storage: the export never changes from here on. Workspace plane.

    False when another attempt was first, or it was given up: then nobody will ask for these files.
    """
    export = Export.objects.select_for_update().get(pk=export_id)
    if export.state != Export.State.STREAMING:
        return False
    Export.objects.filter(pk=export_id).update(
        state=Export.State.FINISHED,
        folder=folder,
        manifest=manifest,
        sha256=sha256,
        rows_written=export.rows,
        finished_at=Now(),
        error="",
    )
    outbox.emit(kind=FINISHED, workspace_id=export.workspace_id, subject_id=export.pk)
    return True
