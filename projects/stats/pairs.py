"""Pairs of annotators who share more answers against the others' consensus than chance allows.

Raw agreement accuses good pairs: two careful people agree because both are right. Collusion shows where both are
against what the others say, and say the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import log

import numpy as np
from numpy.typing import NDArray

from projects.stats.judgment import EASES
from projects.stats.one_coin import one_coin
from projects.stats.ratings import Codes, Floats, Ratings, sum_by

#: Two who copy nine of ten answers are hardly ever found while both answered fewer units than the first number, two of
#: three times from the second on, and nearly always from the third on (simulated).
HARDLY_BELOW, OFTEN_FROM, NEARLY_ALWAYS_FROM = 30, 60, 100
#: A pair that colludes is taken to share this part of its answers, or this, or this.
_PARTS = (0.25, 0.5, 0.75)
#: A middle pair means something among so many.
_MIDDLE_OF = 10
#: One in so many pairs may collude without making the others look as if they did.
_FEW = 50
_EASES = np.array(EASES)


@dataclass(frozen=True, slots=True)
class Pair:
    """Annotators `one` and `other` gave the same answer against the others' consensus on `shared` units.

    These are the units `against`. The units `common` are those that both and somebody else answered; `chances` are, one
    a unit, the probabilities that chance explains such an answer there. All units are in ascending order. `adjusted` is
    the share of false findings among pairs that stand out as much as this one, at most.
    """

    one: int
    other: int
    common: tuple[int, ...]
    chances: tuple[float, ...]
    against: tuple[int, ...]
    adjusted: float

    @property
    def units(self) -> int:
        """How many units both and somebody else answered."""
        return len(self.common)

    @property
    def expected(self) -> float:
        """How many of the shared answers chance explains."""
        return sum(self.chances)

    @property
    def shared(self) -> int:
        """How many answers they share against the others' consensus."""
        return len(self.against)


@dataclass(frozen=True, eq=False)
class _Met:
    """Pairs on units, one number each in all arrays: the unit, both annotators, whether they gave the same answer, and
    whether that is against the others.

    `together` is the probability that independent people both give the answer of the first, `alone` that one of them
    does, and `chance` that they share some answer against the others.
    """

    unit: Codes
    one: Codes
    other: Codes
    alike: Codes
    shared: Codes
    together: Floats
    alone: Floats
    chance: Floats


def colluding_pairs(data: Ratings, *, at_least: int = 5, rate: float = 0.05) -> list[Pair]:
    """Find the pairs that share answers against the others' consensus more often than chance explains.

    If the two are independent, the others' labels say how probable it is that both give the same answer, by the
    accuracies of the one-coin model (Dawid & Skene, Applied Statistics 28 (1979)) for items that are not equally
    difficult; an answer that nobody expects tells more than one that everybody gives. Some units make everybody err
    together, so the probability of sharing an answer against the others is multiplied by a factor that comes from all
    other pairs: that of the middle pair, and more where the pairs differ, for people may share a way of seeing things.
    The likelihood ratio of copying to independence is an e-value (its mean under independence is 1), and the
    procedure of Wang & Ramdas, Journal of the Royal Statistical Society B 84 (2022), pp. 822-852, which is that of
    Benjamini & Hochberg for e-values, goes across pairs, however they depend on each other.

    How many units both must have answered for two people who copy nine of ten answers, right ones or not, is said at
    `HARDLY_BELOW`; where what they share is right in half of the cases, they are found from 60 (simulated).

    Args:
        data: Labels of units; a unit needs three or more.
        at_least: Pairs that share fewer answers against the others are not said to collude.
        rate: The share of those found that may be false.
    """
    met = _met(data)
    if not len(met.one):
        return []
    pairs, index = np.unique(met.one * data.annotators + met.other, return_inverse=True)
    shared = sum_by(index, met.shared, len(pairs))
    chance = sum_by(index, met.chance, len(pairs))
    factor = _factor(shared, chance)
    adjusted = _adjusted(_evidence(met, index, factor))
    found = np.flatnonzero((adjusted <= rate) & (shared >= np.maximum(at_least, chance * factor)))
    return [
        _pair(met, np.flatnonzero(index == at), float(factor[at]), float(adjusted[at]))
        for at in found
    ]


def _pair(met: _Met, rows: Codes, factor: float, adjusted: float) -> Pair:
    """Return the pair that met in these rows of `met`."""
    rows = rows[np.argsort(met.unit[rows], kind="stable")]
    return Pair(
        one=int(met.one[rows[0]]),
        other=int(met.other[rows[0]]),
        common=tuple(met.unit[rows].tolist()),
        chances=tuple(np.minimum(met.chance[rows] * factor, 1.0).tolist()),
        against=tuple(met.unit[rows[met.shared[rows] > 0]].tolist()),
        adjusted=adjusted,
    )


def _evidence(met: _Met, index: Codes, factor: Floats) -> Floats:
    """For each pair, how much likelier its answers are if it copies, in logs; the mean over `_PARTS`."""
    scaled = np.minimum(met.together * factor[index], met.alone)
    together = np.where(met.shared, scaled, met.together)
    ratio = np.where(met.alike, met.alone / together, 0.0)
    parts = np.array(
        [sum_by(index, np.log(1 - part + part * ratio), len(factor)) for part in _PARTS]
    )
    mean: Floats = np.logaddexp.reduce(parts, axis=0) - log(len(_PARTS))
    return mean


def _adjusted(evidence: Floats) -> Floats:
    """The smallest rate of false findings at which each pair is found (Wang & Ramdas 2022)."""
    order = np.argsort(-evidence, kind="stable")
    ranks = np.arange(1, len(order) + 1)
    rates = np.exp(np.minimum(log(len(order)) - np.log(ranks) - evidence[order], 0.0))
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum.accumulate(rates[::-1])[::-1]
    return adjusted


def _factor(shared: Floats, chance: Floats) -> Floats:
    """For each pair, how many times as often as independent people the others share answers against the consensus.

    That is the middle pair, of those of whom chance expects an answer or more; with few of them, all other pairs
    together. Where the others differ among each other by more than chance, two standard deviations are added.
    """
    tells = chance >= 1
    if np.count_nonzero(tells) >= _MIDDLE_OF:
        middle = max(1.0, float(np.median(shared[tells] / chance[tells])))
        return middle * (1 + 2 * _spread_of_others(shared, chance * middle))
    factor: Floats = (shared.sum() - shared + 1) / (chance.sum() - chance + 1)
    return np.maximum(1.0, factor)


def _spread_of_others(shared: Floats, expected: Floats) -> Floats:
    """For each pair, the standard deviation of the others' rates of sharing, as a share of what is expected.

    Source: the moments of a Poisson variable whose mean varies. The few pairs that stand out most are left out.
    """
    beyond = (shared - expected) ** 2 - expected
    beyond[np.argsort(beyond)[len(beyond) - len(beyond) // _FEW :]] = 0.0
    variance = (beyond.sum() - beyond) / ((expected**2).sum() - expected**2)
    spread: Floats = np.sqrt(np.maximum(variance, 0.0))
    return spread


def _met(data: Ratings) -> _Met:
    """All pairs on all units that somebody else answered. Units with as many labels are handled together."""
    none = np.zeros(0, dtype=np.int64)
    parts = [_Met(none, none, none, none, none, np.zeros(0), np.zeros(0), np.zeros(0))]
    if len(data.item):
        parts += _parts(data)
    return _Met(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in _Met.__match_args__)
    )


def _parts(data: Ratings) -> Iterator[_Met]:
    accuracy = np.clip(one_coin(data).accuracy, 0.02, 0.98)
    order = np.argsort(data.item, kind="stable")
    item, who, label = data.item[order], data.annotator[order], data.label[order]
    starts = np.flatnonzero(np.diff(item, prepend=-1))
    lengths = np.diff(starts, append=len(item))
    for length in np.unique(lengths[lengths >= 3]).tolist():
        rows = starts[lengths == length][:, None] + np.arange(length)
        yield from _of_length(
            item[rows[:, 0]], who[rows], label[rows], accuracy, max(data.categories, 2)
        )


def _of_length(
    unit: Codes, who: Codes, label: Codes, accuracy: Floats, kinds: int
) -> Iterator[_Met]:
    """Each pair of columns, on units that have as many labels each; `accuracy` is the annotators'."""
    rows = np.arange(len(label))
    error = np.minimum((1 - accuracy[who])[..., None] * _EASES, 1 - 1 / kinds)
    # By unit, column, right category and ease: the log probability of the label.
    is_right = (label[..., None] == np.arange(kinds))[..., None]
    likely = np.log(np.where(is_right, 1 - error[:, :, None], error[:, :, None] / (kinds - 1)))
    whole = likely.sum(axis=1)
    for a, b in combinations(range(label.shape[1]), 2):
        rest = whole - likely[:, a] - likely[:, b]
        weight = np.exp(rest - rest.max(axis=(1, 2), keepdims=True))
        weight /= weight.sum(axis=(1, 2), keepdims=True)
        unlikely = weight.sum(axis=2) < 1 / kinds
        alike = label[:, a] == label[:, b]
        own, others = (weight * np.exp(likely[:, at]) for at in (a, b))
        alone = np.sqrt(own.sum(axis=(1, 2)) * others.sum(axis=(1, 2)))
        yield _Met(
            unit=unit,
            one=np.minimum(who[:, a], who[:, b]),
            other=np.maximum(who[:, a], who[:, b]),
            alike=alike.astype(np.int64),
            shared=(alike & unlikely[rows, label[:, a]]).astype(np.int64),
            together=(own * np.exp(likely[:, b])).sum(axis=(1, 2)),
            alone=alone,
            chance=_chance(weight, error[:, a], error[:, b], unlikely),
        )


def _chance(weight: Floats, one: Floats, other: Floats, unlikely: NDArray[np.bool_]) -> Floats:
    """The probability that independent people of these errors share an answer that the others make unlikely."""
    kinds = weight.shape[1]
    right = ((1 - one) * (1 - other))[:, None]
    wrong = (one * other / (kinds - 1) ** 2)[:, None]
    # Each unlikely category: it is the right one, or another is and both err towards it.
    by_right = weight * right + (weight.sum(axis=1, keepdims=True) - weight) * wrong
    chance: Floats = np.where(unlikely, by_right.sum(axis=2), 0.0).sum(axis=1)
    return chance
