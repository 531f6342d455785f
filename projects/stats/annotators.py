"""Each annotator against the rest, and each pair of annotators."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from projects.stats.cells import cells_of
from projects.stats.ratings import Codes, Floats, Ratings, sum_by

#: How many pairs of labels are looked at together; bounds the memory.
PAIRS_AT_ONCE = 2_000_000


@dataclass(frozen=True, eq=False)
class AgainstTheRest:
    """How often each annotator gives the label that most of the others give; one number an annotator code.

    `compared` counts the annotator's labels on items that somebody else labeled too; `agreed` how many of them are
    the others' most frequent label, where a label that shares the first place with k - 1 others counts 1/k.
    """

    compared: Codes
    agreed: Floats

    @property
    def share(self) -> Floats:
        """`agreed` of `compared`, 0 to 1; NaN (an array has no None) where nothing was compared."""
        share = np.full(len(self.compared), np.nan)
        some = self.compared > 0
        share[some] = self.agreed[some] / self.compared[some]
        return share


def credit_of_labels(data: Ratings) -> Floats:
    """Credit each label with 1 where it is the most frequent label of the item's other annotators.

    Source: the leave-one-out agreement of crowdsourcing practice, with 1/k where k of the others' labels are tied.

    Returns:
        One number a row of `data`, 0 to 1; NaN where nobody else labeled the item.
    """
    cells = cells_of(data)
    labels = cells.labels()
    most = np.zeros(cells.units)
    np.maximum.at(most, cells.unit, cells.count)
    leads = cells.count == most[cells.unit]
    alone = cells.by_unit(leads * 1.0) == 1
    # Without one label of a category that leads alone, categories with one label less are level with it.
    level = cells.by_unit((cells.count == most[cells.unit] - 1) * 1.0)
    credit = np.where(leads & alone[cells.unit], 1 / (1 + level[cells.unit]), 0.0)
    width = max(1, data.categories)
    keys = cells.unit * width + cells.category
    of_row: Floats = credit[np.searchsorted(keys, data.item * width + data.label)]
    of_row[labels[data.item] < 2] = np.nan
    return of_row


def leave_one_out(data: Ratings) -> AgainstTheRest:
    """Compare each label with the most frequent label of the item's other annotators, as `credit_of_labels` does.

    Use `wilson_interval(agreed, compared)` for an annotator's interval.
    """
    credit = credit_of_labels(data)
    compared = ~np.isnan(credit)
    who = data.annotator[compared]
    return AgainstTheRest(
        compared=np.bincount(who, minlength=data.annotators),
        agreed=sum_by(who, credit[compared], data.annotators),
    )


@dataclass(frozen=True, eq=False)
class AnnotatorPairs:
    """Pairs of annotators with enough items in common; one number a pair in each array.

    `kappa` is Cohen's and `quadratic_kappa` the quadratically weighted one (of the categories' values); each is NaN
    where both annotators gave one and the same label throughout.
    """

    first: Codes
    second: Codes
    shared: Codes
    agreement: Floats
    kappa: Floats
    quadratic_kappa: Floats

    def mean_kappa(self, *, quadratic: bool = False) -> float | None:
        """The mean kappa over the pairs that have one; None where no pair has."""
        values = self.quadratic_kappa if quadratic else self.kappa
        defined = values[~np.isnan(values)]
        return float(defined.mean()) if len(defined) else None


def annotator_pairs(data: Ratings, *, shared: int = 10) -> AnnotatorPairs:
    """Compare all pairs of annotators who have at least `shared` items in common.

    Source: Cohen, Educational and Psychological Measurement 20 (1960) and Psychological Bulletin 70 (1968), as
    `cohen_kappa`. The work grows with the number of pairs of labels on an item, and the memory does not.
    """
    parts = [_compare(data, *block, shared) for block in _blocks(data)]
    if not parts:
        whole, real = np.zeros(0, dtype=np.int64), np.zeros(0)
        return AnnotatorPairs(whole, whole, whole, real, real, real)
    return AnnotatorPairs(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _blocks(data: Ratings) -> Iterator[tuple[Codes, Codes]]:
    """Pairs of rows of one item, all those of an annotator together. The first row's annotator has the lower code."""
    by_item = np.lexsort((data.annotator, data.item))
    ends = np.cumsum(np.bincount(data.item, minlength=data.items))
    # In this order the later rows of an item are those of annotators with higher codes.
    index = np.arange(len(by_item))
    later = ends[data.item[by_item]] - index - 1
    by_annotator = np.argsort(data.annotator[by_item], kind="stable")
    of_annotator = sum_by(data.annotator[by_item], later, data.annotators)
    portion = (np.cumsum(of_annotator) // PAIRS_AT_ONCE).astype(np.int64)
    of_row = portion[data.annotator[by_item[by_annotator]]]
    starts = np.flatnonzero(np.diff(of_row, prepend=-1))
    for rows in np.split(by_annotator, starts[1:]):
        count = later[rows]
        if total := int(count.sum()):
            offset = np.arange(total) - np.repeat(np.cumsum(count) - count, count)
            first = np.repeat(rows, count)
            yield by_item[first], by_item[first + 1 + offset]


def _compare(
    data: Ratings, first: Codes, second: Codes, shared: int
) -> tuple[Codes, Codes, Codes, Floats, Floats, Floats]:
    keys = data.annotator[first] * data.annotators + data.annotator[second]
    pairs, pair, counts = np.unique(keys, return_inverse=True, return_counts=True)
    enough = counts >= shared
    rows = enough[pair]
    pair = (np.cumsum(enough) - 1)[pair[rows]]
    pairs, n = pairs[enough], counts[enough]
    a, b = data.label[first[rows]], data.label[second[rows]]
    observed = sum_by(pair, a == b, len(pairs)) / n
    chance = _equal_by_chance(pair, a, b, len(pairs), data.categories) / n**2
    scaled = (data.values - data.values[0]) / max(np.ptp(data.values), 1e-300)
    apart, apart_by_chance = _squared_differences(pair, scaled[a], scaled[b], n)
    return (
        pairs // data.annotators,
        pairs % data.annotators,
        n,
        observed,
        _ratio(observed - chance, 1 - chance),
        1 - _ratio(apart, apart_by_chance),
    )


def _equal_by_chance(pair: Codes, a: Codes, b: Codes, pairs: int, categories: int) -> Floats:
    """For each pair the sum over categories of (labels of the one) x (labels of the other)."""
    width = max(1, categories)
    ours, our_count = np.unique(pair * width + a, return_counts=True)
    theirs, their_count = np.unique(pair * width + b, return_counts=True)
    both, i, j = np.intersect1d(ours, theirs, assume_unique=True, return_indices=True)
    return sum_by(both // width, our_count[i] * their_count[j], pairs)


def _squared_differences(pair: Codes, a: Floats, b: Floats, n: Codes) -> tuple[Floats, Floats]:
    """For each pair the sum of squared differences, and what it would be if labels met at random."""

    def by_pair(amounts: Floats) -> Floats:
        return sum_by(pair, amounts, len(n))

    by_chance = by_pair(a**2 + b**2) - 2 * by_pair(a) * by_pair(b) / n
    return by_pair((a - b) ** 2), by_chance


def _ratio(above: Floats, below: Floats) -> Floats:
    ratio = np.full(len(above), np.nan)
    defined = below > 1e-12
    ratio[defined] = above[defined] / below[defined]
    return ratio
