"""Wilson's interval, the bootstrap and exact binomial probabilities."""

import numpy as np
import pytest
from scipy import stats as scipy_stats

from projects.stats.binomial import (
    at_least,
    at_most,
    binomial_probability,
    binomial_test,
    upper_limit,
)
from projects.stats.intervals import Estimate, bootstrap_interval, wilson_interval
from projects.stats.multiplicity import benjamini_hochberg


# Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)],
)
def test_wilsons_published_intervals(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=5e-5)


def test_wilson_of_nothing_and_of_half_a_success() -> None:
    assert wilson_interval(0, 0) is None
    low, high = wilson_interval(0.5, 1) or (1.0, 0.0)
    assert low + high == pytest.approx(1)


@pytest.mark.parametrize("successes", [-1, 3, float("nan")])
def test_wilson_refuses_what_is_no_count(successes: float) -> None:
    with pytest.raises(ValueError, match="successes"):
        wilson_interval(successes, 2)


def mean_of(values: np.ndarray) -> Estimate:
    return bootstrap_interval(
        lambda drawn: float((drawn * values).sum() / drawn.sum()), len(values)
    )


def test_the_bootstrap_of_a_mean_has_the_error_of_a_mean() -> None:
    values = np.random.default_rng(1).normal(size=400)
    found = mean_of(values)
    assert found.value == pytest.approx(values.mean())
    assert found.standard_error == pytest.approx(values.std() / 20, rel=0.05)
    assert found == mean_of(values)


def test_the_bootstrap_of_too_little_is_nothing() -> None:
    assert mean_of(np.ones(1)) == Estimate()
    assert bootstrap_interval(lambda drawn: float("nan"), 9) == Estimate()
    # Defined for the items as they are, and for hardly any draw.
    rare = bootstrap_interval(lambda drawn: 1.0 if (drawn == 1).all() else float("nan"), 9)
    assert rare == Estimate(1.0)


@pytest.mark.parametrize(("k", "n", "p"), [(0, 9, 0.3), (4, 9, 0.5), (40, 52, 0.85), (7, 7, 0.9)])
def test_binomial_is_what_scipy_says(k: int, n: int, p: float) -> None:
    assert binomial_probability(k, n, p) == pytest.approx(scipy_stats.binom.pmf(k, n, p))
    assert at_least(k, n, p) == pytest.approx(scipy_stats.binom.sf(k - 1, n, p))
    assert binomial_test(k, n, p) == pytest.approx(scipy_stats.binomtest(k, n, p).pvalue)


def test_binomial_at_its_ends() -> None:
    assert binomial_test(0, 0) is None
    assert binomial_probability(3, 3, 1.0) == 1.0 == binomial_probability(0, 3, 0.0)
    assert at_least(4, 3, 0.5) == 0.0
    with pytest.raises(ValueError, match="between"):
        binomial_probability(4, 3, 0.5)


# Benjamini & Hochberg (1995), section 4: fifteen p-values, of which the rate .05 rejects four.
PUBLISHED = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262),
    *(0.5719, 0.6528, 0.7590, 1.0000),
]


def test_benjamini_and_hochbergs_example() -> None:
    shuffled = np.random.default_rng(1).permutation(PUBLISHED)
    found = benjamini_hochberg(shuffled)
    assert sorted(shuffled[found.rejected]) == PUBLISHED[:4]
    assert found.adjusted == pytest.approx(scipy_stats.false_discovery_control(shuffled))


def test_a_test_that_was_not_made_is_no_test() -> None:
    found = benjamini_hochberg([0.04, np.nan, np.nan])
    assert found.rejected.tolist() == [True, False, False]
    assert np.isnan(found.adjusted).tolist() == [False, True, True]
    assert not len(benjamini_hochberg([]).rejected)


@pytest.mark.parametrize("p_values", [[-0.1], [1.1], [[0.5]]])
def test_what_is_no_p_value_is_refused(p_values: list[float]) -> None:
    with pytest.raises(ValueError, match="p-values"):
        benjamini_hochberg(p_values)


@pytest.mark.parametrize(("k", "n", "confidence"), [(0, 59, 0.95), (3, 20, 0.95), (9, 10, 0.8)])
def test_the_upper_limit_is_clopper_and_pearsons(k: int, n: int, confidence: float) -> None:
    expected = scipy_stats.beta.ppf(confidence, k + 1, n - k)
    assert upper_limit(k, n, confidence=confidence) == pytest.approx(expected)
    assert at_most(k, n, expected) == pytest.approx(1 - confidence)


def test_the_upper_limit_at_the_ends() -> None:
    assert upper_limit(0, 0) == upper_limit(5, 5) == 1.0
    for k, n, confidence in ((2, 1, 0.95), (-1, 1, 0.95), (0, 1, 1.0)):
        with pytest.raises(ValueError, match="between"):
            upper_limit(k, n, confidence=confidence)
