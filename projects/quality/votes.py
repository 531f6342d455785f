"""Kept votes as patterns: on how many items of a batch this many said first better, tie, second better."""

import uuid
from collections import Counter
from typing import Any

from django.db import connection

Pattern = tuple[int, int, int]

# An array, so that the index of patterns is gone through batch by batch and other projects are not read.
_PATTERNS = """
    SELECT batch_id, first, tie, second, count(*) FROM projects_quality_consensus
    WHERE batch_id = ANY({batches}) GROUP BY batch_id, first, tie, second
"""
_OF_PROJECT = _PATTERNS.format(
    batches="ARRAY(SELECT id FROM projects_items_batch WHERE project_id = %s)"
)
_OF_BATCH = _PATTERNS.format(batches="ARRAY[%s]")


def of_project(project_id: uuid.UUID) -> dict[uuid.UUID, dict[Pattern, int]]:
    """The patterns of each of the project's batches that has an answer. Workspace plane."""
    return _read(_OF_PROJECT, project_id)


def of_batch(batch_id: uuid.UUID) -> dict[Pattern, int]:
    """The patterns of one batch. Workspace plane."""
    return _read(_OF_BATCH, batch_id).get(batch_id, {})


def _read(statement: str, of: uuid.UUID) -> dict[Any, dict[Pattern, int]]:
    found: dict[Any, dict[Pattern, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, [of])
        for batch_id, first, tie, second, count in cursor.fetchall():
            found.setdefault(batch_id, {})[first, tie, second] = count
    return found


def together(of: dict[uuid.UUID, dict[Pattern, int]]) -> dict[Pattern, int]:
    """The patterns of all these batches as one."""
    whole: Counter[Pattern] = Counter()
    for patterns in of.values():
        whole.update(patterns)
    return dict(whole)
