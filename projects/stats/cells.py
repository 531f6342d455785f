"""Labels counted by unit and category, without the empty cells.

Thousands of categories or of annotators cost no table: every statistic here is a sum over cells.
"""

from dataclasses import dataclass

import numpy as np

from projects.stats.patterns import Patterns
from projects.stats.ratings import Codes, Floats, Ratings, sum_by


@dataclass(frozen=True, eq=False)
class Cells:
    """`count[c]` labels of unit `unit[c]` are in category `category[c]`, sorted by unit and then category.

    `weight[u]` is how many units are exactly like unit `u`: 1, except for patterns.
    """

    unit: Codes
    category: Codes
    count: Floats
    weight: Floats
    values: Floats

    @property
    def units(self) -> int:
        """How many units there are, with labels or without."""
        return len(self.weight)

    @property
    def categories(self) -> int:
        """How many categories there are."""
        return len(self.values)

    def by_unit(self, amounts: Floats) -> Floats:
        """Sum amounts of cells over each unit. Returns one number a unit."""
        return sum_by(self.unit, amounts, self.units)

    def labels(self) -> Floats:
        """How many labels each unit has."""
        return self.by_unit(self.count)

    def margins(self) -> Floats:
        """How many labels each category has, over all units."""
        return sum_by(self.category, self.count * self.weight[self.unit], self.categories)

    def only(self, keep: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> "Cells":
        """Only these units (one truth value a unit), numbered anew."""
        number = np.cumsum(keep) - 1
        cells = keep[self.unit]
        return Cells(
            number[self.unit[cells]],
            self.category[cells],
            self.count[cells],
            self.weight[keep],
            self.values,
        )

    def are_pairable(self) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """Whether each unit has two labels or more."""
        return (self.labels() >= 2) & (self.weight > 0)

    def pairable(self) -> "Cells":
        """Only units with two labels or more: one label alone agrees with nobody."""
        return self.only(self.are_pairable())

    def merged(self, into: Codes, units: int) -> "Cells":
        """Add units together: unit `u` becomes part of unit `into[u]` of `units`, of weight 1."""
        return counted(into[self.unit], self.category, self.count, self.values, units)

    def alike(self) -> "Cells":
        """Join units with the same counts into one of their common weight.

        Returns the cells as they are where there are too many categories or labels to compare units by one number.
        """
        base = int(self.count.max(initial=0)) + 1
        if base**self.categories > 2**62 or self.units * self.categories > 8 * len(self.unit):
            return self
        table = np.zeros((self.units, self.categories), dtype=np.int64)
        table[self.unit, self.category] = self.count
        names = table @ (base ** np.arange(self.categories, dtype=np.int64))
        _, example, of_unit = np.unique(names, return_index=True, return_inverse=True)
        weight = sum_by(of_unit, self.weight, len(example))
        unit, category = np.nonzero(table[example])
        count = table[example][unit, category].astype(np.float64)
        return Cells(unit, category, count, weight, self.values)


def counted(unit: Codes, category: Codes, count: Floats, values: Floats, units: int) -> Cells:
    """Add up counts by unit and category."""
    width = max(len(values), 1)
    keys = unit * width + category
    if units * width <= 8 * len(keys):
        filled = np.flatnonzero(np.bincount(keys, minlength=units * width))
        sums = sum_by(keys, count, units * width)[filled]
    else:
        filled, inverse = np.unique(keys, return_inverse=True)
        sums = sum_by(inverse, count, len(filled))
    weight = np.ones(units)
    return Cells(filled // width, filled % width, sums, weight, values)


def cells_of(data: Ratings | Patterns) -> Cells:
    """Count the labels of each item, or of each pattern of labels."""
    if isinstance(data, Ratings):
        ones = np.ones(len(data.label))
        return counted(data.item, data.label, ones, data.values, data.items)
    unit, category = np.nonzero(data.counts)
    return Cells(
        unit.astype(np.int64),
        category.astype(np.int64),
        data.counts[unit, category].astype(np.float64),
        data.items.astype(np.float64),
        np.arange(data.counts.shape[1], dtype=np.float64),
    )
