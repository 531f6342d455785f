"""Consensus by majority and the probability that it is right."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.stats.consensus import (
    ACCURACY_RANGE,
    PRIOR_ACCURACY,
    Standing,
    accuracy_of,
    accuracy_of_pairs,
    consensus,
    consensus_table,
    leading,
    pair_agreement,
    standing,
)
from tests.stats.counted import of_matrix, of_rows

SIGNED = (-1, 0, 1)


def test_bayes_by_hand() -> None:
    # p = .8, K = 3: a right vote .8, a wrong one .1. Votes 2:0:1: weights .8*.8*.1 = .064,
    # .1*.1*.1 = .001, .1*.1*.8 = .008.
    result = consensus([2, 0, 1], 0.8, SIGNED)
    assert result.label == -1
    assert result.probability == pytest.approx(0.064 / 0.073)
    assert result.state == "agreed"
    assert consensus([0, 1, 2], 0.8, SIGNED).label == 1
    assert consensus([0, 3, 0], 0.8, SIGNED).label == 0


def test_two_answers_that_lead_together_have_no_label() -> None:
    result = consensus([1, 0, 1], 0.8, SIGNED)
    assert (result.label, result.state) == (None, "contested")
    assert result.probability == pytest.approx(0.08 / 0.17)


@pytest.mark.parametrize(
    ("votes", "state"),
    [
        ([1, 0, 0], "agreed"),
        ([2, 0, 0], "agreed"),
        ([1, 1, 0], "contested"),
        ([2, 0, 1], "agreed"),
        ([3, 0, 2], "agreed"),
        ([2, 1, 2], "contested"),
    ],
)
@pytest.mark.parametrize("accuracy", [0.6, 0.95])
def test_contested_is_where_no_answer_leads_alone(
    votes: list[int], state: str, accuracy: float
) -> None:
    """Holds for any reliabilities of the annotators."""
    assert consensus(votes, accuracy, SIGNED).state == state
    assert (leading(votes) is None) == (state == "contested")


@pytest.mark.parametrize(
    ("votes", "lead"), [([0, 0], None), ([1, 0], 0), ([1, 1], None), ([0, 2, 1], 1), ([], None)]
)
def test_what_leads_alone(votes: list[int], lead: int | None) -> None:
    assert leading(votes) == lead


def test_a_standing_is_of_the_weakest_facet() -> None:
    assert standing(np.array([[3, 1, 0], [0, 2, 0]])) == Standing(lead=0, votes=2, margin=2)
    assert standing(np.array([[1, 1, 0]])) == Standing(lead=None, votes=2, margin=0)


def test_no_votes() -> None:
    assert consensus([0, 0, 0], 0.8, SIGNED) == consensus([0, 0], 0.8, labels=(0, 1))
    assert consensus([0, 0, 0], 0.8, SIGNED).probability is None


@pytest.mark.parametrize("categories", [2, 3, 5])
@pytest.mark.parametrize("accuracy", [0.6, 0.75, 0.9])
def test_accuracy_is_read_back_from_the_agreement_it_makes(
    categories: int, accuracy: float
) -> None:
    pairs = 10**9
    found = accuracy_of_pairs(pair_agreement(accuracy, categories) * pairs, pairs, categories)
    assert found == pytest.approx(accuracy, abs=1e-6)


def test_accuracy_starts_at_the_prior_and_stays_in_its_range() -> None:
    assert accuracy_of_pairs(0, 0, 3) == pytest.approx(PRIOR_ACCURACY)
    assert accuracy_of(of_rows([], 3)) == pytest.approx(PRIOR_ACCURACY)
    assert accuracy_of_pairs(0, 10**6, 3) == ACCURACY_RANGE[0]
    assert accuracy_of_pairs(10**6, 10**6, 3) == ACCURACY_RANGE[1]
    # One pair that disagrees moves it a little, not to the floor.
    assert 0.75 < accuracy_of_pairs(0, 1, 3) < PRIOR_ACCURACY


def test_accuracy_of_simulated_votes_and_its_calibration() -> None:
    rng = np.random.default_rng(3)
    items, labels, true = 40_000, 3, 0.75
    truth = rng.integers(0, 3, size=items)
    wrong = (truth[:, None] + rng.integers(1, 3, size=(items, labels))) % 3
    given_ = np.where(rng.random((items, labels)) < true, truth[:, None], wrong)
    votes = np.stack([(given_ == k).sum(axis=1) for k in range(3)], axis=1)
    accuracy = accuracy_of(of_matrix(votes))
    assert accuracy == pytest.approx(true, abs=0.01)
    table = consensus_table(votes, accuracy)
    named = table.index >= 0
    right = (table.index == truth)[named].mean()
    assert table.probability[named].mean() == pytest.approx(right, abs=0.01)


@given(
    st.lists(st.lists(st.integers(0, 10**6), min_size=3, max_size=3), min_size=1, max_size=20),
    st.floats(0.55, 0.97),
)
def test_the_table_says_what_the_single_item_says(rows: list[list[int]], accuracy: float) -> None:
    table = consensus_table(np.array(rows), accuracy)
    for row, index, probability, contested in zip(
        rows, table.index, table.probability, table.contested, strict=True
    ):
        one = consensus(row, accuracy, SIGNED)
        assert one.label == (None if index < 0 else index - 1)
        assert contested == (one.state == "contested")
        if one.probability is None:
            assert np.isnan(probability)
        else:
            assert probability == pytest.approx(one.probability)
            assert 1 / 3 <= one.probability <= 1.0


@pytest.mark.parametrize(
    ("votes", "accuracy"), [([1, 0], 0.8), ([-1, 0, 2], 0.8), ([1, 0, 0], 1.0), ([1, 0, 0], 0.2)]
)
def test_what_makes_no_sense_is_refused(votes: list[int], accuracy: float) -> None:
    with pytest.raises(ValueError):
        consensus(votes, accuracy, SIGNED)
