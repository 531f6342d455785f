"""Invariants of items and imports: items never change, and a batch has the items that its receipts count."""

from collections.abc import Iterator

from django.db import connection

from projects.formats.reading.item_shape import content_sha256
from projects.formats.writing.read_back import read_back
from rlhfhub.invariants import Invariant, guards, register

_PAGE = 2000
_CONTENT = """
    SELECT id, sha256, prompt::text, responses::text, context::text, metadata::text
    FROM projects_items_item
"""


def _changed_items() -> Iterator[str]:
    """Yield the items whose content does not match its stored digest."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_CONTENT)
        while rows := cursor.fetchmany(_PAGE):
            for item_id, sha256, *parts in rows:
                if content_sha256(*(read_back(part) for part in parts)) != sha256:
                    yield f"item={item_id}"


INVARIANTS = (
    Invariant("W10", "an item's content still has the digest stored at its import", _changed_items),
    Invariant(
        "W10",
        "no item or key can be changed, and batches change state along declared edges only: the triggers are enabled",
        guards(
            ("append_only", "projects_items_item"),
            ("repeat_pooled", "projects_items_item"),
            ("edge", "projects_items_batch"),
            ("pool", "projects_items_batch"),
            ("pooled", "projects_items_key"),
            ("kept", "projects_items_key"),
            ("append_only", "projects_items_key"),
        ),
    ),
    Invariant(
        "W15",
        "a batch was opened only when funded and before it was closed, and has the times of both",
        """SELECT id AS batch, status FROM projects_items_batch
           WHERE (status = 'open' AND (opened_at IS NULL OR closed_at IS NOT NULL OR funding <> 'funded'))
              OR (status = 'closed' AND closed_at IS NULL) OR (status = 'draft' AND opened_at IS NOT NULL)
              OR closed_at < opened_at""",
    ),
    Invariant(
        "D5",
        "imports are whole: a batch counts as many items as it has, and but for copies in a pool its receipts say so",
        """SELECT b.id AS batch, b.items_count AS counted, COALESCE(i.n, 0) AS items, COALESCE(r.n, 0) AS created
           FROM projects_items_batch b
           LEFT JOIN (SELECT batch_id, count(*) AS n FROM projects_items_item GROUP BY batch_id) i ON i.batch_id = b.id
           LEFT JOIN (SELECT batch_id, sum(created) AS n FROM projects_items_import GROUP BY batch_id) r
             ON r.batch_id = b.id
           WHERE CASE b.phase WHEN 'calibration' THEN i.n IS NOT NULL
                 ELSE b.items_count <> COALESCE(i.n, 0) OR NOT b.is_pool AND b.items_count <> COALESCE(r.n, 0) END""",
    ),
    Invariant(
        "D5",
        "a receipt adds up: received = created + duplicates + rejected",
        """SELECT id AS import, received, created, duplicates, rejected FROM projects_items_import
           WHERE received <> created + duplicates + rejected""",
    ),
)


def put_in_register() -> None:
    """Register the invariants. Called from the AppConfig's ready()."""
    register("projects.items", INVARIANTS)
