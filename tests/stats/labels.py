"""Labels made for tests."""

from collections.abc import Sequence

import numpy as np

from projects.stats.ratings import Ratings, ratings


def noisy(
    *,
    items: int,
    annotators: int,
    categories: int,
    missing: float,
    values: Sequence[float] | None = None,
    seed: int = 5,
) -> Ratings:
    """Labels that are the truth or a neighbor of it; each is missing with this probability."""
    rng = np.random.default_rng(seed)
    item, annotator = np.divmod(np.arange(items * annotators), annotators)
    truth = rng.integers(0, categories, items)
    noise = rng.choice([-1, 0, 0, 0, 1], len(item))
    label = np.clip(truth[item] + noise, 0, categories - 1)
    label[rng.random(len(item)) < missing] = -1
    return ratings(item, annotator, label, values or np.arange(categories))


def table(data: Ratings) -> np.ndarray:
    """Items x annotators, with NaN where a label is missing."""
    matrix = np.full((data.items, data.annotators), np.nan)
    matrix[data.item, data.annotator] = data.values[data.label]
    return matrix
