"""How the monitors and the pass rule behave on simulated annotators, against what is promised of them.

Everything is drawn from seeds, so the same size gives the same table.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from math import ceil
from statistics import fmean

from projects.stats.cusum import BernoulliCusum, soft_truth_cusum
from projects.stats.drift import first_alarm, soft_truth
from projects.stats.self_starting import SelfStartingCusum
from projects.stats.sequential import SprtRule, sprt, sprt_characteristics

GOOD, BAD = 0.85, 0.65
#: Beta with mean .85 and standard deviation .056: accuracies of a population of annotators.
POPULATION = (33.7, 5.95)

Judgments = Iterator[float]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a measured figure and the bound it is held to; without a bound it is for information."""

    name: str
    measured: float
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> bool:
        """Whether the figure is within its bound."""
        low = self.at_least is None or self.measured >= self.at_least
        return low and (self.at_most is None or self.measured <= self.at_most)


def simulate(size: float = 1.0) -> Iterator[Row]:
    """Measure all figures, one after the other.

    Args:
        size: 1 is the whole simulation, of some minutes; .1 makes a tenth of the runs.
    """
    yield from known_rate(size)
    yield from unknown_rate(size)
    yield from without_gold(size)
    yield from pass_rule(size)


def known_rate(size: float) -> Iterator[Row]:
    """The CUSUM of a known rate: judgments to a false alarm, and from the fall to the alarm."""
    rule = BernoulliCusum()
    name = f"known rate, {GOOD} to {BAD}"
    steady = _alarms(rule, _runs(1000, size), lambda draw: _judgments(draw, GOOD))
    yield Row("known rate: judgments to a false alarm", fmean(steady), at_least=10_000)
    delays = sorted(_alarms(rule, _runs(20_000, size), lambda draw: _judgments(draw, BAD)))
    yield Row(f"{name}: mean delay", fmean(delays), at_most=60)
    yield Row(f"{name}: delay of nine in ten", delays[ceil(0.9 * len(delays)) - 1], at_most=110)


def unknown_rate(size: float) -> Iterator[Row]:
    """The self-starting CUSUM: steady annotators of a population with an alarm, and delays of those who fall."""
    rule = SelfStartingCusum()
    begun = rule.learning
    steady = [
        first_alarm(islice(_judgments(draw, draw.betavariate(*POPULATION)), begun + 500), rule)
        for draw in _draws("steady", _runs(10_000, size))
    ]
    share = fmean(drift.alarm_at is not None for drift in steady)
    yield Row("unknown rate: steady annotators with an alarm in 500", share, at_most=0.05)
    for after, bound in ((250, 80.0), (100, None)):
        at = begun + after
        alarms = [_fall(draw, rule, at) for draw in _draws(f"fall {after}", _runs(4000, size))]
        delays = [alarm - at for alarm in alarms if alarm > at]
        name = f"unknown rate, {GOOD} to {BAD} after {after}: mean delay"
        yield Row(name, fmean(delays), at_most=bound)


def without_gold(size: float) -> Iterator[Row]:
    """The CUSUM of soft truth, from two others who label each item too."""
    for categories in (2, 3):
        rule = soft_truth_cusum(categories)
        name = f"two other labels, {categories} categories"

        def of(
            accuracy: float, categories: int = categories
        ) -> Callable[[random.Random], Judgments]:
            return lambda draw: _inferred(draw, accuracy, categories)

        steady = _alarms(rule, _runs(300, size), of(GOOD))
        yield Row(f"{name}: judgments to a false alarm", fmean(steady), at_least=10_000)
        delays = _alarms(rule, _runs(5000, size), of(BAD))
        yield Row(f"{name}, {GOOD} to {BAD}: mean delay", fmean(delays), at_most=80)


def pass_rule(size: float) -> Iterator[Row]:
    """The sequential pass rule: computed exactly, and simulated as a check of the computation."""
    rule = SprtRule()
    good, bad = sprt_characteristics(rule, GOOD), sprt_characteristics(rule, BAD)
    yield Row(f"pass rule: P(pass | {GOOD})", good.passes, at_least=0.93)
    yield Row(f"pass rule: P(pass | {BAD})", bad.passes, at_most=0.06)
    yield Row(f"pass rule: mean items at {GOOD}", good.items, at_most=30)
    yield Row(f"pass rule: mean items at {BAD}", bad.items, at_most=30)
    passed = fmean(
        sprt((right > 0 for right in _judgments(draw, GOOD)), rule).verdict == "pass"
        for draw in _draws("pass", _runs(10_000, size))
    )
    yield Row(f"pass rule: P(pass | {GOOD}), simulated", passed, at_least=0.93)


def _runs(whole: int, size: float) -> int:
    return max(20, round(whole * size))


def _draws(name: str, runs: int) -> Iterator[random.Random]:
    """A generator of its own for each run, so that a row does not depend on the rows before."""
    return (random.Random(f"{name} {run}") for run in range(runs))  # noqa: S311


def _judgments(draw: random.Random, accuracy: float) -> Judgments:
    while True:
        yield 1.0 if draw.random() < accuracy else 0.0


def _alarms(
    rule: BernoulliCusum, runs: int, series: Callable[[random.Random], Judgments]
) -> list[int]:
    """After how many judgments each run has its alarm; every endless series has one."""
    found = (first_alarm(series(draw), rule).alarm_at for draw in _draws("alarms", runs))
    return [at for at in found if at is not None]


def _fall(draw: random.Random, rule: SelfStartingCusum, at: int) -> int:
    """When an annotator has the first alarm whose accuracy falls after `at` judgments.

    One who has none within 1,000 more counts as found then.
    """
    steady = islice(_judgments(draw, GOOD), at)
    drift = first_alarm(chain(steady, islice(_judgments(draw, BAD), 1000)), rule)
    return drift.alarm_at or at + 1000


def _inferred(draw: random.Random, accuracy: float, categories: int) -> Judgments:
    """The probability that each answer is right, inferred from two others of accuracy `GOOD`; the truth is 0."""
    known: dict[tuple[int, int, int], float] = {}
    while True:
        one, other = _answer(draw, GOOD, categories), _answer(draw, GOOD, categories)
        key = _answer(draw, accuracy, categories), one, other
        if key not in known:
            others = [(one, GOOD), (other, GOOD)]
            known[key] = soft_truth(key[0], others, categories=categories)
        yield known[key]


def _answer(draw: random.Random, accuracy: float, categories: int) -> int:
    return 0 if draw.random() < accuracy else 1 + int(draw.random() * (categories - 1))
