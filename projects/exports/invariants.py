"""The invariants of exports: rows rest on accepted work or say that they do not, and manifests are true."""

import uuid
from collections.abc import Iterator

from django.db import connection
from django_scopes import scopes_disabled

from projects.exports import asked, rule, storage
from projects.exports.models import Export
from projects.formats import writing
from rlhfhub.invariants import Invariant, guards, register


def _files_differ() -> Iterator[str]:
    """Finished exports whose files exist and differ from their manifest."""
    # Imported late so that web processes need not load pyarrow.
    from projects.exports import dataset

    with scopes_disabled():
        finished = list(
            Export.objects.filter(state=Export.State.FINISHED).only("workspace_id", "folder")
        )
    for export in finished:
        # Missing files are no violation: they may be on another machine, or the database may be a restored backup.
        if storage.folder(export).is_dir():
            for fault in dataset.check(export):
                yield f"export={export.pk} {fault}"


def _rows_differ() -> Iterator[str]:
    """Frozen rows that differ from what their dataset's rule makes of the annotations that they name."""
    with scopes_disabled():
        frozen = Export.objects.filter(frozen_at__isnull=False, rows__gt=0)
        for export in frozen.only("dataset", "forms"):
            for item in _different_items(export):
                yield f"export={export.pk} item={item}"


def _different_items(export: Export) -> list[uuid.UUID]:
    dataset = writing.get(export.dataset)
    parameters = rule.asked_parameters(dataset, asked.forms_of(export))
    with connection.cursor() as cursor:
        cursor.execute(rule.statement("recount", dataset), {"export": export.pk, **parameters})
        return [row[0] for row in cursor.fetchall()]


INVARIANTS = (
    Invariant(
        "W12",
        "every annotation in a row was accepted, or the row counts it as undecided; it is for data and of its item",
        """SELECT r.export_id AS export, r.number AS row FROM projects_exports_exportrow r
           JOIN projects_exports_export e ON e.id = r.export_id CROSS JOIN unnest(r.annotations) named
           LEFT JOIN projects_work_annotation a
             ON a.id = named AND a.item_id = r.item_id AND a.project_id = e.project_id AND a.purpose = 'data'
           GROUP BY r.export_id, r.number, r.undecided
           HAVING count(*) <> count(a.id) OR count(*) FILTER (WHERE a.state <> 'accepted') > r.undecided""",
    ),
    Invariant(
        "W12",
        "a row's final answer is to its item, stood when the export was frozen, and was not a withdrawal",
        """SELECT r.export_id AS export, r.number AS row FROM projects_exports_exportrow r
           JOIN projects_exports_export e ON e.id = r.export_id
           LEFT JOIN projects_review_adjudication j
             ON j.id = r.adjudication_id AND j.item_id = r.item_id AND j.workspace_id = r.workspace_id
                AND NOT j.withdrawn AND j.decided_at <= e.frozen_at
           WHERE r.adjudication_id IS NOT NULL AND j.id IS NULL""",
    ),
    Invariant(
        "W12",
        "every row is what its dataset's rule makes of the annotations and the final answer it names",
        _rows_differ,
    ),
    Invariant(
        "D1",
        "a finished export has the rows its manifest promises, numbered without a gap",
        """SELECT e.id AS export, e.rows, COALESCE(r.n, 0) AS found, e.manifest -> 'rows' AS promised
           FROM projects_exports_export e
           LEFT JOIN (SELECT export_id, count(*) AS n, min(number) AS low, max(number) AS high
                      FROM projects_exports_exportrow GROUP BY export_id) r ON r.export_id = e.id
           WHERE (e.frozen_at IS NOT NULL AND (e.rows <> COALESCE(r.n, 0) OR (r.n > 0 AND (r.low, r.high) <> (1, r.n))))
              OR (e.state = 'finished' AND (
                  (e.manifest ->> 'rows')::bigint IS DISTINCT FROM e.rows OR e.rows_written <> e.rows
                  OR e.manifest -> 'counts' IS DISTINCT FROM e.counts
                  OR e.manifest ->> 'dataset' IS DISTINCT FROM e.dataset
                  OR e.manifest ->> 'rows_sha256' IS DISTINCT FROM e.sha256 OR e.sha256 !~ '^[0-9a-f]{64}$'))""",
    ),
    Invariant(
        "D1",
        "every item and every annotation of a frozen export is counted, and counted once",
        # Decided items that made no row are counted under the dataset's own reasons.
        """SELECT e.id AS export FROM projects_exports_export e
           CROSS JOIN LATERAL jsonb_to_record(e.counts) AS c(
               rows bigint, rows_undecided bigint, items bigint, items_unanswered bigint, items_answered bigint,
               items_uncounted bigint, items_undecided bigint, items_decided bigint, items_in_rows bigint,
               items_below_overlap bigint, items_adjudicated bigint, annotations bigint, annotations_accepted bigint,
               annotations_undecided bigint, annotations_rejected bigint, annotations_returned bigint,
               annotations_set_aside bigint, annotations_in_rows bigint)
           CROSS JOIN LATERAL (
               SELECT COALESCE(sum(value::bigint), 0) AS n FROM jsonb_each_text(e.counts) AS reason (name, value)
               WHERE name ~ '^items_' AND name <> ALL ('{items_unanswered,items_answered,items_uncounted,
                   items_undecided,items_decided,items_in_rows,items_below_overlap,
                   items_adjudicated}'::text[])) left_out
           CROSS JOIN LATERAL (
               SELECT count(*) AS rows, count(DISTINCT item_id) AS items,
                      count(*) FILTER (WHERE undecided > 0) AS undecided,
                      count(DISTINCT item_id) FILTER (WHERE adjudication_id IS NOT NULL) AS adjudicated,
                      (SELECT count(DISTINCT named) FROM projects_exports_exportrow n, unnest(n.annotations) named
                       WHERE n.export_id = e.id) AS annotations
               FROM projects_exports_exportrow WHERE export_id = e.id) r
           WHERE e.frozen_at IS NOT NULL AND NOT COALESCE(
               c.items = c.items_unanswered + c.items_answered
               AND c.items_answered = c.items_uncounted + c.items_undecided + c.items_decided
               AND c.items_decided = c.items_in_rows + left_out.n
               AND LEAST(c.items_unanswered, c.items_uncounted, c.items_undecided, c.items_below_overlap) >= 0
               AND c.items_below_overlap <= c.items_in_rows
               AND c.annotations = c.annotations_accepted + c.annotations_undecided + c.annotations_rejected
                   + c.annotations_returned + c.annotations_set_aside
               AND c.annotations_in_rows <= c.annotations_accepted + c.annotations_undecided
               AND (c.rows, c.items_in_rows, c.rows_undecided, c.items_adjudicated, c.annotations_in_rows)
                   = (r.rows, r.items, r.undecided, r.adjudicated, r.annotations), false)""",
    ),
    Invariant(
        "D1",
        "a finished export never changes: the triggers that guard it are enabled",
        guards(
            ("finished", "projects_exports_export"),
            ("kept", "projects_exports_export"),
            ("queued", "projects_exports_export"),
            ("append_only", "projects_exports_exportrow"),
            ("freezing", "projects_exports_exportrow"),
        ),
    ),
    Invariant("D1", "the files of a finished export are those of its manifest", _files_differ),
)


def put_in_register() -> None:
    """Register these invariants. Called when the apps are ready."""
    register("projects.exports", INVARIANTS)
