"""The histogram of count patterns that agreement is computed from.

Items on which the same labels fell are alike to every agreement statistic, so a project of a
million items is a few dozen patterns with a multiplicity. The database can keep the histogram, and
a statistic costs the number of patterns and not the number of items.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Counts = NDArray[np.int64]

# A table of codes this long (16 MiB) is counted in one pass; anything wider is sorted.
_COUNTED_UP_TO = 1 << 21


def _whole(values: ArrayLike, dimensions: int, what: str) -> Counts:
    array = np.asarray(values)
    if array.size == 0:
        array = array.astype(np.int64)
    if array.ndim != dimensions:
        raise ValueError(f"{what} must have {dimensions} dimension(s), not {array.ndim}")
    if not np.issubdtype(array.dtype, np.integer):
        raise ValueError(f"{what} must be whole numbers")
    if array.size and int(array.min()) < 0:
        raise ValueError(f"{what} must not be negative")
    return array.astype(np.int64, copy=False)


def _codes(matrix: Counts) -> Counts | None:
    """Each row as one number (mixed radix), or None where that would overflow."""
    codes = np.zeros(len(matrix), dtype=np.int64)
    span = 1
    for column in matrix.T:
        base = int(column.max(initial=0)) + 1
        span *= base
        if span >= 1 << 62:
            return None
        codes = codes * base + column
    return codes


def _distinct(matrix: Counts) -> tuple[Counts, Counts]:
    """The distinct rows and how often each stands there; ten times faster than unique(axis=0)."""
    codes = _codes(matrix)
    if codes is None:
        rows, times = np.unique(matrix, axis=0, return_counts=True)
        return rows, times.astype(np.int64)
    if len(codes) and int(codes.max()) < _COUNTED_UP_TO:
        table = np.bincount(codes)
        present = np.flatnonzero(table)
        first = np.zeros(len(table), dtype=np.int64)
        first[codes] = np.arange(len(codes))
        return matrix[first[present]], table[present].astype(np.int64)
    _, index, times = np.unique(codes, return_index=True, return_counts=True)
    return matrix[index], times.astype(np.int64)


@dataclass(frozen=True, eq=False)
class Patterns:
    """`items[p]` items each have `counts[p][k]` labels in the ordered category `k`."""

    counts: Counts
    items: Counts

    def __post_init__(self) -> None:
        counts = _whole(self.counts, 2, "counts")
        items = _whole(self.items, 1, "items")
        if len(counts) != len(items):
            raise ValueError("counts and items must be equally long")
        object.__setattr__(self, "counts", counts)
        object.__setattr__(self, "items", items)

    @classmethod
    def from_matrix(cls, matrix: ArrayLike) -> "Patterns":
        """From a table of items x categories that counts the labels of each item."""
        return cls(*_distinct(_whole(matrix, 2, "the matrix")))

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[Sequence[int], int]], categories: int) -> "Patterns":
        """From pairs (label counts, number of items), as ``GROUP BY votes`` yields them."""
        listed = list(rows)
        counts = np.array([row[0] for row in listed], dtype=np.int64).reshape(-1, categories)
        return cls(counts, np.array([row[1] for row in listed], dtype=np.int64))

    @classmethod
    def from_labels(cls, labels: Iterable[Sequence[int]], categories: int) -> "Patterns":
        """From the labels of each item, as category numbers 0 .. categories - 1."""
        listed = list(labels)
        matrix = np.zeros((len(listed), categories), dtype=np.int64)
        for row, item in zip(matrix, listed, strict=True):
            for label in item:
                row[label] += 1
        return cls.from_matrix(matrix)

    def pairable(self) -> "Patterns":
        """Only the items with two labels or more: one label alone agrees with nobody."""
        keep = (self.counts.sum(axis=1) >= 2) & (self.items > 0)
        return Patterns(self.counts[keep], self.items[keep])
