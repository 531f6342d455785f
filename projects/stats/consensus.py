"""The majority consensus of an item's votes, with the probability that it is right.

The model: every annotator gives the right one of K answers with the same probability p, and each wrong answer with
probability (1 - p)/(K - 1). This is the one-coin form of Dawid & Skene, Applied Statistics 28 (1979), with one coin for
all annotators and a flat prior over the answers. Then

    P(answer k | votes) is proportional to (p (K - 1) / (1 - p)) ** votes[k]

and two annotators give the same answer with probability p^2 + (1 - p)^2 / (K - 1), from which p can be computed without
gold. The model says how sure a majority is, and not which annotators are good: `dawid_skene` and `one_coin` do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, fsum, log, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from projects.stats.patterns import Patterns

State = Literal["empty", "agreed", "contested"]

#: The accuracy assumed before any pair of labels is known, and the number of pairs that this assumption weighs.
PRIOR_ACCURACY = 0.8
PRIOR_PAIRS = 20.0
#: Below .55 votes would mean almost nothing. Above .97 one or two votes would look certain, although difficult items
#: make annotators err together.
ACCURACY_RANGE = (0.55, 0.97)


def pair_agreement(accuracy: float, categories: int) -> float:
    """Compute the probability that two annotators of this accuracy give the same answer."""
    return accuracy**2 + (1 - accuracy) ** 2 / (categories - 1)


def accuracy_of_pairs(agreeing: float, pairs: float, categories: int) -> float:
    """Estimate the annotators' accuracy from how many pairs of labels agree, pooled over a project's items.

    It is the larger root p of K p^2 - 2 p + 1 = (K - 1) a, where a is the share of pairs that agree. First a is drawn
    towards the prior, so that a project with few pairs or none starts from `PRIOR_ACCURACY`.

    Returns:
        An accuracy within `ACCURACY_RANGE`.

    Raises:
        ValueError: Fewer than two categories, or not between 0 and all pairs agree.
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
    """Estimate the annotators' accuracy from a histogram of label counts; see `accuracy_of_pairs`."""
    kept = patterns.pairable()
    labels = kept.counts.sum(axis=1)
    agreeing = (kept.items * (kept.counts * (kept.counts - 1)).sum(axis=1)).sum() / 2
    pairs = (kept.items * labels * (labels - 1)).sum() / 2
    return accuracy_of_pairs(float(agreeing), float(pairs), patterns.counts.shape[1])


@dataclass(frozen=True)
class Consensus:
    """The consensus of one item.

    `label` is None where there is no vote, or where two answers have the most votes (contested). `probability` is that
    of the leading answer, or of each of them if they tie, and None without a vote.
    """

    label: int | None
    probability: float | None
    state: State


def _evidence(accuracy: float, categories: int) -> float:
    """Compute what one vote adds to the log odds of its answer."""
    if not 1 / categories < accuracy < 1:
        raise ValueError("accuracy lies between chance and 1")
    return log(accuracy * (categories - 1) / (1 - accuracy))


def leading(votes: Sequence[int]) -> int | None:
    """Return the index of the answer with the most votes; None without a vote, or where two have the most.

    This is the only definition of consensus: pages, REST and the rules of datasets use it.
    """
    most = max(votes, default=0)
    return None if most == 0 or list(votes).count(most) > 1 else list(votes).index(most)


@dataclass(frozen=True, slots=True)
class Standing:
    """The votes on one item's facets in short: `lead` is the first facet's leading category.

    `votes` is the number of votes of the facet that has the fewest. `margin` is the number of votes between the first
    and the second category, of the facet where it is smallest; it is 0 where a facet has no leading category.
    """

    lead: int | None
    votes: int
    margin: int


def standing(counts: NDArray[np.int64]) -> Standing:
    """Summarize a table of votes, facets x categories, with at least one facet and two categories."""
    ranked = np.sort(counts, axis=1)
    return Standing(
        lead=leading(counts[0].tolist()),
        votes=int(counts.sum(axis=1).min()),
        margin=int((ranked[:, -1] - ranked[:, -2]).min()),
    )


def consensus(votes: Sequence[int], accuracy: float, labels: Sequence[int]) -> Consensus:
    """Compute the consensus of one item; `labels` names the answers that `votes` counts, in order.

    Raises:
        ValueError: Votes and labels are not equally many, fewer than two, or negative.
    """
    if len(votes) != len(labels) or len(votes) < 2:
        raise ValueError("votes and labels must be equally many, and two at least")
    if min(votes) < 0:
        raise ValueError("votes must not be negative")
    evidence = _evidence(accuracy, len(votes))
    most = max(votes)
    if most == 0:
        return Consensus(None, None, "empty")
    # An exact sum does not depend on the order of the categories.
    probability = 1 / fsum(exp(evidence * (count - most)) for count in votes)
    lead = leading(votes)
    label = None if lead is None else labels[lead]
    return Consensus(label, probability, "contested" if lead is None else "agreed")


@dataclass(frozen=True, eq=False)
class ConsensusTable:
    """The consensus of many items, in arrays of one length.

    `index` is the leading category, or -1 where `Consensus.label` would be None. `probability` is NaN (an array has no
    None) where there is no vote. `contested` is true where two categories have the most votes.
    """

    index: NDArray[np.int64]
    probability: NDArray[np.float64]
    contested: NDArray[np.bool_]


def consensus_table(votes: ArrayLike, accuracy: float) -> ConsensusTable:
    """Compute the consensus of each row of a table of votes, items x categories.

    Raises:
        ValueError: Not a table with two categories, or negative votes.
    """
    # Signed, because the differences below would overflow in an unsigned column.
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
