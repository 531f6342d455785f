"""Cumulative sums for a known rate, and for a standardized measurement (see drift.py)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from projects.stats.drift import Drift, evidence, first_alarm


@dataclass(frozen=True, slots=True)
class CusumState:
    """`score` after `seen` judgments; the change that it speaks for began after judgment `since`."""

    score: float = 0.0
    seen: int = 0
    since: int = 0

    @classmethod
    def restore(cls, kept: dict[str, Any]) -> Self:
        """The state whose `dataclasses.asdict` was kept."""
        return cls(**kept)


@dataclass(frozen=True, slots=True)
class BernoulliCusum:
    """Looks for a fall of accuracy from a known `before` to `after`.

    Source: Page, Biometrika 41 (1954), pp. 100-115; Reynolds & Stoumbos, Journal of Quality Technology 31 (1999). The
    default threshold gives a steady annotator of .85 an alarm every 16,000 judgments, and finds a fall to .65 after
    53 (simulated). The rate is a trap: at a true .80 instead of .85 there is an alarm every 960. Where it
    is not known, use `SelfStartingCusum`.

    Raises:
        ValueError: Unless 0 < after < before < 1 and there are two categories.
    """

    before: float = 0.85
    after: float = 0.65
    threshold: float = 7.0
    categories: int = 2

    def __post_init__(self) -> None:
        if not 0 < self.after < self.before < 1 or self.categories < 2:
            raise ValueError("accuracies must be 0 < after < before < 1, categories two or more")

    def start(self) -> CusumState:
        """The state of an annotator of whom nothing is known."""
        return CusumState()

    def step(self, state: CusumState, right: float) -> CusumState:
        """Add one judgment."""
        score = state.score + evidence(right, self.before, self.after, self.categories)
        seen = state.seen + 1
        return CusumState(score, seen, state.since) if score > 0 else CusumState(0.0, seen, seen)


def soft_truth_cusum(categories: int = 2) -> BernoulliCusum:
    """The rule for judgments whose truth is inferred from two others' labels (see `drift.soft_truth`).

    Uncertain truth is weaker evidence, so that the same rate of false alarms needs another threshold: with two others
    of accuracy .85 whose errors are independent, an alarm every 10,000 steady judgments or more, and a fall from .85
    to .65 is found after about 75 (simulated; with more categories after 70). Where difficult items make people err
    together, the threshold must be checked on real work.
    """
    return BernoulliCusum(threshold=6.2, categories=categories)


def bernoulli_cusum(outcomes: Iterable[float], rule: BernoulliCusum | None = None) -> Drift:
    """Find the first alarm in a series of judgments, each 1 for right, 0 for wrong, or the probability of being right.

    Source: see `BernoulliCusum`, which does the same step by step.
    """
    return first_alarm(outcomes, rule or BernoulliCusum())


@dataclass(frozen=True, slots=True)
class TwoSidedState:
    """Sums of what lies above and below the usual, after `seen` measurements."""

    above: float = 0.0
    below: float = 0.0
    seen: int = 0
    above_since: int = 0
    below_since: int = 0

    @property
    def score(self) -> float:
        """The larger of the two sums."""
        return max(self.above, self.below)

    @property
    def since(self) -> int:
        """After which measurement the larger sum began."""
        return self.above_since if self.above >= self.below else self.below_since

    @classmethod
    def restore(cls, kept: dict[str, Any]) -> Self:
        """The state whose `dataclasses.asdict` was kept."""
        return cls(**kept)


@dataclass(frozen=True, slots=True)
class TwoSidedCusum:
    """Looks for a shift of a standardized measurement, such as the log of the time for an answer, in either direction.

    Source: Page, Biometrika 41 (1954); Hawkins & Olwell, Cumulative Sum Charts (1998), chapter 2. `slack` is half the
    shift to be found, in standard deviations. The default threshold gives an alarm every 10,000 steady measurements,
    and finds a shift of one standard deviation after 16 (simulated).
    """

    slack: float = 0.5
    threshold: float = 8.06

    def start(self) -> TwoSidedState:
        """The state before any measurement."""
        return TwoSidedState()

    def step(self, state: TwoSidedState, z: float) -> TwoSidedState:
        """Add one measurement, in standard deviations from the usual.

        Raises:
            ValueError: It is NaN or infinite.
        """
        if not abs(z) < 1e9:
            raise ValueError("a measurement must be a finite number of standard deviations")
        seen = state.seen + 1
        above, below = state.above + z - self.slack, state.below - z - self.slack
        return TwoSidedState(
            max(0.0, above),
            max(0.0, below),
            seen,
            state.above_since if above > 0 else seen,
            state.below_since if below > 0 else seen,
        )
