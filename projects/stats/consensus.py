"""Majority consensus of an item's votes, with the probability that it is right.

Model: every annotator gives the right one of K answers with the same probability p, and each wrong
answer with (1 - p)/(K - 1): the one-coin form of Dawid & Skene, Applied Statistics 28 (1979), with
all coins alike and a flat prior over the answers. Then

    P(answer k | votes) is proportional to (p (K - 1) / (1 - p)) ** votes[k]

and two annotators give the same answer with probability p^2 + (1 - p)^2 / (K - 1), from which p is
got without any gold. It says how sure a majority is, not who is good: annotators of unequal skill
and items of unequal difficulty need the models of truth inference.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, fsum, log, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from projects.stats.patterns import Patterns

State = Literal["empty", "agreed", "contested"]

#: Accuracy believed before any pair was seen, and how many pairs that belief is worth.
PRIOR_ACCURACY = 0.8
PRIOR_PAIRS = 20.0
#: Under .55 the model would trust nobody, over .97 a vote or two would look like certainty while
#: difficult items make annotators err together.
ACCURACY_RANGE = (0.55, 0.97)


def pair_agreement(accuracy: float, categories: int) -> float:
    """How often two annotators of this accuracy give the same answer."""
    return accuracy**2 + (1 - accuracy) ** 2 / (categories - 1)


def accuracy_of_pairs(agreeing: float, pairs: float, categories: int) -> float:
    """Annotators' accuracy from how many pairs of labels agree, pooled over a project's items.

    The larger root of K p^2 - 2 p + 1 = (K - 1) pa; pa is first drawn towards the prior, so that
    a young project (or one without pairs) starts from `PRIOR_ACCURACY`, and p is clipped.
    """
    if categories < 2:
        raise ValueError("a consensus needs at least two categories")
    if not 0 <= agreeing <= pairs:
        raise ValueError("agreeing pairs lie between none and all of the pairs")
    believed = PRIOR_PAIRS * pair_agreement(PRIOR_ACCURACY, categories)
    share = (agreeing + believed) / (pairs + PRIOR_PAIRS)
    root = sqrt(max(0.0, (categories - 1) * (categories * share - 1)))
    low, high = ACCURACY_RANGE
    return min(high, max(low, (1 + root) / categories))


def accuracy_of(patterns: Patterns) -> float:
    """`accuracy_of_pairs` of a histogram of count patterns."""
    kept = patterns.pairable()
    labels = kept.counts.sum(axis=1)
    agreeing = (kept.items * (kept.counts * (kept.counts - 1)).sum(axis=1)).sum() / 2
    pairs = (kept.items * labels * (labels - 1)).sum() / 2
    return accuracy_of_pairs(float(agreeing), float(pairs), patterns.counts.shape[1])


@dataclass(frozen=True)
class Consensus:
    """What the votes on one item say.

    `label` is None where there is no vote or two answers lead together (contested); `probability` is
    that of the leading answer (of each of them, if they tie) and None without a vote.
    """

    label: int | None
    probability: float | None
    state: State


def _evidence(accuracy: float, categories: int) -> float:
    """What one vote adds to the log odds of its answer."""
    if not 1 / categories < accuracy < 1:
        raise ValueError("accuracy lies between chance and 1")
    return log(accuracy * (categories - 1) / (1 - accuracy))


def leading(votes: Sequence[int]) -> int | None:
    """The consensus: the index of the answer most votes are for; None without a vote, or where two lead together.

    This is the one definition: what an item's answers say, be it on a page, in REST or in a dataset's rule.
    """
    most = max(votes, default=0)
    return None if most == 0 or list(votes).count(most) > 1 else list(votes).index(most)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the votes on one item's facets stand: `lead` is the first facet's leading category.

    `votes` are those of the facet that has fewest; `margin` is by how many votes a lead leads, the
    least of the facets, and 0 where one has no lead.
    """

    lead: int | None
    votes: int
    margin: int


def standing(counts: NDArray[np.int64]) -> Standing:
    """The standing of a table of facets x categories, with one facet and two categories at least."""
    ranked = np.sort(counts, axis=1)
    return Standing(
        lead=leading(counts[0].tolist()),
        votes=int(counts.sum(axis=1).min()),
        margin=int((ranked[:, -1] - ranked[:, -2]).min()),
    )


def consensus(votes: Sequence[int], accuracy: float, labels: Sequence[int]) -> Consensus:
    """The consensus of one item; `labels` names the answers that `votes` counts, in order."""
    if len(votes) != len(labels) or len(votes) < 2:
        raise ValueError("votes and labels must be equally many, and two at least")
    if min(votes) < 0:
        raise ValueError("votes must not be negative")
    evidence = _evidence(accuracy, len(votes))
    most = max(votes)
    if most == 0:
        return Consensus(None, None, "empty")
    # Summed exactly, so that the order of the categories changes no digit of it.
    probability = 1 / fsum(exp(evidence * (count - most)) for count in votes)
    lead = leading(votes)
    label = None if lead is None else labels[lead]
    return Consensus(label, probability, "contested" if lead is None else "agreed")


@dataclass(frozen=True, eq=False)
class ConsensusTable:
    """Consensus of many items: arrays of one length.

    `index` is the leading category, or -1 where `Consensus.label` would be None; `probability` is
    NaN (arrays have no None) where there is no vote; `contested` as in `Consensus.state`.
    """

    index: NDArray[np.int64]
    probability: NDArray[np.float64]
    contested: NDArray[np.bool_]


def consensus_table(votes: ArrayLike, accuracy: float) -> ConsensusTable:
    """`consensus` for a table of items x categories, without a loop over items."""
    # Signed, for the differences below would wrap round in an unsigned column.
    counts = np.asarray(votes).astype(np.int64)
    if counts.ndim != 2 or counts.shape[1] < 2:
        raise ValueError("votes must be a table of items x categories")
    if counts.size and int(counts.min()) < 0:
        raise ValueError("votes must not be negative")
    most = counts.max(axis=1, keepdims=True)
    odds = np.exp(_evidence(accuracy, counts.shape[1]) * (counts - most))
    voted = most[:, 0] > 0
    probability = np.where(voted, 1 / odds.sum(axis=1), np.nan)
    tied = (counts == most).sum(axis=1) > 1
    index = np.where(tied, -1, counts.argmax(axis=1))
    return ConsensusTable(index.astype(np.int64), probability, voted & tied)
