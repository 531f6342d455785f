"""When a rate changed, looking back over a whole series."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from projects.stats.ratings import Floats


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """The likeliest single change: after so many judgments, from rate `before` to rate `later`.

    `evidence` is by how much the log likelihood exceeds that of no change. As the place was chosen for it, it needs to
    be well above the usual 2 to mean anything; an alarm of `drift` is the test, and this the estimate.
    """

    after: int
    before: float
    later: float
    evidence: float


def change_point(outcomes: ArrayLike, *, at_least: int = 1) -> ChangePoint | None:
    """Estimate where the rate of a series of right (1) and wrong (0) judgments changed.

    Source: Hinkley & Hinkley, Biometrika 57 (1970), pp. 477-488: the maximum likelihood estimate. Probabilities of
    being right may stand for judgments whose truth is not known.

    Args:
        outcomes: The series in its order; NaN is a judgment without an outcome and is passed over, but counted.
        at_least: How many judgments with an outcome there must be on either side.

    Returns:
        The change; None where there are too few judgments, or all are alike.

    Raises:
        ValueError: An outcome that is not between 0 and 1, or `at_least` below 1.
    """
    series = np.asarray(outcomes, dtype=np.float64)
    indexes = np.flatnonzero(~np.isnan(series))
    right = series[indexes]
    if at_least < 1 or right.min(initial=0.0) < 0 or right.max(initial=1.0) > 1:
        raise ValueError("outcomes must lie between 0 and 1, and `at_least` be 1 or more")
    n = len(right)
    if n < 2 * at_least or (right == right[0]).all():
        return None
    cuts = np.arange(at_least, n - at_least + 1)
    hits = np.cumsum(right)
    first, total = hits[cuts - 1], float(hits[-1])
    gain = _likelihood(first, cuts) + _likelihood(total - first, n - cuts)
    best = int(gain.argmax())
    cut, before = int(cuts[best]), float(first[best] / cuts[best])
    same = float(_likelihood(np.array([total]), np.array([n]))[0])
    return ChangePoint(
        after=int(indexes[cut - 1]) + 1,
        before=before,
        later=(total - float(first[best])) / (n - cut),
        evidence=float(gain[best]) - same,
    )


def _likelihood(hits: Floats, of: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Floats:
    """The log likelihood of so many hits at the rate that fits them best."""
    share = np.clip(hits / of, 0.0, 1.0)
    with_hits = hits * np.log(np.where(share > 0, share, 1.0))
    with_misses = (of - hits) * np.log(np.where(share < 1, 1 - share, 1.0))
    likelihood: Floats = with_hits + with_misses
    return likelihood
