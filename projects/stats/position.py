"""The position effect: how often the response shown first is chosen, whichever it is."""

from dataclasses import dataclass

from projects.stats.intervals import wilson_interval


@dataclass(frozen=True, slots=True)
class Position:
    """Of `decided` judgments on pairs, `chose_first` prefer the response shown first.

    `share` is their proportion, with its interval from `low` to `high`, each 0 to 1. Orders are drawn at random, so
    an interval that does not contain 0.5 means that the position decides some of the judgments.
    """

    decided: int
    chose_first: int
    share: float
    low: float
    high: float

    @property
    def is_even(self) -> bool:
        """Whether the interval contains one half."""
        return self.low <= 0.5 <= self.high


def position_effect(chose_first: int, decided: int, *, confidence: float = 0.95) -> Position | None:
    """Compute the share of decided pair judgments that chose the response shown first, with its interval.

    The interval is that of `wilson_interval`. It counts judgments as independent; those of one annotator are not
    quite, so the true interval is somewhat wider.

    Returns:
        The effect; None without a decided judgment.

    Raises:
        ValueError: More judgments chose the first than were decided, or one of the numbers is negative.
    """
    ends = wilson_interval(chose_first, decided, confidence=confidence)
    return None if ends is None else Position(decided, chose_first, chose_first / decided, *ends)
