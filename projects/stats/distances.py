"""How far labels lie apart, summed over pairs of labels, at each level of measurement.

Source of the distances: Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), section E.
"""

from collections.abc import Iterator
from typing import Literal

import numpy as np

from projects.stats.cells import Cells
from projects.stats.ratings import Codes, Floats, sum_by

Level = Literal["nominal", "ordinal", "interval", "ratio"]


def midranks(margins: Floats) -> Floats:
    """The mean rank of each category's labels among all labels, from 0.

    Krippendorff's ordinal distance (the labels between two categories, half of each end counted) is the difference
    of midranks.
    """
    ranks: Floats = np.cumsum(margins) - margins / 2
    return ranks


def within_units(cells: Cells, level: Level, positions: Floats) -> Floats:
    """Sum the squared distances over all ordered pairs of labels of each unit.

    `positions[k]` is where category `k` lies; nominal distances do not read it.
    """
    if level == "nominal":
        labels = cells.labels()
        same: Floats = labels**2 - cells.by_unit(cells.count**2)
        return same
    if level == "ratio":
        return _ratio_within_units(cells)
    return spread_of_units(cells, positions[cells.category])


def spread_of_units(cells: Cells, at: Floats) -> Floats:
    """Sum (a - b)^2 over all ordered pairs of labels of each unit; `at[c]` is where the labels of cell `c` lie."""
    total, squares = cells.by_unit(cells.count * at), cells.by_unit(cells.count * at**2)
    # If all labels are equal, the exact result is 0, and rounding can make it slightly negative.
    spread: Floats = np.maximum(2 * (cells.labels() * squares - total**2), 0.0)
    return spread


def from_categories(level: Level, margins: Floats, positions: Floats) -> Floats:
    """Sum the squared distances from one label of each category to all labels. Returns one number a category."""
    n = margins.sum()
    if level == "nominal":
        others: Floats = n - margins
        return others
    if level == "ratio":
        return _ratio_from_categories(margins, positions)
    sums: Floats = n * positions**2 - 2 * positions * (margins @ positions) + margins @ positions**2
    return sums


def cell_pairs(cells: Cells) -> Iterator[tuple[Codes, Codes]]:
    """Go through all pairs of different cells of one unit, in portions: the indexes of first and second cells."""
    here = np.arange(len(cells.unit))
    step = 1
    while len(here := here[here + step < len(cells.unit)]):
        here = here[cells.unit[here] == cells.unit[here + step]]
        yield here, here + step
        step += 1


def _ratio_distance(a: Floats, b: Floats) -> Floats:
    total = a + b
    # Two zeros do not differ.
    ratio: Floats = np.where(total > 0, (a - b) / np.where(total > 0, total, 1.0), 0.0)
    return ratio**2


def _ratio_within_units(cells: Cells) -> Floats:
    sums = np.zeros(cells.units)
    at = cells.values[cells.category]
    for first, second in cell_pairs(cells):
        apart = cells.count[first] * cells.count[second] * _ratio_distance(at[first], at[second])
        sums += sum_by(cells.unit[first], 2 * apart, cells.units)
    return sums


def _ratio_from_categories(margins: Floats, positions: Floats) -> Floats:
    rows = max(1, 2**20 // max(1, len(positions)))
    parts = [
        _ratio_distance(positions[at : at + rows, None], positions[None, :]) @ margins
        for at in range(0, len(positions), rows)
    ]
    return np.concatenate(parts) if parts else np.zeros(0)
