"""The input of statistics on annotations: long arrays with one row for each label.

A statistic that does not depend on who gave a label reads `Patterns` as well (see patterns.py).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]


def sum_by(codes: Codes, amounts: NDArray[np.generic], size: int) -> Floats:
    """Sum amounts with the same code. Returns one number for each code below `size`."""
    sums: Floats = np.asarray(np.bincount(codes, weights=amounts, minlength=size), dtype=np.float64)
    return sums


class DuplicateRating(ValueError):
    """One annotator labels one item twice; `first` and `second` are the positions of the two rows."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__(f"rows {first} and {second} are of the same item and annotator")
        self.first, self.second = first, second


@dataclass(frozen=True, eq=False)
class Ratings:
    """Row `r` says that `annotator[r]` gave `item[r]` the category `label[r]`, all three as codes from 0.

    An item here is a unit of judgment: a facet of an item is an item of its own, and `krippendorff_alpha` is told by
    `clusters` which of them belong together. `values[k]` is the number that category `k` means, in ascending order;
    for nominal labels it is just `k`. A missing label is a missing row. `items` and `annotators` are how many codes of
    each there are, with rows or without. Make it with `ratings` or `number_ratings`.
    """

    item: Codes
    annotator: Codes
    label: Codes
    values: Floats
    items: int
    annotators: int

    @property
    def categories(self) -> int:
        """How many categories there are, whether or not anybody chose each of them."""
        return len(self.values)

    def rows(self, chosen: "NDArray[np.bool_] | Codes") -> "Ratings":
        """Only the chosen rows (truth values, or row numbers in order), with the same codes."""
        return replace(
            self,
            item=self.item[chosen],
            annotator=self.annotator[chosen],
            label=self.label[chosen],
        )


def ratings(
    item: ArrayLike, annotator: ArrayLike, label: ArrayLike, values: ArrayLike | None = None
) -> Ratings:
    """Check arrays of codes and make `Ratings` of them.

    Rows whose label is negative are missing labels and are left out. Without `values` the categories mean 0, 1, 2 ...
    up to the highest label.

    Raises:
        DuplicateRating: An annotator labels an item twice.
        ValueError: Arrays of unequal length or of other than whole numbers, a negative item or annotator, a label
            without a value, values that are not finite and ascending.
    """
    columns = [
        _codes(name, column)
        for name, column in (("item", item), ("annotator", annotator), ("label", label))
    ]
    if len({len(column) for column in columns}) > 1:
        raise ValueError("item, annotator and label must be equally long")
    highest = int(columns[2].max(initial=-1))
    numbers = np.asarray(np.arange(highest + 1) if values is None else values, dtype=np.float64)
    if not np.isfinite(numbers).all() or (np.diff(numbers) <= 0).any():
        raise ValueError("values must be finite and ascending")
    if highest >= len(numbers):
        raise ValueError(f"label {highest} has no value")
    if min(int(column.min(initial=0)) for column in columns[:2]) < 0:
        raise ValueError("items and annotators must not be negative")
    kept = np.flatnonzero(columns[2] >= 0)
    items, annotators, labels = (column[kept] for column in columns)
    sizes = [int(column.max(initial=-1)) + 1 for column in columns[:2]]
    _refuse_duplicates(items, annotators, kept)
    return Ratings(items, annotators, labels, numbers, *sizes)


def number_ratings(item: ArrayLike, annotator: ArrayLike, number: ArrayLike) -> Ratings:
    """Make `Ratings` of labels that are numbers; each distinct number is a category. NaN is a missing label.

    Raises:
        DuplicateRating: An annotator labels an item twice.
        ValueError: As `ratings`, and where a number is infinite.
    """
    numbers = np.asarray(number, dtype=np.float64)
    missing = np.isnan(numbers)
    values, codes = np.unique(numbers[~missing], return_inverse=True)
    labels = np.full(len(numbers), -1, dtype=np.int64)
    labels[~missing] = codes
    return ratings(item, annotator, labels, values)


def _codes(name: str, column: ArrayLike) -> Codes:
    array = np.asarray(column)
    if array.size == 0:
        return np.zeros(0, dtype=np.int64)
    if array.ndim != 1 or not np.issubdtype(array.dtype, np.integer):
        raise ValueError(f"{name} must be one column of whole numbers")
    return array.astype(np.int64, copy=False)


def _refuse_duplicates(item: Codes, annotator: Codes, row: Codes) -> None:
    keys = item * (int(annotator.max(initial=0)) + 1) + annotator
    ordered = np.sort(keys)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    if len(twice):
        # The pair whose second row comes first in the input.
        pairs = [row[keys == key][:2].tolist() for key in np.unique(twice)[:1000]]
        raise DuplicateRating(*min(pairs, key=lambda pair: pair[1]))
