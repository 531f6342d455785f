"""Exact binomial probabilities, without scipy."""

from math import exp, fsum, lgamma, log


def binomial_probability(successes: int, trials: int, p: float) -> float:
    """The probability of just so many successes in independent trials.

    Raises:
        ValueError: `p` is not between 0 and 1, or there are more successes than trials.
    """
    if not 0 <= p <= 1 or not 0 <= successes <= trials:
        raise ValueError("p must lie between 0 and 1, and successes between 0 and trials")
    if p in (0.0, 1.0):
        return float(successes == round(p * trials))
    ways = lgamma(trials + 1) - lgamma(successes + 1) - lgamma(trials - successes + 1)
    return exp(ways + successes * log(p) + (trials - successes) * log(1 - p))


def at_least(successes: int, trials: int, p: float) -> float:
    """The probability of so many successes or more: the one-sided p-value of an observed number."""
    if successes <= 0:
        return 1.0
    return min(1.0, fsum(binomial_probability(k, trials, p) for k in range(successes, trials + 1)))


def binomial_test(successes: int, trials: int, p: float = 0.5) -> float | None:
    """The exact two-sided binomial test: the probability of all outcomes that are no more probable than this one.

    Source: Clopper & Pearson, Biometrika 26 (1934), in the two-sided form by likelihood of R's `binom.test`.

    Returns:
        The p-value, 0 to 1; None without a trial.
    """
    if trials == 0:
        return None
    bound = binomial_probability(successes, trials, p) * (1 + 1e-7)
    each = (binomial_probability(k, trials, p) for k in range(trials + 1))
    return min(1.0, fsum(one for one in each if one <= bound))


def at_most(successes: int, trials: int, p: float) -> float:
    """The probability of so many successes or fewer."""
    return min(
        1.0, fsum(binomial_probability(k, trials, p) for k in range(min(successes, trials) + 1))
    )


def upper_limit(successes: int, trials: int, *, confidence: float = 0.95) -> float:
    """The exact one-sided upper confidence limit of a share.

    Source: Clopper & Pearson, Biometrika 26 (1934): the greatest share at which so few successes still have the
    probability 1 - `confidence`. Of a finite population without replacement the limit is lower, so this one is safe.

    Returns:
        The limit, 0 to 1; 1 without a trial.

    Raises:
        ValueError: There are more successes than trials, or `confidence` is not between 0 and 1.
    """
    if not 0 <= successes <= trials or not 0 < confidence < 1:
        raise ValueError("successes lie between 0 and trials, and confidence between 0 and 1")
    if successes == trials:
        return 1.0
    low, high = successes / trials, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if at_most(successes, trials, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high
