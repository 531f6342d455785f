"""Kept tallies as patterns: on how many items of a batch the first answers, or the counted ones, fell so."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np
from django.db import connection

from projects.stats.patterns import Patterns

Table = Literal["first", "counted"]
#: One row for each facet, one number for each category.
Pattern = tuple[tuple[int, ...], ...]
Found = dict[Pattern, int]

# An array, so that the index of patterns is gone through batch by batch and other projects are not read.
_PATTERNS = """
    SELECT batch_id, question, {table}, count(*) FROM projects_quality_tally
    WHERE batch_id = ANY({batches}) GROUP BY batch_id, question, {table}
"""
_OF_PROJECT = "ARRAY(SELECT id FROM projects_items_batch WHERE project_id = %s)"
_OF_BATCH = "ARRAY[%s::uuid]"


def of_project(project_id: uuid.UUID, table: Table = "first") -> dict[tuple[uuid.UUID, str], Found]:
    """The patterns of each of the project's batches that has an answer, by (batch, question). Workspace plane."""
    return _read(_PATTERNS.format(batches=_OF_PROJECT, table=table), project_id)


_POSITIONS = """
    SELECT batch_id, question, sum(chose_first), sum(decided) FROM projects_quality_tally
    WHERE batch_id = ANY({batches}) GROUP BY batch_id, question
"""


def positions(project_id: uuid.UUID) -> dict[tuple[uuid.UUID, str], tuple[int, int]]:
    """(judgments that chose the response shown first, those that took a side) by (batch, question). Workspace plane."""
    with connection.cursor() as cursor:
        cursor.execute(_POSITIONS.format(batches=_OF_PROJECT), [project_id])
        return {(batch, question): (first, of) for batch, question, first, of in cursor.fetchall()}


def of_batch(batch_id: uuid.UUID, question: str, table: Table = "first") -> Found:
    """The patterns of one batch and question. Workspace plane."""
    found = _read(_PATTERNS.format(batches=_OF_BATCH, table=table), batch_id)
    return found.get((batch_id, question), {})


def _read(statement: str, of: uuid.UUID) -> dict[tuple[Any, str], Found]:
    found: dict[tuple[Any, str], Found] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, [of])
        for batch_id, question, table, count in cursor.fetchall():
            found.setdefault((batch_id, question), {})[tuple(map(tuple, table))] = count
    return found


def together(found: Iterable[Mapping[Pattern, int]]) -> Found:
    """All these patterns as one."""
    whole: Counter[Pattern] = Counter()
    for one in found:
        whole.update(one)
    return dict(whole)


def units_of(found: Mapping[Pattern, int], categories: int) -> Patterns:
    """The histogram that statistics read: each facet of an item is a unit of its own."""
    counted: Counter[tuple[int, ...]] = Counter()
    for pattern, items in found.items():
        for row in pattern:
            if len(row) == categories:
                counted[row] += items
    rows = np.array(list(counted), dtype=np.int64).reshape(len(counted), categories)
    return Patterns(rows, np.array(list(counted.values()), dtype=np.int64))
