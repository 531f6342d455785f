"""How many days the rest of some work takes at the pace of the last days."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

from projects.stats.quantiles import t_quantile

#: Of fewer days, or of fewer answers in them, nothing is said.
LEAST_DAYS, LEAST_DONE = 3, 20


@dataclass(frozen=True, slots=True)
class Finish:
    """The days that the rest takes, and a 95 % interval. `latest_days` is None if there is no upper end."""

    per_day: float
    days: float
    earliest_days: float
    latest_days: float | None


def days_to_finish(done: Sequence[int], left: int) -> Finish | None:
    """Return how many days `left` answers take, if as many are given a day as in the days of `done`.

    The interval is `left` over the ends of Student's interval for the mean of a day (Student, The Probable Error of a
    Mean, Biometrika 6, 1908), as if days were independent and normal. It says how well the pace is known, and not how
    the pace may change.

    Returns: None for fewer than three days or 20 answers in them.
    """
    if len(done) < LEAST_DAYS or sum(done) < LEAST_DONE:
        return None
    mean = fmean(done)
    half = t_quantile(0.975, len(done) - 1) * stdev(done) / sqrt(len(done))
    return Finish(
        per_day=mean,
        days=left / mean,
        earliest_days=left / (mean + half),
        latest_days=left / (mean - half) if mean > half else None,
    )
