"""How many items or judgments a question needs, and what so many can tell."""

from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist

from projects.stats.binomial import at_least, binomial_probability, upper_limit

_quantile = NormalDist().inv_cdf


def sample_size_of_share(
    share: float, null: float = 0.5, *, power: float = 0.8, level: float = 0.05
) -> int:
    """How many judgments show that a share differs from `null`, by the two-sided normal test.

    Source: Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions (3rd ed., 2003), section 2.3.1.

    Raises:
        ValueError: The shares are equal, or not between 0 and 1.
    """
    if share == null or not (0 < share < 1 and 0 < null < 1):
        raise ValueError("the two shares must differ and lie between 0 and 1")
    spread = _quantile(1 - level / 2) * sqrt(null * (1 - null))
    spread += _quantile(power) * sqrt(share * (1 - share))
    return ceil((spread / (share - null)) ** 2)


def power_of_share(
    judgments: int, share: float, null: float = 0.5, *, level: float = 0.05
) -> float:
    """The probability that so many judgments show a share to differ from `null`; the inverse of the above.

    Raises:
        ValueError: No judgment, or a share not between 0 and 1.
    """
    if judgments < 1 or not (0 < share < 1 and 0 < null < 1):
        raise ValueError("there must be a judgment, and shares between 0 and 1")
    reach = abs(share - null) * sqrt(judgments)
    reach -= _quantile(1 - level / 2) * sqrt(null * (1 - null))
    return NormalDist().cdf(reach / sqrt(share * (1 - share)))


def sample_size_of_slope(
    slope: float, *, explained: float = 0.0, power: float = 0.8, level: float = 0.05
) -> int:
    """How many judgments show an effect of `slope` logits a standard deviation on a choice between two.

    Source: Hsieh, Bloch & Larsen, Statistics in Medicine 17 (1998), formula 1, at even choices. `explained` is the
    share of the feature's variance that the other features of the regression explain, 0 to below 1.

    Raises:
        ValueError: The slope is 0, or `explained` is not from 0 to below 1.
    """
    if slope == 0 or not 0 <= explained < 1:
        raise ValueError("the slope must not be 0, and `explained` lies from 0 to below 1")
    needed = (_quantile(1 - level / 2) + _quantile(power)) ** 2 / (0.25 * slope**2)
    return ceil(needed / (1 - explained))


def sample_size_of_bound(
    bound: float, *, wrong: int = 0, confidence: float = 0.95, at_most: int = 10_000
) -> int | None:
    """How many answers to check so that, with so many `wrong` among them, at most the share `bound` is wrong.

    Source: the upper limit of Clopper & Pearson (1934). With none wrong it is the sample of Hald, Statistical Theory
    of Sampling Inspection by Attributes (1981), chapter 2, with acceptance number 0: 59 for 5 % at 95 %.

    Returns:
        The smallest such sample; None where none of `at_most` answers is enough.

    Raises:
        ValueError: `bound` or `confidence` is not between 0 and 1, or `wrong` is negative.
    """
    if not 0 < bound < 1 or not 0 < confidence < 1 or wrong < 0:
        raise ValueError("bound and confidence lie between 0 and 1, and wrong is 0 or more")
    low, high = wrong + 1, at_most
    if upper_limit(min(wrong, high), high, confidence=confidence) > bound:
        return None
    while low < high:  # The limit falls as the sample grows.
        middle = (low + high) // 2
        if upper_limit(wrong, middle, confidence=confidence) <= bound:
            high = middle
        else:
            low = middle + 1
    return low


def measured_accuracy(accuracy: float, key_accuracy: float, categories: int = 2) -> float:
    """How often an annotator agrees with keys that are not always right.

    Annotators and keys err independently, and evenly over the wrong categories: p q + (1 - p)(1 - q) / (K - 1).

    Raises:
        ValueError: Fewer than two categories, or an accuracy not between 0 and 1.
    """
    if categories < 2 or not (0 <= accuracy <= 1 and 0 <= key_accuracy <= 1):
        raise ValueError("there must be two categories, and accuracies between 0 and 1")
    return accuracy * key_accuracy + (1 - accuracy) * (1 - key_accuracy) / (categories - 1)


@dataclass(frozen=True, slots=True)
class PassMark:
    """A test of `items` items that is passed with `pass_at` right answers."""

    items: int
    pass_at: int

    def passes(self, accuracy: float) -> float:
        """The probability that an annotator of this accuracy passes."""
        return at_least(self.pass_at, self.items, accuracy)


def pass_mark(
    good: float = 0.85,
    bad: float = 0.65,
    *,
    wrong_fail: float = 0.05,
    wrong_pass: float = 0.05,
    at_most: int = 1000,
) -> PassMark | None:
    """The shortest test of fixed length that tells an annotator of accuracy `good` from one of accuracy `bad`.

    Source: single sampling plans, Hald, Statistical Theory of Sampling Inspection by Attributes (1981), chapter 2.

    Returns:
        The test whose probabilities of failing the good one and passing the bad one are at most `wrong_fail` and
        `wrong_pass`; None where no test of `at_most` items does it.

    Raises:
        ValueError: Unless 0 < bad < good < 1.
    """
    if not 0 < bad < good < 1:
        raise ValueError("accuracies must be 0 < bad < good < 1")
    for items in range(1, at_most + 1):
        mark = _lowest_mark(items, bad, wrong_pass)
        if mark <= items and at_least(mark, items, good) >= 1 - wrong_fail:
            return PassMark(items, mark)
    return None


def _lowest_mark(items: int, accuracy: float, wrong_pass: float) -> int:
    """The lowest number of right answers that is reached rarely enough; more than `items` where none is."""
    reached, mark = 0.0, items + 1
    while mark > 0:
        reached += binomial_probability(mark - 1, items, accuracy)
        if reached > wrong_pass:
            break
        mark -= 1
    return mark
