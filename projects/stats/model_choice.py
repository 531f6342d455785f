"""Which model of truth suits a set of labels, judged without gold."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from projects.stats.dawid_skene import dawid_skene, fits_in_memory
from projects.stats.one_coin import one_coin
from projects.stats.ratings import Ratings

Model = Literal["dawid_skene", "one_coin"]
FOLDS = 5


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The chosen model, and the mean log probability that each model gives a label it has not seen.

    Both are None where there were too few labels to hold any back, and Dawid and Skene's also where there are too
    many categories for it.
    """

    chosen: Model
    dawid_skene: float | None
    one_coin: float | None


def choose_model(data: Ratings, *, rounds: int = FOLDS, seed: int = 0) -> ModelChoice:
    """Choose between Dawid and Skene's model and the one-coin model by the likelihood of labels held back.

    Source: cross-validation of a predictive likelihood, Geisser & Eddy, Journal of the American Statistical
    Association 74 (1979). Each round holds back another fifth of the labels, fits both models to the rest, and asks
    how probable they find what was held back; labels of items or annotators without any other label are not asked.

    Returns:
        The model with the higher likelihood; one-coin, the simpler, where nothing can be compared.
    """
    if not fits_in_memory(data):
        return ModelChoice("one_coin", None, None)
    fold = np.random.default_rng(seed).permutation(len(data.item)) % FOLDS
    totals, asked = np.zeros(2), 0
    for round_ in range(min(rounds, FOLDS)):
        rest, held = data.rows(fold != round_), data.rows(fold == round_)
        items = np.bincount(rest.item, minlength=data.items) > 0
        people = np.bincount(rest.annotator, minlength=data.annotators) > 0
        held = held.rows(items[held.item] & people[held.annotator])
        if len(held.item):
            asked += len(held.item)
            totals[0] += dawid_skene(rest).log_probability(held).sum()
            totals[1] += one_coin(rest).log_probability(held).sum()
    if not asked:
        return ModelChoice("one_coin", None, None)
    full, coin = (totals / asked).tolist()
    return ModelChoice("dawid_skene" if full > coin else "one_coin", full, coin)
