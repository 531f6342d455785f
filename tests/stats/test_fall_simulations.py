"""A small form of the figures of falls in `manage.py stats_simulations`."""

import random
from statistics import fmean

import pytest

from projects.stats.fall import SOFT_THRESHOLD
from projects.stats.fall_simulations import ease, errors, falls


@pytest.fixture(scope="module")
def rows() -> dict[str, float]:
    return {row.name: row.measured for row in falls(0.03)}


@pytest.mark.slow
def test_falls_are_found_and_steady_people_left_alone(rows: dict[str, float]) -> None:
    keys = "unknown rate, keys, 0.85 to 0.65"
    assert rows["unknown rate, keys: steady annotators with an alarm in 500"] <= 0.1
    assert rows[f"{keys}: mean delay"] <= 80
    for name in ("difficult items", "independent errors"):
        used = f"two others, {name}, threshold {SOFT_THRESHOLD}"
        assert rows[f"{used}: false in 10,000"] <= 2
        assert rows[f"{used}: found within 300"] >= 0.65
        assert 60 <= rows[f"{used}: mean delay"] <= 140


@pytest.mark.slow
def test_a_higher_threshold_finds_later_and_is_less_often_wrong(rows: dict[str, float]) -> None:
    name = "two others, independent errors, threshold"
    thresholds = sorted({row.split(name)[1].split(":")[0] for row in rows if name in row})
    found = [rows[f"{name}{at}: found within 300"] for at in thresholds]
    false = [rows[f"{name}{at}: false in 10,000"] for at in thresholds]
    assert len(thresholds) == 3
    assert found == sorted(found, reverse=True) and found[0] > found[-1]
    assert false == sorted(false, reverse=True)


def test_errors_keep_the_accuracy_over_all_items() -> None:
    draw = random.Random("check")
    for accuracy in (0.95, 0.85, 0.65):
        rate = errors(accuracy)
        over_all = fmean(min(0.5, rate * ease(draw)) for _ in range(20_000))
        assert over_all == pytest.approx(1 - accuracy, abs=0.015)
