"""Fleiss' and Cohen's kappa and Gwet's AC by published values and kept libraries."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from projects.stats.annotators import annotator_pairs, leave_one_out
from projects.stats.gwet import Weighting, gwet_ac1, gwet_ac2
from projects.stats.kappa import KappaWeights, cohen_kappa, fleiss_kappa
from projects.stats.ratings import Ratings, ratings
from tests.stats.counted import of_matrix, of_rows
from tests.stats.labels import noisy, table
from tests.stats.test_agreement import pandalm

# Fleiss, Psychological Bulletin 76 (1971) is the method; ten subjects, fourteen raters, five categories: kappa .210.
TEN_SUBJECTS = [
    *([0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1]),
    *([7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]),
]


def test_fleiss_of_the_textbooks_table() -> None:
    assert fleiss_kappa(of_matrix(TEN_SUBJECTS)).value == pytest.approx(0.210, abs=5e-4)


# What irrCAC 0.4.4 says of PandaLM (see test_agreement.py): coefficient and standard error.
@pytest.mark.parametrize(
    ("weighting", "value", "error"),
    [
        ("identity", 0.88644, 0.0098),
        ("ordinal", 0.8705, 0.01246),
        ("quadratic", 0.86707, 0.01326),
    ],
)
def test_gwet_of_pandalm(weighting: Weighting, value: float, error: float) -> None:
    found = gwet_ac2(pandalm(), weighting)
    assert found.value == pytest.approx(value, abs=1e-5)
    assert found.standard_error == pytest.approx(error, abs=1e-5)
    if weighting == "identity":
        assert gwet_ac1(pandalm()) == found
        # irrCAC's interval.
        assert (found.low, found.high) == pytest.approx((0.86721, 0.90568), abs=1e-5)


def test_fleiss_of_pandalm() -> None:
    found = fleiss_kappa(pandalm())
    assert found.value == pytest.approx(0.864175, abs=1e-6)
    assert found.standard_error == pytest.approx(0.01156, abs=1e-5)


def ac_by_hand(data: Ratings, credit: np.ndarray) -> float:
    """Gwet (2014) as it is written, with a weight matrix and loops."""
    counts = np.zeros((data.items, data.categories))
    np.add.at(counts, (data.item, data.label), 1)
    paired = [row for row in counts if row.sum() >= 2]
    observed = np.mean(
        [
            sum(row[k] * ((credit @ row)[k] - 1) for k in range(len(row)))
            / (row.sum() * (row.sum() - 1))
            for row in paired
        ]
    )
    pi = np.mean([row / row.sum() for row in counts if row.sum()], axis=0)
    q = data.categories
    chance = credit.sum() / (q * (q - 1)) * (pi * (1 - pi)).sum()
    return float((observed - chance) / (1 - chance))


@pytest.mark.parametrize("weighting", ["identity", "ordinal", "quadratic"])
def test_gwet_with_missing_labels_is_the_matrix_formula(weighting: Weighting) -> None:
    values = np.array([0.0, 1.0, 5.0, 6.0])
    data = noisy(items=60, annotators=6, categories=4, missing=0.6, values=values.tolist())
    apart = np.abs(np.arange(4)[:, None] - np.arange(4)[None, :])
    credit = {
        "identity": np.eye(4),
        "ordinal": 1 - apart * (apart + 1) / 12,
        "quadratic": 1 - ((values[:, None] - values[None, :]) / 6) ** 2,
    }[weighting]
    assert gwet_ac2(data, weighting).value == pytest.approx(ac_by_hand(data, credit), abs=1e-12)


def test_one_category_or_no_pair_has_no_ac_and_no_kappa() -> None:
    for data in (ratings([], [], []), ratings([0, 1], [0, 0], [0, 1])):
        assert gwet_ac1(data).value is None and fleiss_kappa(data).value is None
    alike = ratings([0, 0], [0, 1], [0, 0])
    assert gwet_ac1(alike).value is None
    assert fleiss_kappa(alike).value is None


def test_labels_all_alike_among_two_categories_are_full_agreement_for_ac1_alone() -> None:
    alike = of_rows([((3, 0), 9)], 2)
    assert gwet_ac1(alike).value == 1.0
    assert fleiss_kappa(alike).value is None


def test_one_item_has_no_error() -> None:
    found = gwet_ac1(of_rows([((2, 1), 1)], 2))
    assert found.value is not None and found.standard_error is None and found.low is None


def pair(missing: float = 0.0, labels: int = 4) -> tuple[np.ndarray, np.ndarray]:
    data = noisy(items=200, annotators=2, categories=labels, missing=missing)
    matrix = table(data)
    codes = np.where(np.isnan(matrix), -1, np.nan_to_num(matrix)).astype(int)
    return codes[:, 0], codes[:, 1]


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_cohen_is_what_scikit_learn_says(weights: KappaWeights | None) -> None:
    a, b = pair(missing=0.2)
    both = (a >= 0) & (b >= 0)
    expected = cohen_kappa_score(a[both], b[both], labels=range(4), weights=weights)
    assert cohen_kappa(a, b, 4, weights).value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_cohens_error_is_that_of_the_bootstrap(weights: KappaWeights | None) -> None:
    a, b = pair()
    rng = np.random.default_rng(1)
    drawn = [
        cohen_kappa(a[rows], b[rows], 4, weights).value
        for rows in (rng.integers(0, 200, 200) for _ in range(1000))
    ]
    found = cohen_kappa(a, b, 4, weights)
    assert found.standard_error == pytest.approx(np.std(drawn), rel=0.08)


def test_cohen_without_a_common_item_or_variation_is_undefined() -> None:
    assert cohen_kappa([0, -1], [-1, 0], 2).value is None
    assert cohen_kappa([1, 1], [1, 1], 2).value is None
    assert cohen_kappa([], [], 2).value is None
    one = cohen_kappa([0], [1], 2)
    assert one.value == 0.0 and one.standard_error is None
    with pytest.raises(ValueError, match="codes"):
        cohen_kappa([0, 2], [0, 0], 2)


@pytest.mark.parametrize("at_once", [50, 2_000_000])
def test_pairs_of_annotators_are_what_scikit_learn_says(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many pairs of labels are looked at together."""
    monkeypatch.setattr("projects.stats.annotators.PAIRS_AT_ONCE", at_once)
    data = noisy(items=60, annotators=8, categories=3, missing=0.5)
    matrix = table(data)
    found = annotator_pairs(data, shared=15)
    expected = {}
    for a in range(8):
        for b in range(a + 1, 8):
            both = ~np.isnan(matrix[:, a]) & ~np.isnan(matrix[:, b])
            if both.sum() >= 15:
                x, y = matrix[both, a].astype(int), matrix[both, b].astype(int)
                expected[a, b] = [
                    both.sum(),
                    (x == y).mean(),
                    cohen_kappa_score(x, y, labels=[0, 1, 2]),
                    cohen_kappa_score(x, y, labels=[0, 1, 2], weights="quadratic"),
                ]
    columns = (found.shared, found.agreement, found.kappa, found.quadratic_kappa)
    names = list(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert 0 < len(expected) < 28
    assert sorted(expected) == sorted(names)
    for name, row in zip(names, np.column_stack(columns), strict=True):
        assert row == pytest.approx(expected[name])
    kappas = [row[2] for row in expected.values()]
    assert found.mean_kappa() == pytest.approx(np.mean(kappas))


def test_pairs_without_a_kappa_are_left_out_of_the_mean() -> None:
    item, annotator = np.repeat(np.arange(12), 3), np.tile(np.arange(3), 12)
    label = np.where(annotator == 2, item % 2, 0)
    found = annotator_pairs(ratings(item, annotator, label))
    assert np.isnan(found.kappa).tolist() == [True, False, False]
    assert found.mean_kappa() == 0.0
    assert annotator_pairs(ratings([0], [0], [0])).mean_kappa() is None
    assert annotator_pairs(ratings([], [], [])).mean_kappa() is None


def against_the_rest_by_hand(data: Ratings) -> dict[int, list[float]]:
    credits: dict[int, list[float]] = {}
    for row in range(len(data.item)):
        others = (data.item == data.item[row]) & (np.arange(len(data.item)) != row)
        if others.any():
            votes = np.bincount(data.label[others], minlength=data.categories)
            leads = votes == votes.max()
            credit = leads[data.label[row]] / leads.sum()
            credits.setdefault(int(data.annotator[row]), []).append(float(credit))
    return credits


def test_each_annotator_against_the_rest_label_by_label() -> None:
    data = noisy(items=50, annotators=7, categories=4, missing=0.5)
    found = leave_one_out(data)
    expected = against_the_rest_by_hand(data)
    for annotator in range(7):
        assert found.compared[annotator] == len(expected[annotator])
        assert found.share[annotator] == pytest.approx(np.mean(expected[annotator]))


def test_who_shares_no_item_has_no_share() -> None:
    found = leave_one_out(ratings([0, 0, 1], [0, 1, 2], [1, 1, 0]))
    assert found.compared.tolist() == [1, 1, 0]
    assert found.share[:2].tolist() == [1.0, 1.0] and np.isnan(found.share[2])
