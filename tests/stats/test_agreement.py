"""Alpha, its interval and percent agreement against published and kept values."""

import time
from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects.stats.agreement import Agreement, agreement
from projects.stats.alpha import krippendorff_alpha
from projects.stats.distances import Level
from projects.stats.patterns import Patterns
from projects.stats.quantiles import t_quantile
from tests.examples import examples
from tests.stats.counted import of_labels, of_matrix, of_rows

# Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), section C: four observers,
# twelve units, missing values; the paper prints .743 nominal, .815 ordinal, .849 interval.
FOUR_OBSERVERS = [
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
]
# The same paper, sections A and B: two observers, ten units (.095) and twelve units (.692).
TWO_OBSERVERS_BINARY = ["0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0"]
TWO_OBSERVERS_NOMINAL = ["1 1 2 2 4 3 3 3 5 4 4 1", "1 2 2 2 2 3 3 3 5 4 4 4"]

# PandaLM (WeOpenML/PandaLM, testset-v1, Apache-2.0): how often each table of three annotators'
# answers [first, tie, second] occurs among its 999 items. The expected values below were computed
# from the same set by the packages krippendorff 0.9.0 and irrCAC 0.4.4.
PANDALM = [
    ((0, 0, 3), 426),
    ((0, 1, 2), 10),
    ((0, 2, 1), 13),
    ((0, 3, 0), 85),
    ((1, 0, 2), 36),
    ((1, 2, 0), 7),
    ((2, 0, 1), 33),
    ((2, 1, 0), 21),
    ((3, 0, 0), 368),
]
PANDALM_ALPHA: list[tuple[Level, float, float, float]] = [
    ("nominal", 0.864221, 0.839457, 0.885165),
    ("ordinal", 0.877464, 0.850965, 0.899251),
    ("interval", 0.877217, 0.850696, 0.899027),
]


def observed(rows: list[str], categories: str) -> Patterns:
    columns = zip(*(row.split() for row in rows), strict=True)
    return of_labels(
        [[categories.index(value) for value in column if value != "."] for column in columns],
        len(categories),
    )


def pandalm() -> Patterns:
    return of_rows(PANDALM, 3)


@pytest.mark.parametrize(
    ("level", "expected"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_krippendorff_four_observers(level: Level, expected: float) -> None:
    patterns = observed(FOUR_OBSERVERS, "12345")
    assert krippendorff_alpha(patterns, level).value == pytest.approx(expected, abs=5e-4)
    result = agreement(patterns, level)
    # The paper: unit 12 has one value and drops out; 40 pairable values remain.
    assert (result.items, result.annotations) == (11, 40)


def test_krippendorff_two_observers() -> None:
    assert krippendorff_alpha(
        observed(TWO_OBSERVERS_BINARY, "01"), "nominal"
    ).value == pytest.approx(0.095, abs=5e-4)
    assert krippendorff_alpha(
        observed(TWO_OBSERVERS_NOMINAL, "12345"), "nominal"
    ).value == pytest.approx(0.692, abs=5e-4)


@pytest.mark.parametrize(("level", "value", "low", "high"), PANDALM_ALPHA)
def test_pandalm(level: Level, value: float, low: float, high: float) -> None:
    result = agreement(pandalm(), level, tie=1)
    assert result.alpha == pytest.approx(value, abs=1e-6)
    assert result.low == pytest.approx(low, abs=1e-5)
    assert result.high == pytest.approx(high, abs=1e-5)
    assert result.percent == pytest.approx(0.91992, abs=1e-6)
    assert (result.items, result.annotations, result.pairs) == (999, 2997, 2997)


def test_pandalm_without_ties() -> None:
    # By hand: 794 items whose three labels, and 31 whose two labels, agree; 69 with a 2:1 split;
    # the rest (a tie's majority, or three ties) leave no pair of plain labels.
    expected = (426 + 368 + 10 + 21 + (36 + 33) / 3) / (426 + 368 + 10 + 21 + 36 + 33)
    result = agreement(pandalm(), "ordinal", tie=1)
    assert result.percent_without_ties == pytest.approx(expected, abs=1e-12)
    assert agreement(pandalm(), "ordinal").percent_without_ties is None


def one_by_one(patterns: Patterns, level: Level) -> tuple[float, float]:
    """The jackknife as it is written: delete every single item and compute alpha again."""
    rows = np.repeat(patterns.counts, patterns.items, axis=0)
    whole = krippendorff_alpha(of_matrix(rows), level).value
    assert whole is not None
    left = []
    for index in range(len(rows)):
        value = krippendorff_alpha(of_matrix(np.delete(rows, index, axis=0)), level).value
        assert value is not None
        left.append(log(1 - value))
    items = len(rows)
    error = sqrt((items - 1) / items * float(((np.array(left) - np.mean(left)) ** 2).sum()))
    spread = t_quantile(0.975, items - 1) * error
    return 1 - exp(log(1 - whole) + spread), 1 - exp(log(1 - whole) - spread)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_the_weighted_jackknife_is_the_plain_one(level: Level) -> None:
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 4, size=60)
    noise = rng.integers(-1, 2, size=(60, 3))
    labels = np.clip(truth[:, None] + noise, 0, 3)
    patterns = of_labels(labels.tolist(), categories=4)
    assert len(patterns.items) < 60
    result = agreement(patterns, level)
    low, high = one_by_one(patterns, level)
    assert result.low == pytest.approx(low, abs=1e-10)
    assert result.high == pytest.approx(high, abs=1e-10)


NOTHING = Agreement(None, None, None, None, None, 0, 0, 0)


def test_nothing_to_pair_is_undefined() -> None:
    assert agreement(of_rows([], 3)) == NOTHING
    assert agreement(of_rows([((1, 0, 0), 9)], 3), tie=1) == NOTHING
    assert krippendorff_alpha(of_rows([((1, 0, 0), 9)], 3)).value is None


def test_no_variation_is_undefined_and_not_perfect() -> None:
    result = agreement(of_rows([((3, 0, 0), 9)], 3), tie=1)
    assert (result.alpha, result.low, result.high) == (None, None, None)
    assert (result.percent, result.percent_without_ties) == (1.0, 1.0)


def test_only_ties_leave_nothing_without_ties() -> None:
    result = agreement(of_rows([((0, 3, 0), 9)], 3), tie=1)
    assert (result.percent, result.percent_without_ties) == (1.0, None)


def test_perfect_agreement_has_no_interval() -> None:
    result = agreement(of_rows([((3, 0, 0), 9), ((0, 0, 3), 9)], 3))
    assert (result.alpha, result.low, result.high) == (1.0, None, None)


def test_one_item_has_no_interval() -> None:
    result = agreement(of_rows([((2, 0, 1), 1)], 3))
    assert result.alpha == pytest.approx(0.0)
    assert (result.low, result.high) == (None, None)


def test_the_only_variation_in_one_item_has_no_interval() -> None:
    result = agreement(of_rows([((3, 0, 0), 9), ((2, 0, 1), 1)], 3))
    assert result.alpha is not None
    assert (result.low, result.high) == (None, None)


def test_one_disputed_item_still_has_an_interval() -> None:
    rows = [((3, 0, 0), 20), ((0, 0, 3), 20), ((2, 0, 1), 1)]
    result = agreement(of_rows(rows, 3))
    assert result.alpha is not None and result.low is not None and result.high is not None
    assert result.low < result.alpha < result.high <= 1.0


def test_agreement_below_chance_is_negative() -> None:
    result = agreement(of_rows([((1, 0, 1), 20)], 3), tie=1)
    assert result.alpha is not None and result.alpha < 0
    assert result.percent == 0.0


TABLES = st.lists(
    st.tuples(st.tuples(*[st.integers(0, 6)] * 3), st.integers(0, 50)), min_size=0, max_size=8
)


@settings(max_examples=examples(200), deadline=None)
@given(TABLES, st.sampled_from(["nominal", "ordinal", "interval"]))
def test_every_table_gives_numbers_or_none(
    rows: list[tuple[tuple[int, int, int], int]], level: Level
) -> None:
    with np.errstate(all="raise", under="ignore"):
        result = agreement(of_rows(rows, 3), level, tie=1)
    for value in (result.alpha, result.low, result.high, result.percent):
        assert value is None or np.isfinite(value)
    if result.alpha is not None:
        assert result.alpha <= 1.0
    if result.low is not None:
        assert result.alpha is not None and result.high is not None
        assert result.low <= result.alpha + 1e-9 and result.alpha <= result.high + 1e-9
        assert result.high <= 1.0
    # Turning the scale round, or writing a pattern in two rows, changes nothing.
    turned = [((c, b, a), items) for (a, b, c), items in rows]
    halves = [(counts, part) for counts, n in rows for part in (n // 2, n - n // 2)]
    for other in (turned, halves):
        again = agreement(of_rows(other, 3), level, tie=1)
        assert (again.items, again.pairs) == (result.items, result.pairs)
        assert again.alpha == pytest.approx(result.alpha, abs=1e-9)
        assert (again.low is None) == (result.low is None)


def test_a_million_items_take_half_a_second() -> None:
    every = [(a, b, 5 - a - b) for a in range(6) for b in range(6 - a)]
    items = np.random.default_rng(1).multinomial(1_000_000, [1 / len(every)] * len(every))
    patterns = of_rows(zip(every, items, strict=True))
    times = []
    for _ in range(3):
        start = time.perf_counter()
        result = agreement(patterns, "ordinal", tie=1)
        times.append(time.perf_counter() - start)
    assert result.items == 1_000_000
    assert min(times) < 0.5
