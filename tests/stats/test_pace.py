"""The usual time for the length of a text, running moments, and how long a run of equal answers must be."""

import random
from math import log

import pytest

from projects.stats.pace import Moments, Pace
from projects.stats.runs import suspicious_run


def test_the_usual_time_grows_with_the_text() -> None:
    draw, pace = random.Random(1), Pace()
    for _ in range(300):
        words = draw.uniform(20, 1000)
        pace = pace.add(words, 0.5 * words**0.8 * draw.lognormvariate(0, 0.2))
    assert pace.slope() == pytest.approx(0.8, abs=0.06)
    assert pace.usual(400) == pytest.approx(0.5 * 400**0.8, rel=0.1)
    assert Pace().usual(400) is None and Pace().slope() == 0.6
    values = [2.0, 4.0, 9.0]
    moments = Moments()
    for value in values:
        moments = moments.add(value)
    assert moments.standardized(8.0) == pytest.approx((8 - 5) / 13**0.5)
    assert Moments().standardized(1.0) is None


def test_shares_bound_the_run() -> None:
    assert suspicious_run(0.0) == suspicious_run(0.2) == 15 and suspicious_run(0.5) == 16
    assert suspicious_run(0.9) == pytest.approx((log(1e-5) - log(0.1)) / log(0.9), abs=1)
    assert suspicious_run(0.99) == suspicious_run(0.95), "habits are never certain"
