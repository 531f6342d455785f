"""The temporary table through which the rows of an upload become items.

PostgreSQL refuses COPY into a table with row-level policies, so rows are copied into a temporary table and inserted
from there. In between, rows that the project already has are deleted from it. The caller holds the project's import
lock, so that no other import adds items meanwhile.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from projects.formats.reading.copy_file import copy_sql, create_table_sql
from projects.formats.reading.item_warnings import KINDS, SAME_CONTENT
from projects.items.models import Batch
from projects.items.warnings import LISTED, ItemWarning

MOST_LISTED = 1000
_TABLE = "incoming_items"
COPY = copy_sql(_TABLE)
CREATE = create_table_sql(_TABLE)
DROP = f"DROP TABLE {_TABLE}"
_HAS_ITEMS = "SELECT EXISTS (SELECT FROM projects_items_item WHERE project_id = %s)"
# Without statistics the planner does not know which of the two tables is small. Target 10 samples 3000 rows, which is
# enough.
_ANALYZE = f"SET LOCAL default_statistics_target = 10; ANALYZE {_TABLE} (external_id, content_key)"

_KNOWN = "i.project_id = %(project)s AND i.external_id = t.external_id"
# Keyed items and items of the data do not repeat one another.
_ALIKE = "(i.batch_id = %(pool)s) = %(is_pool)s"
_HAS_KNOWN = f"SELECT count(*) > 0 FROM {_TABLE} t JOIN projects_items_item i ON {_KNOWN}"  # noqa: S608  constant names
_DELETE_DUPLICATES = f"""
    DELETE FROM {_TABLE} t USING projects_items_item i WHERE {_KNOWN} AND {_ALIKE} AND i.sha256 = t.sha256
"""  # noqa: S608  constant names
_CLASHES = f"""
    SELECT t.row, count(*) OVER () FROM {_TABLE} t JOIN projects_items_item i ON {_KNOWN}
    ORDER BY t.row LIMIT {MOST_LISTED}
"""  # noqa: S608  constant names
_DELETE_CLASHES = f"DELETE FROM {_TABLE} t USING projects_items_item i WHERE {_KNOWN}"  # noqa: S608  constant names

_SAME_IN_UPLOAD = f"""
    SELECT row, first FROM {_TABLE} JOIN (
        SELECT content_key, min(row) AS first FROM {_TABLE} GROUP BY content_key HAVING count(*) > 1) repeated
    USING (content_key) WHERE row > first
"""  # noqa: S608  constant names
_SAME = f"""{_SAME_IN_UPLOAD}
    UNION ALL
    SELECT row, NULL FROM {_TABLE} t WHERE EXISTS (
        SELECT FROM projects_items_item i
        WHERE i.project_id = %(project)s AND i.content_key = t.content_key AND {_ALIKE})
"""  # noqa: S608  constant names
_LIST = f"""
    SELECT row, min(first), count(*) OVER () FROM ({{}}) same GROUP BY row ORDER BY row LIMIT {MOST_LISTED}
"""  # noqa: S608  constant names
_DELETE = f"DELETE FROM {_TABLE} WHERE row IN (SELECT row FROM ({{}}) same)"  # noqa: S608  constant names

_WARNED = f"""
    SELECT row, count(*) OVER () FROM {_TABLE} WHERE warnings & %s <> 0 ORDER BY row LIMIT {LISTED}
"""  # noqa: S608  constant names
_NAME_KEYED = f"UPDATE {_TABLE} SET external_id = %s || external_id"  # noqa: S608  constant names
_INSERT = f"""
    INSERT INTO projects_items_item
        (id, workspace_id, project_id, batch_id, seq, external_id, prompt, responses, context, metadata, sha256,
         content_key, created_at)
    SELECT rlhfhub_uuid7(), %(workspace)s, %(project)s, %(batch)s, last.seq + row, external_id, prompt, responses,
           context, metadata, sha256, content_key, clock_timestamp()
    FROM {_TABLE}, (SELECT COALESCE(max(seq), 0) AS seq FROM projects_items_item WHERE batch_id = %(batch)s) last
"""  # noqa: S608  constant names


@dataclass(frozen=True, slots=True)
class Target:
    """Where an upload goes: a project's pool, or a batch of its data. `pool` is None if it has no pool yet."""

    project: uuid.UUID
    pool: uuid.UUID | None
    is_pool: bool

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of the statements that compare the rows with the project's items."""
        pool = self.pool or uuid.UUID(int=0)
        return {"project": self.project, "pool": pool, "is_pool": self.is_pool}


@dataclass(frozen=True, slots=True)
class Clash:
    """A row that conflicts with an item or an earlier row. `first_row` is that row's number, None for an item."""

    row: int
    first_row: int | None = None


@dataclass(frozen=True, slots=True)
class Clashes:
    """The number of conflicting rows, and the first of them."""

    count: int = 0
    listed: tuple[Clash, ...] = ()


def has_items(cursor: Any, project_id: uuid.UUID) -> bool:
    """Return whether the project has any items. If not, no row can be a duplicate of one."""
    cursor.execute(_HAS_ITEMS, [project_id])
    return bool(cursor.fetchone()[0])


def analyze(cursor: Any) -> None:
    """Collect the planner's statistics on the rows, before they are compared with items."""
    cursor.execute(_ANALYZE)


def name_keyed(cursor: Any, prefix: str) -> None:
    """Put `prefix` before the external ids of the rows, which become keyed items."""
    cursor.execute(_NAME_KEYED, [prefix])


def has_known_ids(cursor: Any, target: Target) -> bool:
    """Return whether any row has the external id of an item. If not, no row is a duplicate or a clash."""
    cursor.execute(_HAS_KNOWN, target.parameters())
    return bool(cursor.fetchone()[0])


def remove_duplicates(cursor: Any, target: Target) -> int:
    """Delete rows with the external id and the content of an item. Returns how many."""
    cursor.execute(_DELETE_DUPLICATES, target.parameters())
    count: int = cursor.rowcount
    return count


def clashes(cursor: Any, target: Target) -> Clashes:
    """Return rows with the external id of an item but other content. Duplicates must have been removed before."""
    cursor.execute(_CLASHES, target.parameters())
    found = cursor.fetchall()
    return Clashes(found[0][1] if found else 0, tuple(Clash(row) for row, _ in found))


def remove_clashes(cursor: Any, target: Target) -> None:
    """Delete the rows that `clashes` returns."""
    cursor.execute(_DELETE_CLASHES, target.parameters())


def same_content(cursor: Any, target: Target | None) -> Clashes:
    """Return rows with the content of an earlier row, or of an item of the project, under another external id.

    If `target` is None, only earlier rows are compared.
    """
    cursor.execute(_LIST.format(_same_content_sql(target)), target.parameters() if target else {})
    found = cursor.fetchall()
    listed = tuple(Clash(row, first) for row, first, _ in found)
    return Clashes(found[0][2] if found else 0, listed)


def remove_same_content(cursor: Any, target: Target | None) -> None:
    """Delete the rows that `same_content` returns."""
    cursor.execute(_DELETE.format(_same_content_sql(target)), target.parameters() if target else {})


def _same_content_sql(target: Target | None) -> str:
    return _SAME_IN_UPLOAD if target is None else _SAME


def warnings(cursor: Any, bits: int) -> list[ItemWarning]:
    """Return the warnings of the remaining rows, of the kinds whose bits are set in `bits`."""
    found = []
    for kind in KINDS:
        if bits & kind.bit:
            cursor.execute(_WARNED, [kind.bit])
            rows = cursor.fetchall()
            if rows:
                found.append(_warning(kind.code, kind.words, rows[0][1], [row for row, _ in rows]))
    return found


def same_content_warning(same: Clashes) -> ItemWarning:
    """Return the warning about rows that are imported although their content repeats others."""
    rows = [clash.row for clash in same.listed]
    return _warning(SAME_CONTENT.code, SAME_CONTENT.words, same.count, rows)


def _warning(code: str, words: str, count: int, rows: list[int]) -> ItemWarning:
    return ItemWarning(code, words, count, tuple(rows[:LISTED]))


def insert(cursor: Any, batch: Batch) -> int:
    """Insert the rows as items of the batch. Returns how many."""
    ids = {"workspace": batch.workspace_id, "project": batch.project_id, "batch": batch.pk}
    cursor.execute(_INSERT, ids)
    count: int = cursor.rowcount
    return count
