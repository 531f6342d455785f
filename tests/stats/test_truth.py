"""Truth inference: crowd-kit's results, gold, thin data and the choice of a model."""

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from crowdkit.aggregation import DawidSkene as CrowdKit

from projects.stats.dawid_skene import dawid_skene
from projects.stats.model_choice import choose_model
from projects.stats.one_coin import one_coin
from projects.stats.ordinal import ordinal_consensus
from projects.stats.ratings import Ratings, ratings
from projects.stats.truth import majority_accuracy_ties_shared, majority_vote


@dataclass(frozen=True)
class Crowd:
    """Simulated labels and what is true."""

    data: Ratings
    truth: np.ndarray


def crowd(
    *, items: int, annotators: int, overlap: int, confusion: np.ndarray | None = None, seed: int = 2
) -> Crowd:
    """Labels of annotators with one coin each (or with these matrices of confusion), in three categories."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, items)
    item = np.repeat(np.arange(items), overlap)
    annotator = np.concatenate([rng.permutation(annotators)[:overlap] for _ in range(items)])
    skill = rng.uniform(0.4, 0.95, annotators)
    if confusion is None:
        confusion = np.stack([np.eye(3) * (p - (1 - p) / 2) + (1 - p) / 2 for p in skill])
    chances = confusion[annotator % len(confusion), truth[item]].cumsum(axis=1)
    label = (rng.random(len(item))[:, None] > chances[:, :-1]).sum(axis=1)
    order = rng.permutation(len(item))
    return Crowd(ratings(item[order], annotator[order], label[order], [0, 1, 2]), truth)


@pytest.fixture(scope="module")
def simple() -> Crowd:
    return crowd(items=600, annotators=40, overlap=5)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, within crowd-kit
def test_it_is_crowd_kits_posterior(simple: Crowd) -> None:
    """After as many steps as crowd-kit takes, for it stops by another rule."""
    data = simple.data
    frame = pd.DataFrame({"task": data.item, "worker": data.annotator, "label": data.label})
    kit = CrowdKit(n_iter=20, tol=1e-9).fit(frame)
    ours = dawid_skene(data, smoothing=0, iterations=len(kit.loss_history_))
    theirs = kit.probas_.sort_index()[[0, 1, 2]].to_numpy()
    assert np.abs(ours.posterior - theirs).max() < 1e-6
    assert (ours.truth.label == kit.labels_.sort_index().to_numpy()).all()


def test_posteriors_and_matrices_are_probabilities(simple: Crowd) -> None:
    full, coin = dawid_skene(simple.data), one_coin(simple.data)
    assert full.converged and coin.converged
    assert full.posterior.sum(axis=1) == pytest.approx(1)
    assert full.confusion.sum(axis=2) == pytest.approx(1)
    assert coin.posterior().sum(axis=1) == pytest.approx(1)
    assert coin.truth.probability == pytest.approx(coin.posterior().max(axis=1))
    assert (coin.truth.label == coin.posterior().argmax(axis=1)).all()


def test_both_models_beat_the_majority_where_skill_differs(simple: Crowd) -> None:
    base = majority_vote(simple.data).accuracy(simple.truth)
    full = dawid_skene(simple.data).truth.accuracy(simple.truth)
    coin = one_coin(simple.data).truth.accuracy(simple.truth)
    assert base and full and coin
    assert full > base + 0.02 and coin > base + 0.02


def test_one_coin_is_chosen_where_annotators_are_coins(simple: Crowd) -> None:
    found = choose_model(simple.data)
    assert found.chosen == "one_coin"
    assert found.one_coin is not None and found.dawid_skene is not None


def test_dawid_skene_is_chosen_where_annotators_confuse_categories() -> None:
    swaps = np.array([[0.9, 0.05, 0.05], [0.05, 0.35, 0.6], [0.05, 0.1, 0.85]])
    other = np.array([[0.6, 0.35, 0.05], [0.05, 0.9, 0.05], [0.05, 0.05, 0.9]])
    made = crowd(items=500, annotators=10, overlap=5, confusion=np.stack([swaps, other]))
    assert choose_model(made.data, rounds=2).chosen == "dawid_skene"
    base = majority_vote(made.data).accuracy(made.truth)
    full = dawid_skene(made.data).truth.accuracy(made.truth)
    assert base and full and full > base


@pytest.mark.parametrize("seed", range(4))
def test_the_chosen_model_is_not_worse_than_the_majority_on_thin_data(seed: int) -> None:
    """Three labels an item, and a handful an annotator: Dawid and Skene's matrices fit noise."""
    made = crowd(items=300, annotators=150, overlap=3, seed=seed)
    chosen = choose_model(made.data, rounds=1).chosen
    fit = dawid_skene(made.data) if chosen == "dawid_skene" else one_coin(made.data)
    base, found = majority_vote(made.data).accuracy(made.truth), fit.truth.accuracy(made.truth)
    assert base and found and found >= base - 0.01


def test_gold_keeps_its_category_and_teaches_who_is_good(simple: Crowd) -> None:
    gold = np.full(600, -1)
    gold[:300] = (simple.truth[:300] + 1) % 3
    for fit in (dawid_skene(simple.data, gold=gold), one_coin(simple.data, gold=gold)):
        posterior = fit.posterior if isinstance(fit.posterior, np.ndarray) else fit.posterior()
        assert (posterior[np.arange(300), gold[:300]] > 0.999).all()
    # With everything known, an accuracy is the share of right answers, drawn to the prior.
    data = simple.data
    right = np.bincount(data.annotator, weights=data.label == simple.truth[data.item])
    answers = np.bincount(data.annotator)
    found = one_coin(data, gold=simple.truth).accuracy
    assert found == pytest.approx((right + 4) / (answers + 5))


def test_who_has_one_label_is_near_the_population() -> None:
    item = [*np.repeat(np.arange(20), 3), 0]
    annotator = [*np.tile(np.arange(3), 20), 3]
    label = [*np.repeat(np.arange(20) % 2, 3), 1]
    fit = one_coin(ratings(item, annotator, label))
    assert fit.accuracy[:3].min() > 0.9
    # Beta(4, 1) and one wrong answer.
    assert fit.accuracy[3] == pytest.approx(4 / 6, abs=0.01)


def test_an_item_without_labels_has_no_truth() -> None:
    data = ratings([0, 0, 2, 2], [0, 1, 0, 1], [1, 1, 0, 1])
    for truth in (majority_vote(data), dawid_skene(data).truth, one_coin(data).truth):
        assert truth.label[1] == -1 and np.isnan(truth.probability[1]) and not truth.tied[1]
        assert truth.label[0] == 1


def test_a_tie_is_told_and_may_be_shared() -> None:
    data = ratings([0, 0, 1, 1, 1], [0, 1, 0, 1, 2], [0, 1, 1, 1, 0])
    found = majority_vote(data)
    assert found.tied.tolist() == [True, False]
    assert found.label.tolist() == [0, 1]
    assert found.accuracy([0, 1]) == 1.0
    assert majority_accuracy_ties_shared(data, [0, 1]) == 0.75
    assert found.accuracy([-1, -1]) is None
    assert majority_accuracy_ties_shared(data, [-1, -1]) is None


def test_one_category_or_one_label_is_no_trouble() -> None:
    for data in (ratings([0, 0], [0, 1], [0, 0]), ratings([0], [0], [0])):
        assert dawid_skene(data).truth.label.tolist() == [0]
        assert one_coin(data).truth.label.tolist() == [0]
        assert choose_model(data).chosen == "one_coin"


def test_no_label_is_refused() -> None:
    for model in (dawid_skene, one_coin):
        with pytest.raises(ValueError, match="label"):
            model(ratings([], [], []))


def test_thousands_of_categories_are_for_one_coin_alone() -> None:
    rng = np.random.default_rng(1)
    item, annotator = np.repeat(np.arange(4000), 3), np.tile(np.arange(3), 4000)
    label = np.where(annotator < 2, item, rng.integers(0, 4000, len(item)))
    data = ratings(item, annotator, label)
    with pytest.raises(ValueError, match="categories"):
        dawid_skene(data)
    assert choose_model(data).chosen == "one_coin"
    assert one_coin(data).truth.accuracy(np.arange(4000)) == 1.0


def test_a_million_labels_take_seconds() -> None:
    rng = np.random.default_rng(1)
    item = np.repeat(np.arange(200_000), 5)
    annotator = rng.integers(0, 400, len(item)) * 5 + np.tile(np.arange(5), 200_000)
    label = np.where(rng.random(len(item)) < 0.7, item % 3, rng.integers(0, 3, len(item)))
    start = time.process_time()
    fit = dawid_skene(ratings(item, annotator, label))
    assert time.process_time() - start < 4
    assert fit.converged


def test_the_ordinal_consensus_is_the_median() -> None:
    found = ordinal_consensus([[3, 0, 2], [1, 0, 1], [1, 1, 2], [0, 0, 0], [np.nan, 1, 1]])
    assert found.low.tolist() == [0, 0, 1, -1, -1]
    assert found.high.tolist() == [0, 2, 2, -1, -1]
    assert found.expected_error[:3] == pytest.approx([0.8, 1.0, 0.75])
    assert np.isnan(found.expected_error[3:]).all()


@pytest.mark.parametrize("table", [[], [[]], [[-1, 2]]])
def test_what_is_no_table_of_probabilities_is_refused(table: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="probabilities"):
        ordinal_consensus(table)
