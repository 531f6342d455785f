"""Fleiss' kappa of many annotators, and Cohen's kappa of two."""

from math import sqrt
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from projects.stats.cells import cells_of
from projects.stats.gwet import beyond_chance, category_shares
from projects.stats.intervals import Estimate
from projects.stats.patterns import Patterns
from projects.stats.ratings import Floats, Ratings

KappaWeights = Literal["linear", "quadratic"]


def fleiss_kappa(data: Ratings | Patterns, *, confidence: float = 0.95) -> Estimate:
    """Fleiss' kappa of nominal labels.

    Source: Fleiss, Psychological Bulletin 76 (1971); for items with different numbers of labels, and the standard
    error over items, Gwet, Handbook of Inter-Rater Reliability (4th ed., 2014), chapters 2 and 5.

    Returns:
        The coefficient with its standard error and an interval by Student's t; nothing where no item has two labels
        or all labels are alike (0/0); no error and interval with one item.
    """
    cells = cells_of(data)
    cells = cells.only((cells.labels() > 0) & (cells.weight > 0))
    labels = cells.labels()
    if not (labels >= 2).any():
        return Estimate()
    pi = category_shares(cells)
    by_item = cells.by_unit(cells.count * pi[cells.category]) / labels
    agreeing = cells.by_unit(cells.count * (cells.count - 1))
    return beyond_chance(cells, agreeing, float((pi**2).sum()), by_item, confidence)


def cohen_kappa(
    first: ArrayLike,
    second: ArrayLike,
    categories: int,
    weights: KappaWeights | None = None,
    *,
    confidence: float = 0.95,
) -> Estimate:
    """Cohen's kappa of two annotators, or of one annotator's first and second answers.

    Source: Cohen, Educational and Psychological Measurement 20 (1960); weighted: Cohen, Psychological Bulletin 70
    (1968); large-sample standard error: Fleiss, Cohen & Everitt, Psychological Bulletin 72 (1969).

    Args:
        first: Category codes of the one, 0 to `categories` - 1; negative where the label is missing.
        second: The other's codes of the same items.
        categories: How many categories there are.
        weights: How disagreement grows with the distance of codes; None counts every disagreement the same.
        confidence: Of the interval, 0 to 1.

    Returns:
        Kappa over items that both labeled, with its normal interval; nothing without such an item, or where both gave
        one and the same label throughout (0/0); no error and interval with one item.

    Raises:
        ValueError: Columns of unequal length, or a code of `categories` or more.
    """
    a, b = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    if a.shape != b.shape or max(a.max(initial=-1), b.max(initial=-1)) >= categories:
        raise ValueError("both columns must be equally long, with codes below `categories`")
    both = (a >= 0) & (b >= 0)
    items = int(both.sum())
    if not items:
        return Estimate()
    table = np.bincount(a[both] * categories + b[both], minlength=categories**2) / items
    return _kappa(
        table.reshape(categories, categories), _credit(categories, weights), items, confidence
    )


def _credit(categories: int, weights: KappaWeights | None) -> Floats:
    codes = np.arange(categories)
    apart: Floats = np.abs(codes[:, None] - codes[None, :]).astype(np.float64)
    if weights is None:
        return np.eye(categories)
    scaled = apart / max(1, categories - 1)
    credit: Floats = 1 - (scaled if weights == "linear" else scaled**2)
    return credit


def _kappa(table: Floats, credit: Floats, items: int, confidence: float) -> Estimate:
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    observed, chance = float((credit * table).sum()), float(rows @ credit @ columns)
    if 1 - chance < 1e-12:
        return Estimate()
    value = (observed - chance) / (1 - chance)
    if items < 2:
        return Estimate(value)
    mean = (credit @ columns)[:, None] + (rows @ credit)[None, :]
    spread = (table * (credit - mean * (1 - value)) ** 2).sum()
    variance = (spread - (value - chance * (1 - value)) ** 2) / (items * (1 - chance) ** 2)
    error = sqrt(max(0.0, float(variance)))
    half = NormalDist().inv_cdf((1 + confidence) / 2) * error
    return Estimate(value, max(-1.0, value - half), min(1.0, value + half), error)
