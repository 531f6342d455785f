"""The position effect and its interval, by published values."""

import pytest

from projects.stats.position import position_effect


# Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
@pytest.mark.parametrize(
    ("chosen", "of", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_published_intervals(chosen: int, of: int, low: float, high: float) -> None:
    found = position_effect(chosen, of)
    assert found is not None
    assert (found.decided, found.chose_first) == (of, chosen)
    assert found.share == pytest.approx(chosen / of)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_nothing_decided_has_no_effect() -> None:
    assert position_effect(0, 0) is None


def test_the_interval_says_whether_the_place_matters() -> None:
    even, uneven = position_effect(52, 100), position_effect(520, 900)
    assert even and even.is_even
    assert uneven and not uneven.is_even


def test_all_and_none_stay_within_0_and_1() -> None:
    all_, none = position_effect(7, 7), position_effect(0, 7)
    assert all_ and none
    assert (all_.high, none.low) == (1.0, 0.0)
    assert all_.low == pytest.approx(1 - none.high)


@pytest.mark.parametrize(("chosen", "of"), [(2, 1), (-1, 3), (0, -1)])
def test_what_makes_no_sense_is_refused(chosen: int, of: int) -> None:
    with pytest.raises(ValueError):
        position_effect(chosen, of)
