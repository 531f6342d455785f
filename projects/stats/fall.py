"""Detects that an annotator's accuracy has fallen below what their own work has shown.

The accuracy is not known, so the test keeps a weight for each of several possible accuracies.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import exp, log
from typing import Any, Self

from projects.stats.drift import Drift
from projects.stats.judgment import Judgment

#: The log odds of the accuracies that are weighed, from .23 to .98.
_LOGITS = tuple(-1.2 + 0.4 * n for n in range(14))
ACCURACIES = tuple(1 / (1 + exp(-logit)) for logit in _LOGITS)
_ERRORS = tuple(1 - accuracy for accuracy in ACCURACIES)
#: A steady annotator's ratio is usually below this, in logs; the score counts from here.
_QUIET = 4.0
#: The threshold where two others' labels stand for the truth. They say less of an annotator's accuracy than keys do, so
#: that a false alarm is rarer at the same threshold.
SOFT_THRESHOLD = 4.8
#: A fall is believed to happen once in so many judgments.
_SELDOM = 2000.0

Weights = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class FallState:
    """The weight that `seen` judgments give to each accuracy in `ACCURACIES`.

    `steady`: the annotator has it and always had; these sum to 1. `fallen`: it fell to this, after any judgment so far,
    as a ratio to `steady`. `when` is `fallen` times the judgment after which it fell. Falls are looked for after
    judgment `began`.
    """

    steady: Weights
    fallen: Weights
    when: Weights
    seen: int = 0
    began: int = 0

    @classmethod
    def restore(cls, kept: dict[str, Any]) -> Self:
        """The state whose `dataclasses.asdict` was kept, also where it went through JSON."""
        weights = {name: tuple(kept[name]) for name in ("steady", "fallen", "when")}
        return cls(**{**kept, **weights})

    @property
    def score(self) -> float:
        """The log of how much likelier the judgments are with a fall than without, less its usual value without one."""
        ratio = sum(self.fallen)
        return max(0.0, log(ratio) - _QUIET) if ratio > 0 else 0.0

    @property
    def since(self) -> int:
        """After which judgment the accuracy probably fell."""
        ratio = sum(self.fallen)
        return round(sum(self.when) / ratio) if ratio > 0 else self.seen

    def belief(self) -> Weights:
        """The probability of each accuracy now."""
        weights = [one + two / _SELDOM for one, two in zip(self.steady, self.fallen, strict=True)]
        whole = sum(weights)
        return tuple(weight / whole for weight in weights)

    def accuracy(self) -> float:
        """The accuracy to expect of the annotator's next judgment."""
        return sum(
            weight * accuracy for weight, accuracy in zip(self.belief(), ACCURACIES, strict=True)
        )

    def at_most(self, limit: float) -> float:
        """The probability that the accuracy is now no higher than this."""
        return sum(
            weight
            for weight, accuracy in zip(self.belief(), ACCURACIES, strict=True)
            if accuracy <= limit
        )

    def at_most_since(self, limit: float) -> int:
        """After which judgment the accuracy probably was no higher than this, if it is so now."""
        low = range(sum(accuracy <= limit for accuracy in ACCURACIES))
        steady, fallen = (sum(part[at] for at in low) for part in (self.steady, self.fallen))
        if steady * _SELDOM >= fallen:
            return self.began
        return round(sum(self.when[at] for at in low) / fallen)


@dataclass(frozen=True, slots=True)
class FallDetector:
    """Looks for a fall of accuracy below what the annotator's own work has shown so far.

    Source: the procedure of Shiryaev, Theory of Probability and its Applications 8 (1963), and Roberts, Technometrics 8
    (1966): the likelihood ratio of a fall after any of the judgments so far, summed. Its mean under no fall is the
    number of judgments, so that exp(`threshold`) bounds how often there is a false alarm. The accuracy before is not
    known: it is weighed by a Beta prior of mean `usual` that counts as much as `weight` judgments, with a share
    `uncertain` spread evenly; the accuracy after is .8, 1.2 or 1.6 logits lower. A fall is looked for once there are
    `learning` judgments to compare with.

    `threshold` is counted as `FallState.score` is. With the default 5 % of people of .6 to .95 have an alarm in 500
    judgments of known truth, and a fall from .85 to .65 is found after 56 (simulated).
    """

    usual: float = 0.85
    weight: float = 20.0
    uncertain: float = 0.05
    learning: int = 30
    threshold: float = 5.0

    def start(self) -> FallState:
        """The state of an annotator of whom nothing is known."""
        none = (0.0,) * len(ACCURACIES)
        return FallState(_prior(self.usual, self.weight, self.uncertain), none, none)

    def step(self, state: FallState, judgment: Judgment) -> FallState:
        """Add one judgment."""
        fallen, when = state.fallen, state.when
        if state.seen - state.began >= self.learning:
            falls = _falls(state.steady)
            fallen = tuple([one + new for one, new in zip(fallen, falls, strict=True)])
            when = tuple([one + new * state.seen for one, new in zip(when, falls, strict=True)])
        likely = judgment.likelihoods(_ERRORS)
        steady = [weight * one for weight, one in zip(state.steady, likely, strict=True)]
        whole = sum(steady)
        likely = [one / whole for one in likely]
        return FallState(
            tuple([weight / whole for weight in steady]),
            tuple([weight * one for weight, one in zip(fallen, likely, strict=True)]),
            tuple([weight * one for weight, one in zip(when, likely, strict=True)]),
            state.seen + 1,
            state.began,
        )

    def after_alarm(self, state: FallState) -> FallState:
        """Take the accuracy that is believed now for the annotator's own, so that it gives no second alarm."""
        none = (0.0,) * len(ACCURACIES)
        steady = _mixed(state.belief(), self.uncertain)
        return FallState(steady, none, none, state.seen, state.seen)


def _falls(steady: Weights) -> list[float]:
    """The weight that comes to each accuracy from a fall now: by two, three or four places."""
    from_above = (*steady[2:], 0.0, 0.0, 0.0, 0.0)
    return [
        (a + b + c) / 3 for a, b, c in zip(from_above, from_above[1:], from_above[2:], strict=False)
    ]


@lru_cache(maxsize=512)
def _prior(usual: float, weight: float, uncertain: float) -> Weights:
    """A Beta distribution on the scale of log odds, mixed with an even one."""
    density = [p ** (weight * usual) * (1 - p) ** (weight * (1 - usual)) for p in ACCURACIES]
    whole = sum(density)
    return _mixed(tuple(one / whole for one in density), uncertain)


def _mixed(weights: Weights, uncertain: float) -> Weights:
    """Spread a share of the weight evenly."""
    even = uncertain / len(weights)
    return tuple((1 - uncertain) * weight + even for weight in weights)


def first_fall(judgments: Iterable[Judgment], detector: FallDetector | None = None) -> Drift:
    """Find the first alarm in a series of judgments. Source: see `FallDetector`, which does the same step by step."""
    rule = detector or FallDetector()
    state = rule.start()
    for number, judgment in enumerate(judgments, start=1):
        state = rule.step(state, judgment)
        if state.score >= rule.threshold:
            return Drift(number, state.since, state.score)
    return Drift(None, None, state.score)
