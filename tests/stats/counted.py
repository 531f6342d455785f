"""Patterns of labels from tables in tests; the site counts its own in the database."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from projects.stats.patterns import Patterns


def of_matrix(matrix: ArrayLike) -> Patterns:
    """Return the patterns of a table, items x categories, that counts the labels of each item."""
    return Patterns(*np.unique(np.asarray(matrix), axis=0, return_counts=True))


def of_rows(rows: Iterable[tuple[Sequence[int], int]], categories: int = 3) -> Patterns:
    """Return the patterns of pairs (label counts, number of items)."""
    listed = list(rows)
    counts = np.array([row[0] for row in listed], dtype=np.int64).reshape(-1, categories)
    return Patterns(counts, np.array([row[1] for row in listed], dtype=np.int64))


def of_labels(labels: Iterable[Sequence[int]], categories: int) -> Patterns:
    """Return the patterns of the labels of each item: category numbers 0 .. categories - 1."""
    return of_matrix([np.bincount(one, minlength=categories) for one in labels])
