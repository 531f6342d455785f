"""A pass rule that stops as early as the evidence allows: Wald's sequential probability ratio test."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import log
from typing import Literal

Outcome = Literal["pass", "fail"]


@dataclass(frozen=True, slots=True)
class SprtState:
    """The answers counted until the verdict; `verdict` is None while the test goes on. Its fields are JSON."""

    hits: int = 0
    misses: int = 0
    verdict: Outcome | None = None


@dataclass(frozen=True, slots=True)
class SprtRule:
    """Tells an annotator of accuracy `good` from one of accuracy `bad`, with at most `limit` items.

    `wrong_fail` is the accepted probability of failing the good one, `wrong_pass` that of passing the bad one. When
    the items are used up the likelier of the two decides, and in doubt the verdict is fail.

    Raises:
        ValueError: Unless 0 < bad < good < 1, both errors are between 0 and .5 and there is an item.
    """

    good: float = 0.85
    bad: float = 0.65
    wrong_fail: float = 0.05
    wrong_pass: float = 0.05
    limit: int = 60

    def __post_init__(self) -> None:
        errors = (self.wrong_fail, self.wrong_pass)
        if not 0 < self.bad < self.good < 1 or not all(0 < error < 0.5 for error in errors):
            raise ValueError("accuracies must be 0 < bad < good < 1, and errors between 0 and 0.5")
        if self.limit < 1:
            raise ValueError("a test needs an item")

    def evidence(self, hits: int, misses: int) -> float:
        """The log likelihood ratio of good against bad."""
        hit, miss = log(self.good / self.bad), log((1 - self.good) / (1 - self.bad))
        return hits * hit + misses * miss

    def verdict(self, hits: int, misses: int) -> Outcome | None:
        """What to decide after so many answers, if no earlier answer decided."""
        evidence = self.evidence(hits, misses)
        if evidence >= log((1 - self.wrong_fail) / self.wrong_pass):
            return "pass"
        if evidence <= log(self.wrong_fail / (1 - self.wrong_pass)):
            return "fail"
        if hits + misses < self.limit:
            return None
        return "pass" if evidence > 0 else "fail"

    def step(self, state: SprtState, hit: bool) -> SprtState:
        """Count one answer. An answer after the verdict changes nothing."""
        if state.verdict:
            return state
        hits, misses = state.hits + hit, state.misses + (not hit)
        return SprtState(hits, misses, self.verdict(hits, misses))


def sprt(outcomes: Iterable[bool], rule: SprtRule | None = None) -> SprtState:
    """Run the test over answers in their order (true: right), until it decides.

    Source: Wald, Annals of Mathematical Statistics 16 (1945), pp. 117-186, cut short at `limit` items.

    Returns:
        How many answers it used, and the verdict; None as the verdict where they did not suffice.
    """
    rule = rule or SprtRule()
    state = SprtState()
    for hit in outcomes:
        state = rule.step(state, hit)
        if state.verdict:
            break
    return state


@dataclass(frozen=True, slots=True)
class Characteristics:
    """How a rule treats annotators of one accuracy: the probability that they pass, and the mean number of items."""

    passes: float
    items: float


def sprt_characteristics(rule: SprtRule, accuracy: float) -> Characteristics:
    """Compute exactly how often annotators of this accuracy pass, by going through all numbers of hits.

    Raises:
        ValueError: The accuracy is not between 0 and 1.
    """
    if not 0 <= accuracy <= 1:
        raise ValueError("an accuracy lies between 0 and 1")
    going, passes, items = {0: 1.0}, 0.0, 0.0
    for count in range(1, rule.limit + 1):
        reached: dict[int, float] = {}
        for hits, probability in going.items():
            reached[hits] = reached.get(hits, 0.0) + probability * (1 - accuracy)
            reached[hits + 1] = reached.get(hits + 1, 0.0) + probability * accuracy
        verdicts = {hits: rule.verdict(hits, count - hits) for hits in reached}
        items += count * sum(reached[hits] for hits, verdict in verdicts.items() if verdict)
        passes += sum(reached[hits] for hits, verdict in verdicts.items() if verdict == "pass")
        going = {hits: reached[hits] for hits, verdict in verdicts.items() if not verdict}
    return Characteristics(passes, items)
