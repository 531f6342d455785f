"""How the detector of falls behaves on simulated annotators whose usual accuracy nobody knows.

Everything is drawn from seeds, so the same size gives the same table.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from math import ceil, log
from statistics import fmean

from projects.stats.fall import SOFT_THRESHOLD, FallDetector
from projects.stats.judgment import Judgment, inferred, known
from projects.stats.simulations import BAD, GOOD, Row

#: Accuracies of annotators: most, some who are new to it, and some experts, as Beta distributions with their shares.
CROWD = ((0.68, 33.7, 5.95), (0.17, 60.0, 22.0), (0.15, 80.0, 7.0))
#: More alarms that are false, or falls that are found later: what each threshold costs.
_THRESHOLDS = (4.2, SOFT_THRESHOLD, 5.2)
_USUAL, _FALL_AT, _WITHIN = 400, 100, 300

#: The judgments of an annotator: `accuracy_of(n)` is the accuracy of the nth, from 0.
Series = Callable[[random.Random, Callable[[int], float]], Iterator[Judgment]]


def ease(draw: random.Random) -> float:
    """Draw how many times as often as usual people err on an item."""
    return min(3.0, draw.gammavariate(2.0, 0.5))


_EASES = sorted(map(ease, [random.Random("eases")] * 500))  # noqa: S311


@lru_cache(maxsize=4096)
def errors(accuracy: float) -> float:
    """How frequent errors are on an item of ease 1, for this accuracy over all items.

    On difficult items people guess, so that their errors there are fewer than in proportion.
    """
    low, high = 0.0, 2.0
    for _ in range(20):
        middle = (low + high) / 2
        is_enough = fmean(min(0.5, middle * one) for one in _EASES) >= 1 - accuracy
        low, high = (low, middle) if is_enough else (middle, high)
    return high


def accuracy(draw: random.Random) -> float:
    """Draw the accuracy of one of the crowd, to the percent."""
    shares = [share for share, _, _ in CROWD]
    [(_, a, b)] = draw.choices(CROWD, shares)
    return min(0.99, round(draw.betavariate(a, b), 2))


def falls(size: float) -> Iterator[Row]:
    """Measure false alarms of a crowd, and how soon falls are found: with keys, and from two others without."""
    yield from _with_keys(size)
    for name, series in (("difficult items", _difficult), ("independent errors", _independent)):
        yield from _without_keys(name, series, size)


def _with_keys(size: float) -> Iterator[Row]:
    rule = FallDetector()
    runs = _runs(1500, size)
    steady = _first_alarms("keys", runs, _keyed, 530, [rule.threshold], rule)
    share = fmean(one[0] is not None for one in steady)
    yield Row("unknown rate, keys: steady annotators with an alarm in 500", share, at_most=0.05)
    later = _first_alarms("keys fall", runs, _keyed, 800, [rule.threshold], rule, falls_at=300)
    delays = sorted(at - 300 for [at] in later if at and at > 300)
    name = f"unknown rate, keys, {GOOD} to {BAD}"
    yield Row(f"{name}: mean delay", fmean(delays), at_most=80)
    yield Row(f"{name}: delay of nine in ten", delays[ceil(0.9 * len(delays)) - 1], at_most=110)


def _without_keys(name: str, series: Series, size: float) -> Iterator[Row]:
    """What each threshold costs; the one that is used is held to bounds."""
    rule, runs = FallDetector(threshold=max(_THRESHOLDS)), _runs(1200, size)
    steady = _first_alarms(name, runs, series, _USUAL, _THRESHOLDS, rule)
    fallen = _first_alarms(
        f"{name} fall", runs, series, _FALL_AT + _WITHIN, _THRESHOLDS, rule, falls_at=_FALL_AT
    )
    for at, threshold in enumerate(_THRESHOLDS):
        is_used = threshold == SOFT_THRESHOLD
        begins = f"two others, {name}, threshold {threshold}"
        alarmed = fmean(one[at] is not None for one in steady)
        rate = -log(1 - min(alarmed, 0.99)) / (_USUAL - rule.learning) * 10_000
        yield Row(f"{begins}: false in 10,000", rate, at_most=1.0 if is_used else None)
        found = [one[at] or 0 for one in fallen if one[at] is None or (one[at] or 0) > _FALL_AT]
        delays = [when - _FALL_AT for when in found if when]
        share = len(delays) / len(found)
        yield Row(f"{begins}: found within 300", share, at_least=0.8 if is_used else None)
        yield Row(f"{begins}: mean delay", fmean(delays), at_most=125 if is_used else None)


def _runs(whole: int, size: float) -> int:
    return max(30, round(whole * size))


def _first_alarms(
    name: str,
    runs: int,
    series: Series,
    length: int,
    thresholds: Sequence[float],
    rule: FallDetector,
    *,
    falls_at: int | None = None,
) -> list[list[int | None]]:
    """For each annotator and threshold, after how many judgments the score first reaches it."""
    found = []
    for run in range(runs):
        draw = random.Random(f"{name} {run}")  # noqa: S311
        before = GOOD if falls_at else accuracy(draw)

        def accuracy_of(n: int, before: float = before) -> float:
            return BAD if falls_at and n >= falls_at else before

        judgments = islice(series(draw, accuracy_of), length)
        found.append(_passages(judgments, thresholds, rule))
    return found


def _passages(
    judgments: Iterator[Judgment], thresholds: Sequence[float], rule: FallDetector
) -> list[int | None]:
    state, found = rule.start(), dict.fromkeys(thresholds)
    for number, judgment in enumerate(judgments, start=1):
        state = rule.step(state, judgment)
        for threshold in thresholds:
            if found[threshold] is None and state.score >= threshold:
                found[threshold] = number
        if state.score >= max(thresholds):
            break
    return list(found.values())


def _keyed(draw: random.Random, accuracy_of: Callable[[int], float]) -> Iterator[Judgment]:
    number = 0
    while True:
        yield known(draw.random() < accuracy_of(number))
        number += 1


def _difficult(draw: random.Random, accuracy_of: Callable[[int], float]) -> Iterator[Judgment]:
    """Judgments on items that are not equally difficult, so that people err together.

    Two others of the crowd judge too, whose accuracies are not known better than the crowd's.
    """
    number = 0
    while True:
        drawn = ease(draw)
        rates = (errors(one) for one in (accuracy_of(number), accuracy(draw), accuracy(draw)))
        yield _of_two(*(draw.random() < min(0.5, rate * drawn) for rate in rates))
        number += 1


def _independent(draw: random.Random, accuracy_of: Callable[[int], float]) -> Iterator[Judgment]:
    """Judgments on items that are equally difficult."""
    number = 0
    while True:
        people = (accuracy_of(number), accuracy(draw), accuracy(draw))
        yield _of_two(*(draw.random() >= one for one in people))
        number += 1


@lru_cache(maxsize=8)
def _of_two(errs: bool, one_errs: bool, other_errs: bool) -> Judgment:
    return inferred(int(errs), [(int(one_errs), GOOD), (int(other_errs), GOOD)])
