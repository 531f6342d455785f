"""The cumulative sum for an annotator whose usual accuracy is not known (see drift.py)."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Any, Self

from projects.stats.drift import Drift, evidence, first_alarm


@dataclass(frozen=True, slots=True)
class SelfStartingState:
    """A CUSUM's state, the right and wrong judgments that the accuracy was learnt from, and those not learnt yet."""

    score: float = 0.0
    seen: int = 0
    since: int = 0
    right: float = 0.0
    wrong: float = 0.0
    recent: tuple[float, ...] = ()

    @classmethod
    def restore(cls, kept: dict[str, Any]) -> Self:
        """The state whose `dataclasses.asdict` was kept, also where it went through JSON."""
        return cls(**{**kept, "recent": tuple(kept["recent"])})


@dataclass(frozen=True, slots=True)
class SelfStartingCusum:
    """Looks for a fall of accuracy below what the annotator's own work has shown so far.

    The accuracy before is the posterior mean less one posterior standard deviation, from a Beta prior of the
    population and from judgments that are `delay` old and were made while the sum was below half the threshold, so
    that a fall does not teach the rule to expect it. The accuracy after is `drop` logits lower. The first `learning`
    judgments teach it at once and are not monitored.

    Source: self-starting sums, Hawkins, Technometrics 29 (1987), with the Bernoulli sums of Page (1954); the prior is
    half of a population of mean .85 and standard deviation .056. With the defaults at most 5 % of steady annotators
    have an alarm in 500 judgments (simulated).
    """

    prior_right: float = 16.86
    prior_wrong: float = 2.97
    learning: int = 50
    delay: int = 40
    drop: float = 1.115
    threshold: float = 6.2
    categories: int = 2

    def start(self) -> SelfStartingState:
        """The state of an annotator of whom nothing is known."""
        return SelfStartingState()

    def step(self, state: SelfStartingState, right: float) -> SelfStartingState:
        """Add one judgment."""
        seen = state.seen + 1
        if seen <= self.learning:
            hits, misses = self._learn(state.right, state.wrong, right)
            return SelfStartingState(0.0, seen, seen, hits, misses)
        before, after = self.rates(state.right, state.wrong)
        score = state.score + evidence(right, before, after, self.categories)
        since = state.since
        if score <= 0:
            score, since = 0.0, seen
        hits, misses = state.right, state.wrong
        recent = (*state.recent, right)
        if len(recent) > self.delay:
            if score < self.threshold / 2:
                hits, misses = self._learn(hits, misses, recent[0])
            recent = recent[1:]
        return SelfStartingState(score, seen, since, hits, misses, recent)

    def rates(self, right: float, wrong: float) -> tuple[float, float]:
        """The accuracy before and after a fall, from the judgments learnt so far."""
        a, b = self.prior_right + right, self.prior_wrong + wrong
        mean = a / (a + b)
        before = mean - sqrt(mean * (1 - mean) / (a + b + 1))
        # A guesser cannot fall far; without this the accuracy before would reach 0.
        before = max(before, 0.05)
        return before, 1 / (1 + exp(self.drop - log(before / (1 - before))))

    def _learn(self, right: float, wrong: float, judgment: float) -> tuple[float, float]:
        """Count a judgment as right or wrong, or where that is uncertain as partly each."""
        if 0 < judgment < 1:
            p = (self.prior_right + right) / (self.prior_right + self.prior_wrong + right + wrong)
            hit, miss = judgment * p, (1 - judgment) * (1 - p) / (self.categories - 1)
            judgment = hit / (hit + miss)
        return right + judgment, wrong + 1 - judgment


def self_starting_cusum(outcomes: Iterable[float], rule: SelfStartingCusum | None = None) -> Drift:
    """Find the first alarm in a series of judgments, each 1 for right, 0 for wrong, or the probability of being right.

    Source: see `SelfStartingCusum`, which does the same step by step.
    """
    return first_alarm(outcomes, rule or SelfStartingCusum())
