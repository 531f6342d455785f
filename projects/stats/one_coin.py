"""The one-coin model: every annotator is right with a probability of their own, whatever the truth is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from projects.stats.cells import Cells, counted
from projects.stats.ratings import Codes, Floats, Ratings, sum_by
from projects.stats.truth import Truth, truth_of_cells

#: Right and wrong answers that are believed of an annotator before any is known: Beta(4, 1), mean .8.
PRIOR_RIGHT = 4.0
PRIOR_WRONG = 1.0


@dataclass(frozen=True, eq=False)
class OneCoin:
    """A fitted model.

    `accuracy[a]` is the probability that annotator `a` is right and `prior[k]` that category `k` is true of any item.
    `cells` are the answers given, `cell_posterior` the probability that each is the truth, and `other[i]` what
    multiplies `prior` for categories that nobody gave item `i`.
    """

    truth: Truth
    accuracy: Floats
    prior: Floats
    cells: Cells
    cell_posterior: Floats
    other: Floats
    iterations: int
    converged: bool

    def posterior(self) -> Floats:
        """The probability of each category for each item: items x categories."""
        table = self.other[:, None] * self.prior[None, :]
        table[self.cells.unit, self.cells.category] = self.cell_posterior
        return table

    def log_probability(self, data: Ratings) -> Floats:
        """The log probability of other labels of the same items by the same annotators. One number a row."""
        width = len(self.prior)
        keys = self.cells.unit * width + self.cells.category
        wanted = data.item * width + data.label
        at = np.minimum(np.searchsorted(keys, wanted), max(0, len(keys) - 1))
        given = keys[at] == wanted
        q = np.where(given, self.cell_posterior[at], self.other[data.item] * self.prior[data.label])
        p = self.accuracy[data.annotator]
        likely = q * p + (1 - q) * (1 - p) / max(1, width - 1)
        logs: Floats = np.log(np.maximum(likely, 1e-300))
        return logs


def one_coin(
    data: Ratings,
    *,
    gold: ArrayLike | None = None,
    iterations: int = 200,
    tolerance: float = 1e-6,
) -> OneCoin:
    """Infer the truth of items and the accuracy of annotators together, by expectation and maximization.

    Source: the one-coin form of Dawid & Skene, Applied Statistics 28 (1979), with a prior on accuracy as in Raykar et
    al., Journal of Machine Learning Research 11 (2010). The prior is worth five labels, so that an annotator with few
    labels is near the mean. Wrong answers are equally probable. The cost does not grow with the categories.

    Args:
        data: Labels; their order does not matter, only which are equal.
        gold: For each item its known category, negative where unknown.
        iterations: At most so many; 1 at least.
        tolerance: Stop when the posterior of an item changes by less in the mean.

    Returns:
        The model. An item without labels has the label -1, and an annotator without labels the prior's mean.

    Raises:
        ValueError: No row, or gold that is not one number for each item.
    """
    known = np.full(data.items, -1) if gold is None else np.asarray(gold, dtype=np.int64)
    if not len(data.item) or known.shape != (data.items,) or known.max() >= data.categories:
        raise ValueError("there must be a label, and gold must name a category for each item")
    fit = _Fit(data, known)
    posterior, other = fit.start()
    step, change = 0, np.inf
    while step < iterations and change >= tolerance:
        step += 1
        accuracy, prior = fit.maximize(posterior, other)
        before = posterior
        posterior, other = fit.expect(accuracy, prior)
        change = float(np.abs(posterior - before).sum()) / data.items
    truth = truth_of_cells(fit.cells, posterior)
    return OneCoin(truth, accuracy, prior, fit.cells, posterior, other, step, change < tolerance)


class _Fit:
    """The two steps of the algorithm, on the cells (item, category) that have a label."""

    def __init__(self, data: Ratings, known: Codes) -> None:
        self.data, self.known = data, known
        # A known category has a cell even where nobody gave it.
        sure = np.flatnonzero(known >= 0)
        self.cells = counted(
            np.concatenate([data.item, sure]),
            np.concatenate([data.label, known[sure]]),
            np.concatenate([np.ones(len(data.item)), np.zeros(len(sure))]),
            data.values,
            data.items,
        )
        width = max(1, data.categories)
        keys = self.cells.unit * width + self.cells.category
        self.cell = np.searchsorted(keys, data.item * width + data.label)
        self.answers = np.bincount(data.annotator, minlength=data.annotators)
        self.is_known = (known >= 0)[self.cells.unit]
        self.is_right = known[self.cells.unit] == self.cells.category

    def start(self) -> tuple[Floats, Floats]:
        """The shares of votes, and certainty where the truth is known."""
        shares = self.cells.count / np.maximum(self.cells.labels(), 1)[self.cells.unit]
        return np.where(self.is_known, self.is_right, shares), np.zeros(self.cells.units)

    def maximize(self, posterior: Floats, other: Floats) -> tuple[Floats, Floats]:
        """The accuracies and the prior that fit the posterior best."""
        right = sum_by(self.data.annotator, posterior[self.cell], self.data.annotators)
        accuracy = (right + PRIOR_RIGHT) / (self.answers + PRIOR_RIGHT + PRIOR_WRONG)
        prior = self._category(posterior) + 1 / self.cells.categories
        if other.any():
            prior += self._unanswered(other, prior / prior.sum())
        return accuracy, prior / prior.sum()

    def _category(self, amounts: Floats) -> Floats:
        return sum_by(self.cells.category, amounts, self.cells.categories)

    def _unanswered(self, other: Floats, prior: Floats) -> Floats:
        """How many items each category is expected to be true of without being their answer."""
        expected: Floats = prior * np.maximum(
            other.sum() - self._category(other[self.cells.unit]), 0.0
        )
        return expected

    def expect(self, accuracy: Floats, prior: Floats) -> tuple[Floats, Floats]:
        """The posterior of every cell, and the factor of the prior for the categories without an answer."""
        cells = self.cells
        odds = np.log(accuracy * max(1, cells.categories - 1) / (1 - accuracy))
        score = sum_by(self.cell, odds[self.data.annotator], len(cells.unit))
        top = np.zeros(cells.units)
        np.maximum.at(top, cells.unit, score)
        weight = prior[cells.category] * np.exp(score - top[cells.unit])
        unanswered = np.maximum(1 - cells.by_unit(prior[cells.category]), 0.0)
        none = np.exp(-top)
        total = cells.by_unit(weight) + unanswered * none
        posterior = weight / total[cells.unit]
        other = np.where(self.known >= 0, 0.0, none / total)
        return np.where(self.is_known, self.is_right, posterior), other
