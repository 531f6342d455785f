"""What the labels say is true of each item: majority vote, and the form in which every model of truth answers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from projects.stats.cells import Cells, cells_of
from projects.stats.ratings import Codes, Floats, Ratings


@dataclass(frozen=True, eq=False)
class Truth:
    """The inferred truth of each item, by item code.

    `label` is the most probable category (the lowest of equally probable ones) and -1 where nothing is known of the
    item; `probability` is that of `label`, and NaN there; `tied` says that another category is as probable.
    """

    label: Codes
    probability: Floats
    tied: "np.ndarray[tuple[int], np.dtype[np.bool_]]"

    def accuracy(self, gold: ArrayLike) -> float | None:
        """The share of items whose label is the known one, among items with both.

        `gold` has a category code for each item and a negative number where it is unknown; a code that nobody used
        counts as missed. None where no item has both.
        """
        keys = np.asarray(gold)
        both = (keys >= 0) & (self.label >= 0)
        return float((self.label[both] == keys[both]).mean()) if both.any() else None


def truth_of_cells(cells: Cells, probability: Floats) -> Truth:
    """The truth from the probability of each cell, where no category without a label is more probable."""
    best = np.zeros(cells.units)
    np.maximum.at(best, cells.unit, probability)
    leads = np.flatnonzero(probability >= best[cells.unit] * (1 - 1e-12))
    label = np.full(cells.units, -1, dtype=np.int64)
    # Assigned from the last to the first, so that the lowest category stays.
    label[cells.unit[leads[::-1]]] = cells.category[leads[::-1]]
    known = label >= 0
    tied = np.bincount(cells.unit[leads], minlength=cells.units) > 1
    return Truth(label, np.where(known, best, np.nan), tied)


def majority_vote(data: Ratings) -> Truth:
    """The label that most annotators gave.

    `probability` is its share of the item's labels; where `tied`, nobody leads and `label` is the lowest of the
    leading categories. `consensus.leading` answers None in that case, which is what pages and exports report.
    """
    cells = cells_of(data)
    return truth_of_cells(cells, cells.count / cells.labels()[cells.unit])


def majority_accuracy_ties_shared(data: Ratings, gold: ArrayLike) -> float | None:
    """The accuracy of majority vote when ties are broken at random: of k leading labels each counts 1/k.

    `gold` and result are those of `Truth.accuracy`.
    """
    cells = cells_of(data)
    keys = np.asarray(gold)
    most = np.zeros(cells.units)
    np.maximum.at(most, cells.unit, cells.count)
    leads = cells.count == most[cells.unit]
    right = cells.by_unit((leads & (cells.category == keys[cells.unit])) * 1.0)
    both = (keys >= 0) & (most > 0)
    return float((right[both] / cells.by_unit(leads * 1.0)[both]).mean()) if both.any() else None
