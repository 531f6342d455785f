"""Intervals: Wilson's for a share, the jackknife's for alpha, the bootstrap's for anything."""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist

import numpy as np

from projects.stats.quantiles import t_quantile
from projects.stats.ratings import Codes, Floats


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its standard error and its interval from `low` to `high`.

    Each is None where the data do not define it, never NaN.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    standard_error: float | None = None


def wilson_interval(
    successes: float, trials: float, *, confidence: float = 0.95
) -> tuple[float, float] | None:
    """The Wilson score interval of a share.

    Source: Wilson, Journal of the American Statistical Association 22 (1927), pp. 209-212, as method 3 of Newcombe,
    Statistics in Medicine 17 (1998), pp. 857-872. Successes may be fractions, such as half a tie.

    Returns:
        Its two ends, each 0 to 1; None without a trial.

    Raises:
        ValueError: Fewer successes than none or more than trials, or one of the numbers is NaN.
    """
    if not 0 <= successes <= trials:
        raise ValueError("successes must lie between 0 and the number of trials")
    if trials == 0:
        return None
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = successes / trials
    middle = share + z * z / (2 * trials)
    spread = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    whole = 1 + z * z / trials
    # At the ends the bound is exact, and the formula misses it by a last digit.
    low = 0.0 if successes == 0 else max(0.0, (middle - spread) / whole)
    high = 1.0 if successes == trials else min(1.0, (middle + spread) / whole)
    return low, high


def bootstrap_interval(
    statistic: Callable[[Codes], float],
    items: int,
    *,
    draws: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """The percentile bootstrap: compute a statistic of items drawn again and again with replacement.

    Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), chapter 13. Draw whole items, with all their
    labels, because labels of one item are not independent. For alpha the jackknife of `krippendorff_alpha` holds its
    level better and costs less.

    Args:
        statistic: Gets how often each item was drawn (whole numbers, one for each item) and returns the figure, or
            NaN where a draw does not define it; such draws are left out.
        items: How many items there are.
        draws: How many samples are drawn.
        confidence: The share of samples inside the interval, 0 to 1.
        seed: The same seed gives the same interval.

    Returns:
        The figure of the items as they are, its standard error and interval; nothing with fewer than two items, and
        no interval where fewer than half of the draws define the figure.
    """
    if items < 2:
        return Estimate()
    value = statistic(np.ones(items, dtype=np.int64))
    if np.isnan(value):
        return Estimate()
    rng = np.random.default_rng(seed)
    even = np.full(items, 1 / items)
    drawn = np.array([statistic(rng.multinomial(items, even)) for _ in range(draws)])
    drawn = drawn[~np.isnan(drawn)]
    if len(drawn) < max(2, draws / 2):
        return Estimate(float(value))
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Estimate(float(value), float(low), float(high), float(drawn.std(ddof=1)))


def jackknife_of_disagreement(
    disagreement: float, without_one: Floats, weights: Floats, confidence: float
) -> Estimate:
    """The interval of alpha from 1 - alpha of all items, and of all items but one.

    Source: Hughes, arXiv 2210.13265 (2022), finds the bootstrap of alpha too short; the jackknife on log(1 - alpha)
    with quantiles of t holds its level best in simulations. If one item alone carries all the disagreement, then
    1 - alpha is 0 without it and has no logarithm: the plain jackknife serves.

    Args:
        disagreement: 1 - alpha of all items.
        without_one: 1 - alpha of all items but one, for each item or kind of item; NaN where nothing varies.
        weights: How many items each number of `without_one` stands for.
        confidence: Of the interval, 0 to 1.

    Returns:
        Alpha; without an interval where there are fewer than two items, where nothing disagrees (no spread), and where
        one item alone carries all the variation.
    """
    value, items = float(1 - disagreement), int(weights.sum())
    if items < 2 or disagreement <= 0 or np.isnan(without_one).any():
        return Estimate(value)
    quantile = t_quantile((1 + confidence) / 2, items - 1)
    error = _jackknife_error(without_one, weights)
    if (without_one > 1e-12).all():
        spread = quantile * _jackknife_error(np.log(without_one), weights)
        if spread > 700:
            return Estimate(value)
        ends = 1 - exp(log(disagreement) + spread), 1 - exp(log(disagreement) - spread)
        return Estimate(value, *ends, error)
    spread = quantile * error
    return Estimate(value, value - spread, min(1.0, value + spread), error)


def _jackknife_error(values: Floats, weights: Floats) -> float:
    items = weights.sum()
    mean = (weights * values).sum() / items
    return sqrt(float((items - 1) / items * (weights * (values - mean) ** 2).sum()))
