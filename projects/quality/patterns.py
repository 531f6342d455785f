"""Tallies grouped by pattern: how many items of a batch have the same table of first, or of counted, judgments.

There are far fewer patterns than items, so statistics on them are fast.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np
from django.db import connection

from projects.kinds.protocol import Scale
from projects.stats.alpha import krippendorff_alpha
from projects.stats.intervals import Estimate
from projects.stats.patterns import Patterns

Table = Literal["first", "counted"]
#: A tally's table: a row for each facet, with the number of judgments in each category.
Pattern = tuple[tuple[int, ...], ...]
#: Items by pattern.
Counts = dict[Pattern, int]

# With an array of batches PostgreSQL reads the index `tally_patterns` batch by batch, and no rows of other projects.
_PATTERNS = """
    SELECT batch_id, question, {table}, count(*) FROM projects_quality_tally
    WHERE batch_id = ANY({batches}) GROUP BY batch_id, question, {table}
"""
_OF_PROJECT = "ARRAY(SELECT id FROM projects_items_batch WHERE project_id = %s)"
_OF_BATCH = "ARRAY[%s::uuid]"


def of_project(
    project_id: uuid.UUID, table: Table = "first"
) -> dict[tuple[uuid.UUID, str], Counts]:
    """Return the patterns of the project's batches that have answers, by (batch, question). Workspace plane."""
    return _read(_PATTERNS.format(batches=_OF_PROJECT, table=table), project_id)


_POSITIONS = """
    SELECT batch_id, question, sum(chose_first), sum(decided) FROM projects_quality_tally
    WHERE batch_id = ANY({batches}) GROUP BY batch_id, question
"""


def positions(project_id: uuid.UUID) -> dict[tuple[uuid.UUID, str], tuple[int, int]]:
    """Return (judgments for the response shown first, judgments for either response) by (batch, question).

    Workspace plane.
    """
    with connection.cursor() as cursor:
        cursor.execute(_POSITIONS.format(batches=_OF_PROJECT), [project_id])
        return {(batch, question): (first, of) for batch, question, first, of in cursor.fetchall()}


def of_batch(batch_id: uuid.UUID, question: str, table: Table = "first") -> Counts:
    """Return the patterns of one batch and question. Workspace plane."""
    found = _read(_PATTERNS.format(batches=_OF_BATCH, table=table), batch_id)
    return found.get((batch_id, question), {})


def _read(statement: str, parent_id: uuid.UUID) -> dict[tuple[Any, str], Counts]:
    found: dict[tuple[Any, str], Counts] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, [parent_id])
        for batch_id, question, table, count in cursor.fetchall():
            found.setdefault((batch_id, question), {})[tuple(map(tuple, table))] = count
    return found


def merged(parts: Iterable[Mapping[Pattern, int]]) -> Counts:
    """Add up the items of several counts by pattern."""
    whole: Counter[Pattern] = Counter()
    for part in parts:
        whole.update(part)
    return dict(whole)


def units_of(counts: Mapping[Pattern, int], categories: int) -> Patterns:
    """Return the patterns of single facets, as statistics read them: each facet of an item is a unit.

    Returns: arrays of distinct rows of `categories` numbers, and of how many units have each row.
    """
    counted: Counter[tuple[int, ...]] = Counter()
    for pattern, items in counts.items():
        for row in pattern:
            if len(row) == categories:
                counted[row] += items
    rows = np.array(list(counted), dtype=np.int64).reshape(len(counted), categories)
    return Patterns(rows, np.array(list(counted.values()), dtype=np.int64))


def alpha_of(counts: Mapping[Pattern, int], scale: Scale) -> Estimate | None:
    """Return alpha with the interval that leaves out whole items; None if no item has several facets."""
    size = len(scale.categories)
    facets = [
        (row, items, number)
        for number, (pattern, items) in enumerate(counts.items())
        for row in pattern
        if len(row) == size
    ]
    if len({number for *_, number in facets}) == len(facets):
        return None
    rows, items, of_item = zip(*facets, strict=True)
    units = Patterns(np.array(rows), np.array(items))
    return krippendorff_alpha(units, scale.level, clusters=np.array(of_item))
