"""Dawid and Skene's model: every annotator has a matrix of confusion of their own."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from projects.stats.ratings import Codes, Floats, Ratings, sum_by
from projects.stats.truth import Truth

#: The matrices of all annotators, and the posteriors of all items, have at most so many numbers.
NUMBERS_AT_MOST = 20_000_000
_TINY = 1e-300


@dataclass(frozen=True, eq=False)
class DawidSkene:
    """A fitted model.

    `posterior[i, k]` is the probability that category `k` is the truth of item `i` (the prior where it has no
    labels), `prior[k]` that of any item, and `confusion[a, k, l]` the probability that annotator `a` answers `l` where
    `k` is true. `iterations` is how often the model was improved; `converged` says that it stopped changing.
    """

    truth: Truth
    posterior: Floats
    prior: Floats
    confusion: Floats
    iterations: int
    converged: bool

    def log_probability(self, data: Ratings) -> Floats:
        """The log probability of other labels of the same items by the same annotators. One number a row."""
        likely = np.einsum(
            "rk,rk->r",
            self.posterior[data.item],
            self.confusion[data.annotator, :, data.label],
        )
        logs: Floats = np.log(np.maximum(likely, _TINY))
        return logs


def fits_in_memory(data: Ratings) -> bool:
    """Whether there are few enough categories for `dawid_skene`."""
    matrices = data.annotators * data.categories**2
    return max(matrices, data.items * data.categories) <= NUMBERS_AT_MOST


def dawid_skene(
    data: Ratings,
    *,
    gold: ArrayLike | None = None,
    smoothing: float = 0.01,
    iterations: int = 200,
    tolerance: float = 1e-6,
) -> DawidSkene:
    """Infer the truth of items and the confusion of annotators together, by expectation and maximization.

    Source: Dawid & Skene, Applied Statistics 28 (1979), pp. 20-28. It starts from the shares of votes.

    Args:
        data: Labels; their order does not matter, only which are equal.
        gold: For each item its known category, negative where unknown: known items keep their category.
        smoothing: So many labels, for each cell of an annotator's matrix, are added as the population distributes
            them. 0 is the original; an annotator with few labels needs more.
        iterations: At most so many; 1 at least.
        tolerance: Stop when the posterior of an item changes by less in the mean.

    Returns:
        The model. An item without labels and gold has the label -1; an annotator without labels gets the population's
        matrix.

    Raises:
        ValueError: Too many categories for matrices of confusion (`fits_in_memory` is false), no row, or gold that
            is not one number for each item.
    """
    if not len(data.item) or not fits_in_memory(data):
        raise ValueError(
            f"{len(data.item)} labels in {data.categories} categories by {data.annotators} annotators: "
            "there must be a label, and few enough categories for a matrix for each annotator"
        )
    known = _known(data, gold)
    order = np.argsort(data.item, kind="stable")
    fit = _Fit(data.rows(order), known, smoothing)
    posterior = fit.start()
    step, change = 0, np.inf
    while step < iterations and change >= tolerance:
        step += 1
        prior, confusion = fit.maximize(posterior)
        before, posterior = posterior, fit.expect(prior, confusion)
        change = float(np.abs(posterior - before).sum()) / data.items
    label, top = posterior.argmax(axis=1), posterior.max(axis=1)
    seen = (np.bincount(data.item, minlength=data.items) > 0) | (known >= 0)
    truth = Truth(
        label=np.where(seen, label, -1),
        probability=np.where(seen, top, np.nan),
        tied=seen & ((posterior >= top[:, None] * (1 - 1e-12)).sum(axis=1) > 1),
    )
    return DawidSkene(truth, posterior, prior, confusion, step, change < tolerance)


def _known(data: Ratings, gold: ArrayLike | None) -> Codes:
    if gold is None:
        return np.full(data.items, -1, dtype=np.int64)
    known = np.asarray(gold, dtype=np.int64)
    if known.shape != (data.items,) or known.max(initial=-1) >= data.categories:
        raise ValueError("gold must name one of the categories, or be negative, for each item")
    return known


class _Fit:
    """The two steps of the algorithm, on rows sorted by item."""

    def __init__(self, data: Ratings, known: Codes, smoothing: float) -> None:
        self.data, self.known, self.smoothing = data, known, smoothing
        self.answer = data.annotator * data.categories + data.label

    def start(self) -> Floats:
        """The shares of votes, and certainty where the truth is known."""
        size = self.data.categories
        votes = np.bincount(
            self.data.item * size + self.data.label, minlength=self.data.items * size
        ).reshape(self.data.items, size)
        total = votes.sum(axis=1, keepdims=True)
        return self._clamped(np.where(total > 0, votes / np.maximum(total, 1), 1 / size))

    def maximize(self, posterior: Floats) -> tuple[Floats, Floats]:
        """The prior and the matrices of confusion that fit the posterior best."""
        data, size = self.data, self.data.categories
        columns = np.ascontiguousarray(posterior.T)
        counts = np.empty((data.annotators, size, size))
        for k in range(size):
            sums = sum_by(self.answer, columns[k][data.item], data.annotators * size)
            counts[:, k, :] = sums.reshape(data.annotators, size)
        shared = counts.sum(axis=0) + 1 / size
        shared /= shared.sum(axis=1, keepdims=True)
        if self.smoothing:
            counts += self.smoothing * size * shared
        rows = counts.sum(axis=2, keepdims=True)
        confusion = np.where(rows > _TINY, counts / np.maximum(rows, _TINY), shared)
        return posterior.mean(axis=0), confusion

    def expect(self, prior: Floats, confusion: Floats) -> Floats:
        """The posterior of every item under these parameters."""
        data = self.data
        logs = np.log(np.maximum(confusion, _TINY))
        columns = np.empty((data.categories, data.items))
        for k in range(data.categories):
            likely = np.ascontiguousarray(logs[:, k, :]).ravel()[self.answer]
            columns[k] = sum_by(data.item, likely, data.items)
            columns[k] += np.log(max(prior[k], _TINY))
        columns -= columns.max(axis=0)
        np.exp(columns, out=columns)
        columns /= columns.sum(axis=0)
        return self._clamped(np.ascontiguousarray(columns.T))

    def _clamped(self, posterior: Floats) -> Floats:
        sure = np.flatnonzero(self.known >= 0)
        posterior[sure] = 0.0
        posterior[sure, self.known[sure]] = 1.0
        return posterior
