"""The position effect: how often the response shown first is chosen, whichever it is."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Position:
    """Of `decided` judgments on pairs, `chose_first` are for the response shown first.

    `share` is their proportion with its interval from `low` to `high`, each 0 to 1. Orders are drawn at random, so
    an interval without 0.5 means that the place decides some of the judgments.
    """

    decided: int
    chose_first: int
    share: float
    low: float
    high: float

    @property
    def is_even(self) -> bool:
        """Whether the interval has one half in it."""
        return self.low <= 0.5 <= self.high


def position_effect(chose_first: int, decided: int, *, confidence: float = 0.95) -> Position | None:
    """The share of decided pair judgments that chose the response shown first, with the Wilson score interval.

    Source: Wilson, Journal of the American Statistical Association 22 (1927), pp. 209-212, as method 3 of Newcombe,
    Statistics in Medicine 17 (1998), pp. 857-872. Judgments count as independent; those of one annotator are not
    quite, so that the true interval is somewhat wider.

    Returns:
        The effect; None without a decided judgment.

    Raises:
        ValueError: More chose the first than decided, or one of the numbers is negative.
    """
    if not 0 <= chose_first <= decided:
        raise ValueError("those that chose the first lie between none and all of the decided")
    if decided < 1:
        return None
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = chose_first / decided
    middle = share + z * z / (2 * decided)
    spread = z * sqrt(share * (1 - share) / decided + z * z / (4 * decided * decided))
    whole = 1 + z * z / decided
    # At the ends the bound is exact, and the formula misses it by a last digit.
    low = 0.0 if chose_first == 0 else (middle - spread) / whole
    high = 1.0 if chose_first == decided else (middle + spread) / whole
    return Position(decided, chose_first, share, low, high)
