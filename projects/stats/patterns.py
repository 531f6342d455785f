"""The histogram of label counts that a project's agreement is computed from.

Two items with the same number of labels in each category are the same to every agreement statistic. So a million items
are a few dozen patterns, each with the number of its items. The database can keep this histogram, and the cost of a
statistic grows with the number of patterns and not of items.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Counts = NDArray[np.int64]


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


@dataclass(frozen=True, eq=False)
class Patterns:
    """`items[p]` items each have `counts[p][k]` labels in the ordered category `k`.

    Raises:
        ValueError: The arrays do not fit together, or hold other than whole numbers from 0.
    """

    counts: Counts
    items: Counts

    def __post_init__(self) -> None:
        counts = _whole(self.counts, 2, "counts")
        items = _whole(self.items, 1, "items")
        if len(counts) != len(items):
            raise ValueError("counts and items must be equally long")
        object.__setattr__(self, "counts", counts)
        object.__setattr__(self, "items", items)

    def pairable(self) -> "Patterns":
        """Return only the patterns with two labels or more, since one label has nothing to agree with."""
        keep = (self.counts.sum(axis=1) >= 2) & (self.items > 0)
        return Patterns(self.counts[keep], self.items[keep])
