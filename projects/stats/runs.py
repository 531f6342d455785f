"""Runs of equal answers: from which length on chance does not explain them."""

from math import ceil, log


def suspicious_run(share: float, *, rate: float = 1e-5, at_least: int = 15) -> int:
    """The shortest run of one answer that begins by chance less often than at `rate` of all answers.

    Source: a run of r independent answers of probability p begins at a given answer with probability (1 - p) p^r
    (Feller, An Introduction to Probability Theory I (3rd ed., 1968), section XIII.7).

    Args:
        share: How often this answer is given by others, 0 to 1. Nobody's habits are known exactly, so it is taken as
            .95 at most.
        rate: Accepted runs per answer.
        at_least: The result is at least this.
    """
    p = min(max(share, 0.0), 0.95)
    if p == 0:
        return at_least
    return max(at_least, ceil((log(rate) - log(1 - p)) / log(p)))
