"""How far annotators agree: Krippendorff's alpha with its interval, and percent agreement.

Sources: Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011) and Hayes & Krippendorff,
Communication Methods and Measures 1 (2007) for alpha; Hughes, arXiv 2210.13265 (2022) for why the
interval is no bootstrap. Conventions, all of them Krippendorff's:

- an item with fewer than two labels is left out, since nothing can be paired with it;
- without variation (all labels alike) alpha is 0/0 and therefore undefined: ``None``, not 1;
- agreement can be below chance, and alpha then below zero.
"""

from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from projects.stats.patterns import Patterns
from projects.stats.quantiles import t_quantile

Level = Literal["nominal", "ordinal", "interval"]
Floats = NDArray[np.float64]


Verdict = Literal["reliable", "tentative", "unreliable"]
#: Krippendorff, Content Analysis (2nd ed., 2004), p. 241: rely on .8 and more, draw tentative conclusions from .667 on.
RELIABLE_FROM = 0.8
TENTATIVE_FROM = 0.667


def verdict(alpha: float | None) -> Verdict | None:
    """What an alpha allows one to do with the data; None while it is not defined."""
    if alpha is None:
        return None
    if alpha >= RELIABLE_FROM:
        return "reliable"
    return "tentative" if alpha >= TENTATIVE_FROM else "unreliable"


@dataclass(frozen=True)
class Agreement:
    """What a project's dashboard says of agreement; ``None`` is "not defined on these data".

    `items`, `annotations` and `pairs` count what the figures rest on: items with two labels or
    more, the labels on them, and the pairs of labels within an item.
    """

    alpha: float | None
    low: float | None
    high: float | None
    percent: float | None
    percent_without_ties: float | None
    items: int
    annotations: int
    pairs: int


def _coincidences(counts: Floats) -> Floats:
    """One item's share of the coincidence matrix, for each pattern: [P, K, K]."""
    each = counts[:, :, None] * counts[:, None, :]
    diagonal = np.arange(counts.shape[1])
    each[:, diagonal, diagonal] -= counts
    shares: Floats = each / (counts.sum(axis=1) - 1)[:, None, None]
    return shares


def _distances(margins: Floats, level: Level) -> Floats:
    """Squared differences between categories, for one or many sets of margins: [..., K, K]."""
    categories = np.arange(margins.shape[-1])
    apart: Floats = (categories[:, None] - categories[None, :]).astype(np.float64)
    if level == "nominal":
        different: Floats = (apart != 0).astype(np.float64)
        return different
    if level == "interval":
        return apart**2
    # Ordinal: the labels that lie between two ranks, half of each end counted. With the midranks
    # r_k = (labels below k) + n_k / 2 this is just the squared difference of midranks.
    midranks = np.cumsum(margins, axis=-1) - margins / 2
    squared: Floats = (midranks[..., :, None] - midranks[..., None, :]) ** 2
    return squared


def _disagreement(coincidences: Floats, level: Level) -> Floats:
    """1 - alpha (observed over expected disagreement); NaN where nothing varies."""
    margins = coincidences.sum(axis=-1)
    total = margins.sum(axis=-1)
    distances = _distances(margins, level)
    observed = (coincidences * distances).sum(axis=(-1, -2))
    expected = np.einsum("...c,...k,...ck->...", margins, margins, distances)
    # Margins left by a subtraction may be 1e-17 instead of 0, so compare and do not test for 0.
    varies = expected > 1e-9 * np.maximum(total, 1.0)
    ratio: Floats = np.where(
        varies, (total - 1) * observed / np.where(varies, expected, 1.0), np.nan
    )
    return ratio


def alpha(patterns: Patterns, level: Level = "ordinal") -> float | None:
    """Krippendorff's alpha, or None where there are no pairs or no variation."""
    kept = patterns.pairable()
    if not len(kept.items):
        return None
    shares = _coincidences(kept.counts.astype(np.float64))
    whole = np.tensordot(kept.items.astype(np.float64), shares, axes=1)
    value = float(_disagreement(whole, level))
    return None if np.isnan(value) else 1.0 - value


def _jackknife_error(values: Floats, weights: Floats) -> float:
    items = weights.sum()
    mean = (weights * values).sum() / items
    return sqrt(float((items - 1) / items * (weights * (values - mean) ** 2).sum()))


def _interval(
    point: float, without_one: Floats, weights: Floats, confidence: float
) -> tuple[float, float] | None:
    """The interval of alpha from 1 - alpha of all items and of all items but one.

    On log(1 - alpha), where the jackknife holds its level best. If one item alone carries all the
    disagreement, then 1 - alpha is 0 without it and has no logarithm: the plain jackknife serves.
    """
    items = int(weights.sum())
    if items < 2 or point <= 0 or np.isnan(without_one).any():
        return None
    quantile = t_quantile((1 + confidence) / 2, items - 1)
    if (without_one > 1e-12).all():
        spread = quantile * _jackknife_error(np.log(without_one), weights)
        if spread > 700:
            return None
        return 1 - exp(log(point) + spread), 1 - exp(log(point) - spread)
    spread = quantile * _jackknife_error(without_one, weights)
    return 1 - point - spread, min(1.0, 1 - point + spread)


def _percent(counts: Floats, weights: Floats) -> float | None:
    """Mean over items of the share of an item's pairs that agree, so that items weigh the same."""
    labels = counts.sum(axis=1)
    paired = labels >= 2
    if not paired.any():
        return None
    counts, labels, weights = counts[paired], labels[paired], weights[paired]
    shares = (counts * (counts - 1)).sum(axis=1) / (labels * (labels - 1))
    return float((weights * shares).sum() / weights.sum())


def agreement(
    patterns: Patterns,
    level: Level = "ordinal",
    *,
    tie: int | None = None,
    confidence: float = 0.95,
) -> Agreement:
    """Alpha with its interval and percent agreement, in one pass over the patterns.

    `tie` is the category that means "neither"; percent agreement without ties leaves those labels
    out and is None where there is no such category. The interval is the delete-one-item jackknife:
    items with one pattern have one delete-one value, so each is computed once and weighted, which
    is the same number as deleting every item in turn. It is None with fewer than two items, where
    deleting one leaves nothing to compare, and where all agree (no disagreement, no spread).
    """
    kept = patterns.pairable()
    if not len(kept.items):
        return Agreement(None, None, None, None, None, 0, 0, 0)
    counts, weights = kept.counts.astype(np.float64), kept.items.astype(np.float64)
    labels = kept.counts.sum(axis=1)
    shares = _coincidences(counts)
    whole = np.tensordot(weights, shares, axes=1)
    point = float(_disagreement(whole, level))
    ends: tuple[float, float] | None = None
    if not np.isnan(point):
        # Clipped, for a margin of exactly 0 may come out of the subtraction as -1e-17.
        without_one = _disagreement(np.maximum(whole - shares, 0.0), level)
        ends = _interval(point, without_one, weights, confidence)
    return Agreement(
        alpha=None if np.isnan(point) else 1.0 - point,
        low=ends[0] if ends else None,
        high=ends[1] if ends else None,
        percent=_percent(counts, weights),
        percent_without_ties=None
        if tie is None
        else _percent(np.delete(counts, tie, axis=1), weights),
        items=int(kept.items.sum()),
        annotations=int((kept.items * labels).sum()),
        pairs=int((kept.items * labels * (labels - 1) // 2).sum()),
    )
