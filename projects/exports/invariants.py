"""An export holds accepted work only, and its manifest says what it holds."""

from collections.abc import Iterator

from django_scopes import scopes_disabled

from projects.exports import storage
from projects.exports.models import Export
from rlhfhub.invariants import Invariant, guards, register


def _files_differ() -> Iterator[str]:
    """Finished exports whose files are there and are not what the manifest says."""
    # It brings the library of columnar files along, which no web process needs.
    from projects.exports import dataset

    with scopes_disabled():
        finished = list(
            Export.objects.filter(state=Export.State.FINISHED).only("workspace_id", "folder")
        )
    for export in finished:
        # Files that storage has not (another machine's, a restored database's) are no violation here.
        if storage.folder(export).is_dir():
            for fault in dataset.check(export):
                yield f"export={export.pk} {fault}"


INVARIANTS = (
    Invariant(
        "W12",
        "what is exported was accepted, and every annotation of it counts once",
        """SELECT e.id AS export, count(*) AS rows FROM projects_exports_export e
           JOIN projects_exports_exportrow r ON r.export_id = e.id CROSS JOIN unnest(r.annotations) named
           LEFT JOIN projects_work_annotation a
             ON a.id = named AND a.item_id = r.item_id AND a.state = 'accepted' AND a.project_id = e.project_id
           WHERE a.id IS NULL GROUP BY e.id""",
    ),
    Invariant(
        "W12",
        "a pair's votes are those of its annotations, and most of them are for what it calls chosen",
        """SELECT r.export_id AS export, r.number AS row FROM projects_exports_exportrow r CROSS JOIN LATERAL (
               SELECT count(*) FILTER (WHERE a.label = CASE r.chosen WHEN 0 THEN -1 ELSE 1 END) AS pro,
                      count(*) FILTER (WHERE a.label = CASE r.chosen WHEN 0 THEN 1 ELSE -1 END) AS contra,
                      count(*) FILTER (WHERE a.label = 0) AS tie
               FROM projects_work_annotation a WHERE a.id = ANY(r.annotations)) v
           WHERE (v.pro, v.contra, v.tie) IS DISTINCT FROM
                 (r.votes_for::bigint, r.votes_against::bigint, r.votes_tie::bigint)
              OR v.pro <= v.contra OR v.pro <= v.tie""",
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
                  OR (e.manifest -> 'counts' ->> 'pairs')::bigint IS DISTINCT FROM e.rows
                  OR e.manifest ->> 'rows_sha256' IS DISTINCT FROM e.sha256 OR e.sha256 !~ '^[0-9a-f]{64}$'))""",
    ),
    Invariant(
        "D1",
        "every item and every annotation of a frozen export is counted, and counted once",
        # Exports from before a count was made do not have it, and are not judged by it.
        """SELECT e.id AS export FROM projects_exports_export e, jsonb_to_record(e.counts) AS c(
               pairs bigint, items bigint, items_judged bigint, items_tied bigint, items_contested bigint,
               items_unjudged bigint, items_unaccepted bigint, items_unanswered bigint, pairs_below_overlap bigint,
               annotations bigint, annotations_accepted bigint, annotations_undecided bigint,
               annotations_in_pairs bigint)
           WHERE e.frozen_at IS NOT NULL AND (
               c.items <> c.pairs + c.items_tied + c.items_contested + c.items_unjudged
               OR c.items_judged <> c.items - c.items_unjudged
               OR c.items_unjudged <> c.items_unaccepted + c.items_unanswered
               OR LEAST(c.items_unaccepted, c.items_unanswered, c.pairs_below_overlap) < 0
               OR c.pairs_below_overlap > c.pairs
               OR c.annotations <> c.annotations_accepted + c.annotations_undecided
               OR c.annotations_in_pairs > c.annotations_accepted
               OR c.annotations_in_pairs <> (
                   SELECT COALESCE(sum(cardinality(r.annotations)), 0) FROM projects_exports_exportrow r
                   WHERE r.export_id = e.id))""",
    ),
    Invariant(
        "D1",
        "a finished export never changes: its guards stand",
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
    """Called when the apps are ready."""
    register("projects.exports", INVARIANTS)
