"""Drift of an annotator, watched one judgment at a time: cumulative sums that keep a few numbers.

A rule says what is looked for. A state is what is kept of an annotator, and its fields are JSON. The next state is
`rule.step(state, right)`, in constant time and memory, with plain floats. `right` is the probability that the judgment
is right: 1 or 0 where the truth is known, between them where only other annotators' labels are (`soft_truth`).

An alarm is a reason to look. It says when the change probably began (`since`), and proves no fault of the annotator.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log, log1p
from typing import Protocol, TypeVar


class State(Protocol):
    """What every state says."""

    @property
    def score(self) -> float: ...

    @property
    def since(self) -> int: ...


S = TypeVar("S", bound=State)


class Rule(Protocol[S]):
    """What every rule does."""

    @property
    def threshold(self) -> float: ...

    def start(self) -> S: ...

    def step(self, state: S, right: float, /) -> S: ...


@dataclass(frozen=True, slots=True)
class Drift:
    """The first alarm in a series: after judgment `alarm_at` of a change that began after judgment `since`.

    Both count from 1 and are None without an alarm. `score` is the sum at the alarm, or at the end.
    """

    alarm_at: int | None
    since: int | None
    score: float


def first_alarm(outcomes: Iterable[float], rule: Rule[S]) -> Drift:
    """Apply a rule to a series from its start until its score reaches the threshold."""
    state = rule.start()
    for number, right in enumerate(outcomes, start=1):
        state = rule.step(state, right)
        if state.score >= rule.threshold:
            return Drift(number, state.since, state.score)
    return Drift(None, None, state.score)


def evidence(right: float, before: float, after: float, categories: int = 2) -> float:
    """The log likelihood ratio of accuracy `after` against `before`, given one judgment.

    Source: for known truth Page, Biometrika 41 (1954); `right` between 0 and 1 mixes the two cases, and wrong answers
    are spread evenly over `categories` - 1.

    Raises:
        ValueError: `right` is NaN or not between 0 and 1.
    """
    if not 0 <= right <= 1:
        raise ValueError("the probability of being right lies between 0 and 1")
    wrong = (1 - right) / (categories - 1)
    return log((right * after + wrong * (1 - after)) / (right * before + wrong * (1 - before)))


def soft_truth(
    answer: int, others: Sequence[tuple[int, float]], *, categories: int = 2, cap: float = 0.97
) -> float:
    """The probability that an answer is right, given what others answered to the same item.

    Source: the one-coin form of Dawid & Skene, Applied Statistics 28 (1979), with all categories equally probable.
    Items that are difficult make annotators err together, which the model does not know: hence the `cap`.

    Args:
        answer: The category of the judgment in question.
        others: The category and the accuracy (above 0, below 1) of each other answer.
        categories: How many there are.
        cap: The result is at most this, and at least an even share of what this leaves to the other categories.

    Returns:
        A probability; 1 in `categories` without others, which is no evidence of drift.
    """
    odds = [0.0] * categories
    for category, accuracy in others:
        odds[category] += log(accuracy) - log1p(-accuracy) + log(categories - 1)
    top = max(odds)
    weights = [exp(one - top) for one in odds]
    return min(cap, max((1 - cap) / (categories - 1), weights[answer] / sum(weights)))
