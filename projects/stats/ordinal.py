"""The consensus of ordered labels: a wrong answer costs more, the farther it is from the truth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from projects.stats.ratings import Codes, Floats


@dataclass(frozen=True, eq=False)
class OrdinalConsensus:
    """For each item the median category; `low` and `high` differ where it lies just between two categories.

    `expected_error` is by how many categories `low` is expected to miss the truth. An item without probabilities has
    the categories -1 and the error NaN.
    """

    low: Codes
    high: Codes
    expected_error: Floats


def ordinal_consensus(probabilities: ArrayLike) -> OrdinalConsensus:
    """Find the category with the smallest expected distance from the truth: the median.

    Source: Ferguson, Mathematical Statistics: A Decision Theoretic Approach (1967), section 1.8: a median minimizes
    the expected absolute error.

    Args:
        probabilities: Items x categories in their order: a model's posterior, or the counts of votes. A row of zeros
            or with NaN is an item about which nothing is known.

    Raises:
        ValueError: Not a table with a category, or a negative entry.
    """
    table = np.asarray(probabilities, dtype=np.float64)
    if table.ndim != 2 or not table.shape[1]:
        raise ValueError("probabilities must be a table of items x categories")
    if (table < 0).any():
        raise ValueError("probabilities must not be negative")
    total = table.sum(axis=1)
    known = total > 0
    shares = np.where(known[:, None], table, 1.0)
    shares = shares / shares.sum(axis=1, keepdims=True)
    until = np.cumsum(shares, axis=1)
    # Half exactly, up to rounding, is a median between two categories.
    low = (until >= 0.5 - 1e-12).argmax(axis=1)
    high = (until > 0.5 + 1e-12).argmax(axis=1)
    steps = np.abs(np.arange(table.shape[1])[None, :] - low[:, None])
    error = (shares * steps).sum(axis=1)
    return OrdinalConsensus(
        low=np.where(known, low, -1),
        high=np.where(known, high, -1),
        expected_error=np.where(known, error, np.nan),
    )
