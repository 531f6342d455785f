"""Alpha of labels in long arrays: the package `krippendorff`, whole items left out, and what is undefined."""

import time

import krippendorff
import numpy as np
import pytest

from projects.stats.agreement import percent_agreement
from projects.stats.alpha import krippendorff_alpha
from projects.stats.distances import Level
from projects.stats.intervals import bootstrap_interval
from projects.stats.patterns import Patterns
from projects.stats.quantiles import t_quantile
from projects.stats.ratings import Ratings, number_ratings, ratings
from tests.stats.labels import noisy, table
from tests.stats.test_agreement import pandalm

LEVELS: tuple[Level, ...] = ("nominal", "ordinal", "interval", "ratio")


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("values", [[0, 1, 2, 3], [0, 0.5, 4, 100]])
def test_it_is_what_the_package_says(level: Level, values: list[float]) -> None:
    data = noisy(items=80, annotators=7, categories=4, missing=0.4, values=values)
    expected = krippendorff.alpha(
        reliability_data=table(data).T, level_of_measurement=level, value_domain=values
    )
    assert krippendorff_alpha(data, level).value == pytest.approx(expected, abs=1e-12)


def test_ratio_by_the_papers_example() -> None:
    # Krippendorff (2011), section E, prints .797 for four observers at the ratio level.
    rows = ["123321412   ", "1233224125 3", " 3332342251 ", "12332441251 "]
    given = [
        (item, who, float(label))
        for who, row in enumerate(rows)
        for item, label in enumerate(row)
        if label != " "
    ]
    data = number_ratings(*zip(*given, strict=True))
    assert krippendorff_alpha(data, "ratio").value == pytest.approx(0.797, abs=5e-4)


def left_out_one_by_one(data: Ratings, level: Level, clusters: np.ndarray) -> list[float]:
    """1 - alpha without each whole item that has a pair of labels, computed anew."""
    left = []
    paired = np.bincount(data.item) >= 2
    for cluster in np.unique(clusters[paired]):
        value = krippendorff_alpha(data.rows(clusters[data.item] != cluster), level).value
        assert value is not None
        left.append(1 - value)
    return left


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("facets", [1, 3])
def test_the_interval_leaves_out_whole_items(level: Level, facets: int) -> None:
    """As if every item were deleted in turn with all its facets, and alpha computed anew."""
    data = noisy(items=60, annotators=5, categories=4, missing=0.3)
    clusters = np.arange(data.items) // facets
    found = krippendorff_alpha(data, level, clusters=clusters)
    logs = np.log(left_out_one_by_one(data, level, clusters))
    n = len(logs)
    error = np.sqrt((n - 1) / n * ((logs - logs.mean()) ** 2).sum())
    assert found.value is not None and found.low is not None and found.high is not None
    middle = np.log(1 - found.value)
    assert np.log(1 - found.low) - middle == pytest.approx(middle - np.log(1 - found.high))
    quantile = t_quantile(0.975, n - 1)
    assert np.log(1 - found.low) - middle == pytest.approx(quantile * error, rel=1e-9)


def test_facets_of_one_item_are_no_new_evidence() -> None:
    """The same labels on three facets: counted as three items, the interval would be too short."""
    one = noisy(items=40, annotators=4, categories=3, missing=0.2)
    item = np.concatenate([one.item * 3 + facet for facet in range(3)])
    three = ratings(item, np.tile(one.annotator, 3), np.tile(one.label, 3))
    widths = []
    for found in (
        krippendorff_alpha(three, clusters=np.arange(three.items) // 3),
        krippendorff_alpha(three),
    ):
        assert found.low is not None and found.high is not None
        widths.append(found.high - found.low)
    assert widths[0] > 1.5 * widths[1]


@pytest.mark.parametrize("level", LEVELS)
def test_labels_and_their_histogram_have_one_alpha(level: Level) -> None:
    data = noisy(items=100, annotators=4, categories=3, missing=0.3)
    counts = np.zeros((data.items, 3), dtype=np.int64)
    np.add.at(counts, (data.item, data.label), 1)
    histogram = Patterns(*np.unique(counts, axis=0, return_counts=True))
    found, other = krippendorff_alpha(data, level), krippendorff_alpha(histogram, level)
    assert found.value == pytest.approx(other.value)
    assert (found.low, found.high) == pytest.approx((other.low, other.high))


@pytest.mark.parametrize("level", LEVELS)
def test_whole_items_of_a_histogram_are_left_out(level: Level) -> None:
    """Two facets an item: items with the same table are one cluster of patterns, which stands for all of them."""
    data = noisy(items=240, annotators=3, categories=3, missing=0.2)
    counts = np.zeros((data.items, 3), dtype=np.int64)
    np.add.at(counts, (data.item, data.label), 1)
    tables, items = np.unique(counts.reshape(-1, 6), axis=0, return_counts=True)
    assert (items > 1).any()
    histogram = Patterns(tables.reshape(-1, 3), items.repeat(2))
    clusters = np.arange(len(tables)).repeat(2)
    found = krippendorff_alpha(histogram, level, clusters=clusters)
    other = krippendorff_alpha(data, level, clusters=np.arange(data.items) // 2)
    assert found.value == pytest.approx(other.value)
    assert (found.low, found.high) == pytest.approx((other.low, other.high))
    assert found.low != pytest.approx(krippendorff_alpha(histogram, level).low)


@pytest.mark.parametrize("values", [[], [1.0], [2.0, 2.0]])
def test_without_pairs_or_variation_there_is_no_alpha(values: list[float]) -> None:
    data = number_ratings([0] * len(values), range(len(values)), values)
    for level in LEVELS:
        assert krippendorff_alpha(data, level).value is None


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("labels", [2, 3, 4])
def test_the_interval_ends_at_the_least_value_of_alpha(level: Level, labels: int) -> None:
    """Most items disagree as far as they can. With more of them alpha nears its least value, and never passes it."""
    least, cut = -1 / (labels - 1), 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        items = int(rng.integers(3, 30))
        label = np.tile(np.arange(labels), (items, 1))
        label[0] = rng.integers(0, labels, size=labels)
        who = np.tile(np.arange(labels), items)
        data = ratings(np.repeat(np.arange(items), labels), who, label.ravel(), np.arange(labels))
        found = krippendorff_alpha(data, level)
        assert found.value is not None and found.value >= least
        if found.low is not None:
            assert found.low >= least
            cut += found.low == least
    assert cut, "none of these intervals reaches below"


def test_two_zeros_do_not_differ_at_the_ratio_level() -> None:
    data = number_ratings([0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 3, 3])
    assert krippendorff_alpha(data, "ratio").value == 1.0


def test_the_ratio_level_has_no_negative_values() -> None:
    with pytest.raises(ValueError, match="negative"):
        krippendorff_alpha(number_ratings([0, 0], [0, 1], [-1, 1]), "ratio")


def test_intervals_far_from_zero_lose_no_digits() -> None:
    near = noisy(items=50, annotators=4, categories=5, missing=0.2)
    far = ratings(near.item, near.annotator, near.label, 1e9 + near.values)
    expected = krippendorff_alpha(near, "interval")
    found = krippendorff_alpha(far, "interval")
    assert found.value == pytest.approx(expected.value, abs=1e-9)
    assert found.low == pytest.approx(expected.low, abs=1e-9)


def test_thousands_of_ranks_have_the_interval_of_a_few_hundred() -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(size=300)
    item, annotator = np.repeat(np.arange(300), 3), np.tile(np.arange(3), 300)
    labels = truth[item] + rng.normal(scale=0.5, size=900)
    fine, coarse = (
        krippendorff_alpha(number_ratings(item, annotator, column), "ordinal")
        for column in (labels, labels.round(1))
    )
    assert fine.value == pytest.approx(coarse.value, abs=0.01)
    assert fine.low == pytest.approx(coarse.low, abs=0.01)
    assert fine.high == pytest.approx(coarse.high, abs=0.01)


def test_the_bootstrap_of_alpha_is_near_the_jackknife() -> None:
    """The reference's 2,000 draws of PandaLM's items gave .853 to .900."""
    whole = pandalm()
    kind = np.repeat(np.arange(len(whole.items)), whole.items)

    def alpha_of(drawn: np.ndarray) -> float:
        items = np.bincount(kind, weights=drawn, minlength=len(whole.items)).astype(np.int64)
        return krippendorff_alpha(Patterns(whole.counts, items), "ordinal").value or float("nan")

    found = bootstrap_interval(alpha_of, 999, draws=300)
    assert found.low == pytest.approx(0.853, abs=0.01)
    assert found.high == pytest.approx(0.900, abs=0.01)


def test_a_million_labels() -> None:
    rng = np.random.default_rng(1)
    item = np.repeat(np.arange(200_000), 5)
    annotator = rng.integers(0, 400, len(item)) * 5 + np.tile(np.arange(5), 200_000)
    label = np.where(rng.random(len(item)) < 0.7, item % 3, rng.integers(0, 3, len(item)))
    data = ratings(item, annotator, label)
    times = []
    for _ in range(3):
        start = time.process_time()
        found = krippendorff_alpha(data, "ordinal")
        times.append(time.process_time() - start)
    assert found.low is not None
    assert min(times) < 0.5


def test_percent_agreement_weighs_items_alike() -> None:
    data = ratings([0, 0, 1, 1, 1, 2], [0, 1, 0, 1, 2, 0], [0, 0, 0, 0, 1, 1])
    assert percent_agreement(data) == pytest.approx((1 + 1 / 3) / 2)
    assert percent_agreement(data.rows(np.array([True, False, True, False, False, True]))) is None
