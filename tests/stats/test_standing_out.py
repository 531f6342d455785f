"""Who stands out: the score tests equal published and scipy's values, and false discoveries stay rare."""

import numpy as np
import pytest
from scipy import stats

from projects.stats.standing_out import even_outliers, share_outliers


def test_the_share_s_test_is_pearsons() -> None:
    """Without correction, as scipy has it; two annotators are each other's others."""
    found = share_outliers(np.array([40.0, 60.0]), np.array([80, 80]), at_least=30, rate=0.05)
    expected = stats.chi2_contingency([[40, 40], [60, 20]], correction=False).pvalue
    assert found.adjusted == pytest.approx([expected, expected])
    assert found.direction.tolist() == [-1, 1]


def test_the_even_share_s_test_is_the_score_test() -> None:
    found = even_outliers(np.array([60, 50]), np.array([100, 100]), at_least=30)
    # z = 2: of two tests the lower p-value is doubled.
    assert found.adjusted == pytest.approx([2 * 0.04550026, 1.0])
    assert found.direction.tolist() == [0, 0]
    assert even_outliers(np.array([80]), np.array([100]), at_least=30).direction.tolist() == [1]


def test_too_few_data_make_no_test() -> None:
    found = share_outliers(np.array([0.0, 90.0, 0.0]), np.array([29, 100, 0]), at_least=30)
    assert np.isnan(found.adjusted[[0, 2]]).all() and found.direction.tolist() == [0, 0, 0]
    assert np.isnan(share_outliers(np.array([5.0]), np.array([60]), at_least=30).adjusted[0])
    assert np.isnan(even_outliers(np.array([0]), np.array([0]), at_least=0).adjusted[0])
    assert share_outliers(np.array([]), np.array([], dtype=int), at_least=30).direction.size == 0


def test_nobody_differs_where_everybody_is_right() -> None:
    found = share_outliers(np.array([50.0, 60.0]), np.array([50, 60]), at_least=30)
    assert found.adjusted.tolist() == [1.0, 1.0] and not found.direction.any()


def test_few_of_those_found_are_false() -> None:
    """Of 200 runs in which nobody differs at most 5 % find somebody; a spammer among 50 is found."""
    rng = np.random.default_rng(3)
    trials = np.full(50, 100)
    alarms = sum(
        bool(share_outliers(rng.binomial(trials, 0.8) * 1.0, trials, at_least=30).direction.any())
        for _ in range(200)
    )
    assert alarms <= 20
    agreed = rng.binomial(trials, 0.8) * 1.0
    agreed[7] = 50
    assert share_outliers(agreed, trials, at_least=30).direction[7] == -1
