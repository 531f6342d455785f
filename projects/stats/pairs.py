"""Pairs of annotators who share more answers against the others' consensus than chance allows.

Raw agreement accuses good pairs: two careful people agree because both are right. Collusion shows where both are
against what the others say, and say the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import exp, lgamma, log

import numpy as np

from projects.stats.multiplicity import benjamini_hochberg
from projects.stats.one_coin import one_coin
from projects.stats.ratings import Codes, Floats, Ratings, sum_by

#: With several others, their consensus needs so many more labels than the next category has.
_MARGIN = 2
#: A middle pair means something among so many.
_MIDDLE_OF = 10


@dataclass(frozen=True, slots=True)
class Pair:
    """Annotators `one` and `other` gave the same answer against the others' consensus on `shared` units.

    There were `units` that both answered and on which the others had a consensus; chance explains `expected`.
    `adjusted` is the p-value adjusted for the number of pairs.
    """

    one: int
    other: int
    units: int
    shared: int
    expected: float
    adjusted: float


@dataclass(frozen=True, eq=False)
class _Met:
    """Pairs on units, one number each in all arrays: both annotators, whether they share an answer against the rest,
    and the probability of that if they are independent.
    """

    one: Codes
    other: Codes
    shared: Codes
    chance: Floats


def colluding_pairs(data: Ratings, *, at_least: int = 10, rate: float = 0.05) -> list[Pair]:
    """Find the pairs that share answers against the others' consensus more often than chance explains.

    If the two are independent, they share such an answer where both are right and the others wrong, or both wrong in
    the same way and the others right, by the accuracies of the one-coin model (Dawid & Skene, Applied Statistics 28
    (1979)). Difficult units make everybody err together, so what is expected is multiplied by a factor that all pairs
    have in common: that of the middle pair, which one colluding pair does not move. The p-value is that of a Poisson
    variable, and Benjamini & Hochberg's step-up procedure goes across pairs.

    Args:
        data: Labels of units; a unit needs three or more.
        at_least: Pairs that share fewer answers are not said to collude.
        rate: The share of those found that may be false.
    """
    if not len(data.item):
        return []
    met = _met(data)
    pairs, index = np.unique(met.one * data.annotators + met.other, return_inverse=True)
    units = np.bincount(index, minlength=len(pairs))
    shared = sum_by(index, met.shared, len(pairs))
    chance = sum_by(index, met.chance, len(pairs))
    expected = np.maximum(chance * _factor(shared, chance), 1e-9)
    # All pairs are tested, also those that share too few: to test only the largest numbers would flatter them.
    p_values = [_poisson_at_least(int(n), float(m)) for n, m in zip(shared, expected, strict=True)]
    found = benjamini_hochberg(p_values, rate=rate)
    return [
        Pair(
            one=int(pairs[at] // data.annotators),
            other=int(pairs[at] % data.annotators),
            units=int(units[at]),
            shared=int(shared[at]),
            expected=float(expected[at]),
            adjusted=float(found.adjusted[at]),
        )
        for at in np.flatnonzero(found.rejected & (shared >= at_least))
    ]


def shared_units(data: Ratings, one: int, other: int) -> Codes:
    """Return the units on which two annotators gave the same answer against the others' consensus.

    They are the units that `colluding_pairs` counts as `shared` for this pair, in ascending order.
    """
    units, label = _same_answers(data, one, other)
    kinds = max(data.categories, 2)
    others = np.zeros((len(units), kinds), dtype=np.int64)
    position = np.full(data.items, -1)
    position[units] = np.arange(len(units))
    of_these = position[data.item] >= 0
    np.add.at(others, (position[data.item[of_these]], data.label[of_these]), 1)
    labels = others.sum(axis=1)
    others[np.arange(len(units)), label] -= 2
    ranked = np.sort(others, axis=1)
    clear = ranked[:, -1] - ranked[:, -2] >= np.where(labels == 3, 1, _MARGIN)
    found: Codes = units[(labels >= 3) & clear & (others.argmax(axis=1) != label)]
    return found


def _same_answers(data: Ratings, one: int, other: int) -> tuple[Codes, Codes]:
    """Return the units to which both gave the same label, ascending, and these labels."""
    mine, theirs = (np.flatnonzero(data.annotator == who) for who in (one, other))
    units, at_mine, at_theirs = np.intersect1d(
        data.item[mine], data.item[theirs], return_indices=True
    )
    label = data.label[mine[at_mine]]
    same = label == data.label[theirs[at_theirs]]
    return units[same], label[same]


def _factor(shared: Floats, chance: Floats) -> Floats:
    """For each pair, how many times as often as independent people the others share answers against the consensus.

    That is the middle pair, of those of whom chance expects an answer or more; with few of them, all other pairs
    together.
    """
    tells = chance >= 1
    if np.count_nonzero(tells) >= _MIDDLE_OF:
        middle = float(np.median(shared[tells] / chance[tells]))
        return np.full(len(shared), max(1.0, middle))
    factor: Floats = (shared.sum() - shared + 1) / (chance.sum() - chance + 1)
    return np.maximum(1.0, factor)


def _met(data: Ratings) -> _Met:
    """All pairs on all units where the others have a consensus. Units with as many labels are handled together."""
    accuracy = np.clip(one_coin(data).accuracy, 0.02, 0.98)
    order = np.argsort(data.item, kind="stable")
    item, who, label = data.item[order], data.annotator[order], data.label[order]
    starts = np.flatnonzero(np.diff(item, prepend=-1))
    lengths = np.diff(starts, append=len(item))
    kinds = max(data.categories, 2)
    parts = [_Met(*(np.zeros(0, dtype=np.int64),) * 3, np.zeros(0))]
    for length in np.unique(lengths[lengths >= 3]).tolist():
        rows = starts[lengths == length][:, None] + np.arange(length)
        parts += _of_length(who[rows], label[rows], accuracy, kinds)
    return _Met(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in _Met.__match_args__)
    )


def _of_length(who: Codes, label: Codes, accuracy: Floats, kinds: int) -> Iterator[_Met]:
    """Each pair of columns, on units that have as many labels each; `accuracy` is the annotators'."""
    units = np.arange(len(label))
    table = np.zeros((len(label), kinds), dtype=np.int64)
    odds = np.zeros((len(label), kinds))
    right = accuracy[who]
    weight = np.log(right) - np.log1p(-right) + log(kinds - 1)
    for column in range(label.shape[1]):
        np.add.at(table, (units, label[:, column]), 1)
        np.add.at(odds, (units, label[:, column]), weight[:, column])
    margin = 1 if label.shape[1] == 3 else _MARGIN
    for a, b in combinations(range(label.shape[1]), 2):
        others, belief = table.copy(), odds.copy()
        for column in (a, b):
            np.add.at(others, (units, label[:, column]), -1)
            np.add.at(belief, (units, label[:, column]), -weight[:, column])
        ranked = np.sort(others, axis=1)
        clear = ranked[:, -1] - ranked[:, -2] >= margin
        lead = others.argmax(axis=1)
        likely = np.exp(belief - belief.max(axis=1, keepdims=True))
        sure = likely[units, lead] / likely.sum(axis=1)
        both_right = right[:, a] * right[:, b] * (1 - sure)
        both_wrong = (1 - right[:, a]) * (1 - right[:, b]) * sure / (kinds - 1)
        alike = (label[:, a] == label[:, b]) & (label[:, a] != lead)
        yield _Met(
            one=np.minimum(who[:, a], who[:, b])[clear],
            other=np.maximum(who[:, a], who[:, b])[clear],
            shared=alike[clear].astype(np.int64),
            chance=(both_right + both_wrong)[clear],
        )


def _poisson_at_least(count: int, mean: float) -> float:
    """The probability that a Poisson variable is `count` or more."""
    below = sum(exp(k * log(mean) - mean - lgamma(k + 1)) for k in range(count))
    return min(1.0, max(0.0, 1.0 - below))
