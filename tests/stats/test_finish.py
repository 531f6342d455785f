"""How long the rest of some work takes."""

import pytest

from projects.stats.finish import days_to_finish


def test_student_s_own_sample() -> None:
    """The mean of 0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2.0 hours of sleep is 0.75, s 1.789 (Student 1908).

    Moved by 10 and taken ten times, as whole answers: the interval of the mean is 107.5 ± 2.262 · 17.89 / √10.
    """
    done = [107, 84, 98, 88, 99, 134, 137, 108, 100, 120]
    found = days_to_finish(done, 1_075)
    assert found
    assert (found.per_day, found.days) == (107.5, 10.0)
    assert found.earliest_days == pytest.approx(1_075 / (107.5 + 12.80), rel=1e-3)
    assert found.latest_days == pytest.approx(1_075 / (107.5 - 12.80), rel=1e-3)


def test_an_even_pace_has_no_doubt() -> None:
    found = days_to_finish([10, 10, 10], 25)
    assert found
    assert (found.days, found.earliest_days, found.latest_days) == (2.5, 2.5, 2.5)


def test_an_uneven_pace_may_have_no_upper_end() -> None:
    found = days_to_finish([0, 0, 60], 20)
    assert found and found.latest_days is None and found.earliest_days < found.days == 1.0


@pytest.mark.parametrize("done", [[], [500], [500, 500], [6, 6, 7], [0, 0, 0, 0]])
def test_too_little_is_no_pace(done: list[int]) -> None:
    assert days_to_finish(done, 10) is None


def test_nothing_left_takes_no_time() -> None:
    found = days_to_finish([10, 10, 10], 0)
    assert found and (found.days, found.latest_days) == (0.0, 0.0)
