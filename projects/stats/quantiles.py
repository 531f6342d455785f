"""Quantiles of Student's t, so that intervals need no scipy."""

from functools import lru_cache
from math import atan, cos, pi, sqrt
from statistics import NormalDist

# Above this many degrees of freedom the expansion around the normal quantile is exact to 1e-9 for tails down to 1e-4.
_SERIES_UP_TO = 200


def t_cdf(t: float, df: int) -> float:
    """Compute P(T <= t) for `df` degrees of freedom.

    Source: the finite series of Abramowitz & Stegun, Handbook of Mathematical Functions (1964), 26.7.3 and 26.7.4. It
    is exact for whole `df` and has `df` / 2 terms.
    """
    theta = atan(t / sqrt(df))
    square = cos(theta) ** 2
    odd = df % 2
    term = cos(theta) if odd else 1.0
    total = term if df > 1 else 0.0
    for step in range(3 if odd else 2, df - 1, 2):
        term *= square * (step - 1) / step
        total += term
    # This is sin(theta), without the loss of digits near 1.
    sine = t / sqrt(df + t * t)
    inner = (2 / pi) * (theta + sine * total) if odd else sine * total
    return 0.5 + 0.5 * inner


def _by_bisection(p: float, df: int) -> float:
    low, high = 0.0, 1.0
    while t_cdf(high, df) < p:
        low, high = high, high * 2
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if t_cdf(middle, df) < p:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _by_expansion(p: float, df: int) -> float:
    """Expand the quantile in 1/df around the normal one (Cornish-Fisher; Abramowitz & Stegun (1964), 26.7.5)."""
    x = NormalDist().inv_cdf(p)
    g1 = (x**3 + x) / 4
    g2 = (5 * x**5 + 16 * x**3 + 3 * x) / 96
    g3 = (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384
    g4 = (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / 92160
    return x + g1 / df + g2 / df**2 + g3 / df**3 + g4 / df**4


@lru_cache(maxsize=1024)
def t_quantile(p: float, df: int) -> float:
    """Find the value that T with `df` degrees of freedom stays below with probability `p`.

    Raises:
        ValueError: `df` is below 1, or `p` is not between 0 and 1.
    """
    if df < 1:
        raise ValueError("degrees of freedom must be at least 1")
    if not 0.0 < p < 1.0:
        raise ValueError("a probability lies between 0 and 1")
    if p == 0.5:
        return 0.0
    if p < 0.5:
        return -t_quantile(1.0 - p, df)
    return _by_bisection(p, df) if df <= _SERIES_UP_TO else _by_expansion(p, df)
