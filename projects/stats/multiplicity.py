"""Many tests at once: how many alarms are allowed to be false."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from projects.stats.ratings import Floats


@dataclass(frozen=True, eq=False)
class Discoveries:
    """Which of many hypotheses are rejected; arrays of the input's length.

    `adjusted[i]` is the smallest rate of false discoveries at which `i` is rejected; NaN where there was no test.
    """

    rejected: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
    adjusted: Floats


def benjamini_hochberg(p_values: ArrayLike, *, rate: float = 0.05) -> Discoveries:
    """Reject hypotheses so that, on average, at most `rate` of the rejected ones are true.

    Source: Benjamini & Hochberg, Journal of the Royal Statistical Society B 57 (1995), pp. 289-300. It holds for tests
    that are independent or positively dependent. NaN is a test that was not made (too few data): it is never
    rejected and does not count among the tests.

    Raises:
        ValueError: A p-value or the rate is not between 0 and 1.
    """
    p = np.asarray(p_values, dtype=np.float64)
    made = ~np.isnan(p)
    if p.ndim != 1 or not 0 < rate < 1 or ((p[made] < 0) | (p[made] > 1)).any():
        raise ValueError(
            "p-values must be one column of numbers from 0 to 1, and the rate between them"
        )
    tests = int(made.sum())
    adjusted = np.full(len(p), np.nan)
    order = np.flatnonzero(made)[np.argsort(p[made], kind="stable")]
    scaled = p[order] * tests / np.arange(1, tests + 1)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return Discoveries(made & (np.where(made, adjusted, 1.0) <= rate), adjusted)
