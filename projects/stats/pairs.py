"""Pairs of annotators who share more answers against the others' consensus than chance allows.

Raw agreement accuses good pairs: two careful people agree because both are right. Collusion shows where both are
against what all the others say, and say the same.
"""

from dataclasses import dataclass
from itertools import combinations
from math import exp, lgamma, log

import numpy as np

from projects.stats.multiplicity import benjamini_hochberg
from projects.stats.ratings import Codes, Floats, Ratings, sum_by

#: The others' consensus needs so many more labels than the next category has.
_MARGIN = 2
#: The rate of somebody who was compared with few others counts as much as so many comparisons at the usual rate.
_SMOOTHING = 20.0


@dataclass(frozen=True, slots=True)
class Pair:
    """Annotators `one` and `other` gave the same answer against all others' consensus on `shared` units.

    There were `units` that both answered and on which the others had a consensus; chance explains `expected`.
    `adjusted` is the p-value adjusted for the number of pairs.
    """

    one: int
    other: int
    units: int
    shared: int
    expected: float
    adjusted: float


def colluding_pairs(data: Ratings, *, at_least: int = 10, rate: float = 0.05) -> list[Pair]:
    """Find the pairs that share answers against the others' consensus more often than chance explains.

    Expected are the shared answers of independent people with the rates at which each of the two is against the
    consensus beside everybody else, times a factor that all pairs have in common: on difficult units everybody errs
    more often, and into the same category. The factor is that of the middle pair, so one colluding pair does not move
    it. The p-value is that of a Poisson variable, and Benjamini & Hochberg's step-up procedure goes across pairs.

    Args:
        data: Labels of units; a unit needs labels of four annotators or more to have a consensus beside a pair.
        at_least: Pairs that share fewer answers are not tested.
        rate: The share of those found that may be false.
    """
    one, other, against_one, against_other, shared = _compared(data)
    size = data.annotators
    pairs, index = np.unique(one * size + other, return_inverse=True)
    first, second = pairs // size, pairs % size
    units = np.bincount(index, minlength=len(pairs))
    both = sum_by(index, shared, len(pairs))
    ones, others = (sum_by(index, of, len(pairs)) for of in (against_one, against_other))
    compared = sum_by(first, units, size) + sum_by(second, units, size)
    against = sum_by(first, ones, size) + sum_by(second, others, size)
    usual = against.sum() / max(compared.sum(), 1.0)
    rate_one, rate_other = (
        (against[who] - mine + usual * _SMOOTHING) / (compared[who] - units + _SMOOTHING)
        for who, mine in ((first, ones), (second, others))
    )
    independent = units * rate_one * rate_other
    factor = _factor(both, independent)
    expected = np.maximum(independent * factor, 1e-9)
    p_values = np.full(len(pairs), np.nan)
    for at in np.flatnonzero(both >= at_least):
        p_values[at] = _poisson_at_least(int(both[at]), float(expected[at]))
    found = benjamini_hochberg(p_values, rate=rate)
    return [
        Pair(
            one=int(first[at]),
            other=int(second[at]),
            units=int(units[at]),
            shared=int(both[at]),
            expected=float(expected[at]),
            adjusted=float(found.adjusted[at]),
        )
        for at in np.flatnonzero(found.rejected)
    ]


def _factor(both: Floats, independent: Floats) -> float:
    """How much more often than independent people all pairs share answers against the consensus: the middle pair.

    Pairs of whom chance expects nothing say nothing about it.
    """
    tells = independent >= 1
    if not tells.any():
        return 1.0
    return max(1.0, float(np.median(both[tells] / independent[tells])))


def _compared(data: Ratings) -> tuple[Codes, Codes, Codes, Codes, Codes]:
    """For each pair on each unit with a consensus of others: both annotators, who is against it, and whether alike.

    Units with as many labels are handled together.
    """
    order = np.argsort(data.item, kind="stable")
    item, who, label = data.item[order], data.annotator[order], data.label[order]
    starts = np.flatnonzero(np.diff(item, prepend=-1))
    lengths = np.diff(starts, append=len(item))
    parts = []
    for length in np.unique(lengths[lengths >= 4]).tolist():
        rows = starts[lengths == length][:, None] + np.arange(length)
        table = _counts(label[rows], data.categories)
        parts += [
            _of_pair(who[rows], label[rows], table, a, b) for a, b in combinations(range(length), 2)
        ]
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, nothing, nothing, nothing
    one, other, against_one, against_other, shared = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    return one, other, against_one, against_other, shared


def _counts(label: Codes, categories: int) -> Codes:
    """For each unit how many labels of each category it has."""
    table = np.zeros((len(label), max(categories, 2)), dtype=np.int64)
    for column in label.T:
        np.add.at(table, (np.arange(len(label)), column), 1)
    return table


def _of_pair(
    who: Codes, label: Codes, table: Codes, a: int, b: int
) -> tuple[Codes, Codes, Codes, Codes, Codes]:
    """The same of the `a`th and `b`th annotators of units that have as many labels each."""
    units, others = np.arange(len(label)), table.copy()
    for column in (a, b):
        np.add.at(others, (units, label[:, column]), -1)
    ranked = np.sort(others, axis=1)
    clear = ranked[:, -1] - ranked[:, -2] >= _MARGIN
    lead, said_a, said_b = others.argmax(axis=1)[clear], label[clear, a], label[clear, b]
    one, other = who[clear, a], who[clear, b]
    against_a, against_b = said_a != lead, said_b != lead
    first = one <= other
    return (
        np.where(first, one, other),
        np.where(first, other, one),
        np.where(first, against_a, against_b).astype(np.int64),
        np.where(first, against_b, against_a).astype(np.int64),
        (against_a & (said_a == said_b)).astype(np.int64),
    )


def _poisson_at_least(count: int, mean: float) -> float:
    """The probability that a Poisson variable is `count` or more."""
    below = sum(exp(k * log(mean) - mean - lgamma(k + 1)) for k in range(count))
    return min(1.0, max(0.0, 1.0 - below))
