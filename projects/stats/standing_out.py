"""Who of many annotators differs from the others by more than chance explains, and in which direction."""

from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np

from projects.stats.multiplicity import Discoveries, benjamini_hochberg
from projects.stats.ratings import Codes, Floats


@dataclass(frozen=True, eq=False)
class Outliers:
    """For each annotator a `direction`: 1 above, -1 below, 0 for nobody who stands out.

    `adjusted` is the p-value adjusted for the number of annotators; NaN where there were too few data for a test.
    """

    direction: Codes
    adjusted: Floats


def share_outliers(
    successes: Floats, trials: Codes, *, at_least: int, rate: float = 0.05
) -> Outliers:
    """Find the annotators whose share of successes differs from that of all others together.

    Source: the two-sided score test of two shares (Pearson's chi-square without correction; Agresti, Categorical Data
    Analysis (2nd ed., 2002), section 3.2.2), with Benjamini & Hochberg's step-up procedure across annotators. A success
    may be a fraction, which makes the test conservative.

    Args:
        successes: For each annotator, 0 to `trials`.
        trials: For each annotator.
        at_least: Annotators with fewer trials, or whose others have fewer, are not tested.
        rate: The share of those found that may be false.
    """
    total, won = int(trials.sum()), float(successes.sum())
    p_values = np.full(len(trials), np.nan)
    above = np.zeros(len(trials))
    for who in np.flatnonzero((trials >= at_least) & (total - trials >= at_least)):
        mine, others = int(trials[who]), total - int(trials[who])
        share, rest = successes[who] / mine, (won - successes[who]) / others
        variance = won / total * (1 - won / total) * (1 / mine + 1 / others)
        above[who] = share - rest
        p_values[who] = erfc(abs(share - rest) / sqrt(2 * variance)) if variance > 0 else 1.0
    return _outliers(benjamini_hochberg(p_values, rate=rate), above)


def even_outliers(
    successes: Codes, trials: Codes, *, at_least: int, rate: float = 0.05
) -> Outliers:
    """Find the annotators whose share of successes is not one half; arguments and result as of `share_outliers`.

    Source: the two-sided score test of one share (Agresti, Categorical Data Analysis (2nd ed., 2002), section 1.3.3),
    with Benjamini & Hochberg's step-up procedure across annotators.
    """
    p_values = np.full(len(trials), np.nan)
    above = 2 * successes - trials
    for who in np.flatnonzero(trials >= max(1, at_least)):
        p_values[who] = erfc(abs(float(above[who])) / sqrt(2 * float(trials[who])))
    return _outliers(benjamini_hochberg(p_values, rate=rate), above)


def _outliers(found: Discoveries, above: "Codes | Floats") -> Outliers:
    direction = np.where(found.rejected, np.sign(above), 0).astype(np.int64)
    return Outliers(direction, found.adjusted)
