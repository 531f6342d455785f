"""Krippendorff's alpha with its interval.

Sources: Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011) and Hayes & Krippendorff, Communication
Methods and Measures 1 (2007). Krippendorff's conventions:

- a unit with fewer than two labels is left out, since nothing can be paired with it;
- without variation (all labels alike) alpha is 0/0 and therefore undefined: None, not 1;
- agreement can be below chance, and alpha then below zero, but not below -1 / (m - 1) where each unit has m labels or
  more. All distances here are squared distances of points, so the squared distances within units of m labels add up to
  at most what the deviations of all labels from their mean allow: observed disagreement is at most m / (m - 1) times
  the expected.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from projects.stats.cells import Cells, cells_of, counted
from projects.stats.distances import (
    Level,
    cell_pairs,
    from_categories,
    midranks,
    spread_of_units,
    within_units,
)
from projects.stats.intervals import Estimate, jackknife_of_disagreement
from projects.stats.patterns import Patterns
from projects.stats.ratings import Codes, Floats, Ratings, sum_by

#: Ordinal labels of more categories than this are grouped for the interval (not for alpha itself), because every
#: item that is left out moves the ranks of all categories.
RANKS_AT_MOST = 256


def krippendorff_alpha(
    data: Ratings | Patterns,
    level: Level = "nominal",
    *,
    clusters: Codes | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Krippendorff's alpha, with the jackknife interval on log(1 - alpha) that leaves out one item at a time.

    Args:
        data: Labels, or the histogram of items with the same labels.
        level: Which distance labels have; `interval` and `ratio` read the values of the categories.
        clusters: For each item code or pattern of `data`, the number of the whole item it belongs to, where judgments
            on facets are items of their own: the jackknife leaves out an item with all its facets. Without it each is
            its own. Patterns of one whole item must stand for equally many items.
        confidence: Of the interval, 0 to 1.

    Returns:
        Alpha, at most 1, with its jackknife standard error; nothing where no unit has two labels or all labels are
        alike. The interval is None with fewer than two items, where nothing disagrees, and where one item alone
        carries all the variation. Its low end is cut at the least value that alpha can have.

    Raises:
        ValueError: Level `ratio` with a negative value, or too few clusters.
    """
    cells = cells_of(data)
    if level == "ratio" and (cells.values < 0).any():
        raise ValueError("the ratio level has no negative values")
    if clusters is not None:
        if len(clusters) < cells.units:
            raise ValueError("clusters must name the whole item of each item of the data")
        clusters = np.asarray(clusters)[: cells.units][cells.are_pairable()]
        return alpha_of_cells(cells.pairable(), level, clusters, confidence)
    return alpha_of_cells(cells.pairable().alike(), level, None, confidence)


def alpha_of_cells(
    cells: Cells, level: Level, clusters: Codes | None = None, confidence: float = 0.95
) -> Estimate:
    """Return alpha of units with two labels or more each. Arguments and result are those of `krippendorff_alpha`."""
    margins = cells.margins()
    if np.count_nonzero(margins) < 2:
        return Estimate()
    items = _items(cells, clusters)
    positions = _positions(cells, level, margins)
    apart = within_units(cells, level, positions) / (cells.labels() - 1)
    observed = float((cells.weight * apart).sum())
    from_each = from_categories(level, margins, positions)
    expected = float(margins @ from_each)
    if level == "ordinal":
        observed_left, expected_left = _ordinal_left(_grouped(items, margins))
    else:
        whole = items.whole
        crossing = whole.by_unit(whole.count * from_each[whole.category])
        observed_left = observed - items.by_item(apart)
        expected_left = expected - 2 * crossing + within_units(whole, level, positions)
    disagreement = (margins.sum() - 1) * observed / expected
    without_one = _without_one(items.whole, margins, observed_left, expected_left)
    found = jackknife_of_disagreement(disagreement, without_one, items.whole.weight, confidence)
    if found.low is None:
        return found
    return replace(found, low=max(found.low, -1 / (float(cells.labels().min()) - 1)))


@dataclass(frozen=True, eq=False)
class _Items:
    """Units, and the whole items they belong to: unit `u` to item `of_unit[u]`, `whole` being the items' labels."""

    units: Cells
    whole: Cells
    of_unit: Codes

    def by_item(self, amounts: Floats) -> Floats:
        """Sum amounts of units over each item."""
        return sum_by(self.of_unit, amounts, self.whole.units)


def _items(cells: Cells, clusters: Codes | None) -> _Items:
    if clusters is None:
        return _Items(cells, cells, np.arange(cells.units))
    names, first, of_unit = np.unique(clusters, return_index=True, return_inverse=True)
    whole = replace(cells.merged(of_unit, len(names)), weight=cells.weight[first])
    return _Items(cells, whole, of_unit)


def _positions(cells: Cells, level: Level, margins: Floats) -> Floats:
    """Where each category lies. Distances are differences, so intervals are centered to lose no digits."""
    if level == "ordinal":
        return midranks(margins)
    if level != "interval":
        return cells.values
    centered = cells.values - margins @ cells.values / margins.sum()
    scaled: Floats = centered / np.abs(centered).max()
    return scaled


def _without_one(
    whole: Cells, margins: Floats, observed_left: Floats, expected_left: Floats
) -> Floats:
    """1 - alpha of all items but one; NaN where only one category is left."""
    ended = whole.by_unit((whole.count == margins[whole.category]).astype(np.float64))
    defined = np.count_nonzero(margins) - ended >= 2
    labels_left = margins.sum() - whole.labels()
    disagreement = np.full(whole.units, np.nan)
    ratio = (labels_left - 1)[defined] * observed_left[defined] / expected_left[defined]
    # Where all other units agree, the exact result is 0, and rounding can make it slightly negative.
    disagreement[defined] = np.maximum(ratio, 0.0)
    return disagreement


def _grouped(items: _Items, margins: Floats) -> _Items:
    """Join neighboring categories until there are few enough to compute the ordinal interval."""
    if np.count_nonzero(margins) <= RANKS_AT_MOST:
        return items
    groups = (midranks(margins) * RANKS_AT_MOST / margins.sum()).astype(np.int64)
    values = np.arange(RANKS_AT_MOST, dtype=np.float64)

    def joined(cells: Cells) -> Cells:
        fewer = counted(cells.unit, groups[cells.category], cells.count, values, cells.units)
        return replace(fewer, weight=cells.weight)

    units = joined(items.units)
    whole = units if items.whole is items.units else joined(items.whole)
    return _Items(units, whole, items.of_unit)


def _ordinal_left(items: _Items) -> tuple[Floats, Floats]:
    """Observed and expected ordinal disagreement of all items but one.

    An item that is left out takes its labels out of the ranks of all others. With the ranks r of all labels, and t the
    ranks among the labels of the item alone, the ranks of the rest are r - t.
    """
    units, whole, margins = items.units, items.whole, items.units.margins()
    ranks = midranks(margins)
    own = _own_ranks(whole)
    if whole is not units:
        width = units.categories
        keys = whole.unit * width + whole.category
        own = own[np.searchsorted(keys, items.of_unit[units.unit] * width + units.category)]
    of_item = spread_of_units(units, ranks[units.category] - own) / (units.labels() - 1)
    observed = _observed_at_ranks_left(units, whole, ranks) - items.by_item(of_item)
    n, count = margins[whole.category], whole.count
    cubes = (margins**3).sum() - whole.by_unit(count * (3 * n * n - 3 * n * count + count**2))
    left = margins.sum() - whole.labels()
    # The sum of squared deviations of N ranks with ties of n_k is (N^3 - sum n_k^3) / 12.
    expected: Floats = left * (left**3 - cubes) / 6
    return observed, expected


def _own_ranks(cells: Cells) -> Floats:
    """The midrank of each cell's labels among the labels of its unit."""
    until = np.cumsum(cells.count)
    labels = cells.labels()
    before = np.cumsum(labels) - labels
    ranks: Floats = until - before[cells.unit] - cells.count / 2
    return ranks


def _observed_at_ranks_left(units: Cells, whole: Cells, ranks: Floats) -> Floats:
    """The observed disagreement of all units, with the ranks of all labels but one item's. One number an item."""
    form = _disagreement_form(units)
    at_ranks = form @ ranks
    left = np.empty(whole.units)
    rows = max(1, 2**20 // units.categories)
    bounds = np.searchsorted(whole.unit, np.arange(0, whole.units + rows, rows))
    for part, (first, last) in enumerate(pairwise(bounds.tolist())):
        start = part * rows
        counts = np.zeros((min(rows, whole.units - start), units.categories))
        counts[whole.unit[first:last] - start, whole.category[first:last]] = whole.count[first:last]
        own = np.cumsum(counts, axis=1) - counts / 2
        changed = ranks @ at_ranks - 2 * (own @ at_ranks) + ((own @ form) * own).sum(axis=1)
        left[start : start + len(counts)] = changed
    return left


def _disagreement_form(units: Cells) -> Floats:
    """The matrix M with which x' M x is the observed disagreement when category k lies at x[k]."""
    size, scale = units.categories, units.weight / (units.labels() - 1)
    form = np.zeros(size * size)
    for first, second in cell_pairs(units):
        pairs = units.count[first] * units.count[second] * scale[units.unit[first]]
        keys = units.category[first] * size + units.category[second]
        form -= sum_by(keys, 2 * pairs, size * size)
    square = form.reshape(size, size)
    square = square + square.T
    square[np.arange(size), np.arange(size)] = -square.sum(axis=1)
    return square
