"""Gwet's AC1 and AC2, which stay meaningful where nearly all labels are of one category."""

from math import sqrt
from typing import Literal

import numpy as np

from projects.stats.cells import Cells, cells_of
from projects.stats.distances import spread_of_units
from projects.stats.intervals import Estimate
from projects.stats.patterns import Patterns
from projects.stats.quantiles import t_quantile
from projects.stats.ratings import Floats, Ratings, sum_by

#: Identity: labels agree or do not. Quadratic: by the squared difference of their values. Ordinal: by how many pairs of
#: categories lie between them.
Weighting = Literal["identity", "ordinal", "quadratic"]


def gwet_ac1(data: Ratings | Patterns, *, confidence: float = 0.95) -> Estimate:
    """Gwet's AC1: agreement beyond chance, where chance is low if nearly all labels are of one category.

    Source: Gwet, British Journal of Mathematical and Statistical Psychology 61 (2008), pp. 29-48; for missing labels
    and for the standard error Gwet, Handbook of Inter-Rater Reliability (4th ed., 2014), chapters 2 and 5.

    Returns:
        The coefficient with its standard error over items and an interval by Student's t. It counts all categories
        of `data`, also those that nobody chose. Nothing with fewer than two categories, or where no item has two
        labels; no error and interval with one item.
    """
    return gwet_ac2(data, "identity", confidence=confidence)


def gwet_ac2(
    data: Ratings | Patterns, weighting: Weighting = "quadratic", *, confidence: float = 0.95
) -> Estimate:
    """Gwet's AC2: AC1 with part credit for labels that are near each other.

    Source: Gwet, Handbook of Inter-Rater Reliability (4th ed., 2014), chapters 3 to 5. Arguments and result are those
    of `gwet_ac1`; quadratic weights read the values of the categories, ordinal ones their order.
    """
    cells = cells_of(data)
    cells = cells.only((cells.labels() > 0) & (cells.weight > 0))
    q = cells.categories
    if q < 2 or not (cells.labels() >= 2).any():
        return Estimate()
    pi = category_shares(cells)
    # The sum of the weights of all q^2 pairs of categories.
    weights = q * q - float(_lost(one_of_each(cells), weighting)[0])
    by_item = weights / (q * (q - 1)) * cells.by_unit(cells.count * (1 - pi[cells.category]))
    chance = weights / (q * (q - 1)) * float((pi * (1 - pi)).sum())
    agreeing = cells.labels() ** 2 - _lost(cells, weighting) - cells.labels()
    return beyond_chance(cells, agreeing, chance, by_item / cells.labels(), confidence)


def category_shares(cells: Cells) -> Floats:
    """The mean share of each category, every unit weighing the same."""
    shares = cells.count / cells.labels()[cells.unit] * cells.weight[cells.unit]
    total = sum_by(cells.category, shares, cells.categories)
    result: Floats = total / cells.weight.sum()
    return result


def one_of_each(cells: Cells) -> Cells:
    """A single unit with one label of each category."""
    q = cells.categories
    return Cells(np.zeros(q, dtype=np.int64), np.arange(q), np.ones(q), np.ones(1), cells.values)


def _lost(cells: Cells, weighting: Weighting) -> Floats:
    """The sum of 1 - weight over all ordered pairs of labels of each unit."""
    if weighting == "identity":
        lost: Floats = cells.labels() ** 2 - cells.by_unit(cells.count**2)
        return lost
    if weighting == "quadratic":
        scaled = (cells.values - cells.values[0]) / (cells.values[-1] - cells.values[0])
        return spread_of_units(cells, scaled[cells.category])
    # A pair d categories apart loses d(d+1)/2 of the q(q-1)/2 that the farthest pair loses.
    squares = spread_of_units(cells, cells.category.astype(np.float64))
    return (squares + _differences(cells)) / (cells.categories * (cells.categories - 1))


def _differences(cells: Cells) -> Floats:
    """The sum of |k - l| over all ordered pairs of labels of each unit, where k and l are their categories."""
    moments = cells.count * cells.category
    labels, sums = cells.labels(), cells.by_unit(moments)
    # Of the same unit and a lower category, for cells are sorted.
    lower = np.cumsum(cells.count) - cells.count - (np.cumsum(labels) - labels)[cells.unit]
    lower_sum = np.cumsum(moments) - moments - (np.cumsum(sums) - sums)[cells.unit]
    return 2 * cells.by_unit(cells.count * (cells.category * lower - lower_sum))


def beyond_chance(
    cells: Cells, agreeing: Floats, chance: float, chance_by_item: Floats, confidence: float
) -> Estimate:
    """(observed - chance) / (1 - chance), with the standard error that items drawn at random give it.

    `agreeing` is the weighted number of ordered pairs of labels of each unit that agree. Source of the error: Gwet,
    Handbook of Inter-Rater Reliability (4th ed., 2014), section 5.3, without a finite population.
    """
    if 1 - chance < 1e-12:
        return Estimate()
    labels = cells.labels()
    paired = labels >= 2
    items, pairable = cells.weight.sum(), cells.weight[paired].sum()
    share = np.zeros(cells.units)
    share[paired] = agreeing[paired] / (labels * (labels - 1))[paired]
    value = float((cells.weight * share).sum() / pairable - chance) / (1 - chance)
    if items < 2:
        return Estimate(value)
    of_item = items / pairable * np.where(paired, share - chance, 0.0) / (1 - chance)
    influence = of_item - 2 * (1 - value) * (chance_by_item - chance) / (1 - chance)
    variance = (cells.weight * (influence - value) ** 2).sum() / (items * (items - 1))
    error = sqrt(float(variance))
    spread = t_quantile((1 + confidence) / 2, int(items) - 1) * error
    return Estimate(value, max(-1.0, value - spread), min(1.0, value + spread), error)
