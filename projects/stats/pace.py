"""How long answers usually take for the length of their text, kept as a few running sums."""

from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Pace:
    """Running sums over answers, of log words (x) and log seconds (y). Its fields are JSON."""

    n: int = 0
    x: float = 0.0
    y: float = 0.0
    xx: float = 0.0
    xy: float = 0.0

    @classmethod
    def restore(cls, kept: dict[str, Any]) -> Self:
        """The sums whose `dataclasses.asdict` was kept."""
        return cls(**kept)

    def add(self, words: float, seconds: float) -> "Pace":
        """Count one answer, both numbers above 0."""
        x, y = log(words), log(seconds)
        return Pace(self.n + 1, self.x + x, self.y + y, self.xx + x * x, self.xy + x * y)

    def slope(self, prior: float = 0.6, weight: float = 10.0) -> float:
        """How log seconds grow with log words.

        Source: ridge regression (Hoerl & Kennard, Technometrics 12 (1970)) towards `prior`, which counts as much as
        `weight` answers whose log words have variance 1.
        """
        if not self.n:
            return prior
        spread = self.xx - self.x * self.x / self.n
        together = self.xy - self.x * self.y / self.n
        return (together + weight * prior) / (max(spread, 0.0) + weight)

    def usual(self, words: float, *, at_least: int = 30) -> float | None:
        """The usual seconds for a text of so many words, as a geometric mean; None after too few answers."""
        if self.n < at_least:
            return None
        slope = self.slope()
        return exp((self.y - slope * self.x) / self.n + slope * log(words))


@dataclass(frozen=True, slots=True)
class Moments:
    """The running mean and sum of squared deviations of a measurement. Its fields are JSON.

    Source: Welford, Technometrics 4 (1962), pp. 419-420.
    """

    n: int = 0
    mean: float = 0.0
    squares: float = 0.0

    @classmethod
    def restore(cls, kept: dict[str, Any]) -> Self:
        """The moments whose `dataclasses.asdict` was kept."""
        return cls(**kept)

    def add(self, value: float) -> "Moments":
        """Count one measurement."""
        n = self.n + 1
        mean = self.mean + (value - self.mean) / n
        return Moments(n, mean, self.squares + (value - self.mean) * (value - mean))

    def standardized(self, value: float, *, at_least: int = 2) -> float | None:
        """How many standard deviations a value lies from the mean; None after too few, or if all were equal."""
        if self.n < max(2, at_least) or self.squares <= 0:
            return None
        return (value - self.mean) / sqrt(self.squares / (self.n - 1))
