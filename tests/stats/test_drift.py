"""The monitors step by step, what they keep, and how they behave on simulated annotators."""

import json
import random
import time
from dataclasses import asdict
from math import log

import numpy as np
import pytest

from projects.stats.change_point import change_point
from projects.stats.cusum import (
    BernoulliCusum,
    CusumState,
    TwoSidedCusum,
    TwoSidedState,
    bernoulli_cusum,
)
from projects.stats.drift import evidence, first_alarm, soft_truth
from projects.stats.self_starting import (
    SelfStartingCusum,
    SelfStartingState,
    self_starting_cusum,
)
from projects.stats.simulations import simulate


def series(accuracy: float, length: int, seed: int) -> list[float]:
    draw = random.Random(seed)
    return [float(draw.random() < accuracy) for _ in range(length)]


def test_a_step_adds_the_log_likelihood_ratio_and_stops_at_zero() -> None:
    rule = BernoulliCusum()
    state = rule.step(rule.step(rule.start(), 0), 0)
    assert state == CusumState(pytest.approx(2 * log(0.35 / 0.15)), 2, 0)
    state = rule.step(state, 1)
    assert state.score == pytest.approx(2 * log(0.35 / 0.15) + log(0.65 / 0.85))
    # From zero, a right judgment starts the sum anew.
    assert rule.step(CusumState(0.0, 7, 3), 1) == CusumState(0.0, 8, 8)


def test_the_alarm_says_when_the_change_began() -> None:
    found = bernoulli_cusum(series(0.95, 150, 1) + series(0.3, 100, 2))
    assert found.alarm_at is not None and 150 < found.alarm_at <= 175
    assert found.since is not None and abs(found.since - 150) <= 5
    assert found.score >= 7


def test_a_series_without_an_alarm_ends_with_its_score() -> None:
    found = bernoulli_cusum([1, 0])
    assert (found.alarm_at, found.since) == (None, None)
    assert found.score == pytest.approx(log(0.35 / 0.15))


@pytest.mark.parametrize("categories", [2, 5])
def test_certain_truth_needs_no_number_of_categories(categories: int) -> None:
    assert evidence(1, 0.85, 0.65, categories) == pytest.approx(log(0.65 / 0.85))
    assert evidence(0, 0.85, 0.65, categories) == pytest.approx(log(0.35 / 0.15))
    # An answer as probable as any other is no evidence.
    assert evidence(1 / categories, 0.85, 0.65, categories) == pytest.approx(0)


@pytest.mark.parametrize("right", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(right: float) -> None:
    for rule in (BernoulliCusum(), SelfStartingCusum(learning=0)):
        with pytest.raises(ValueError, match="probability"):
            rule.step(rule.start(), right)
    with pytest.raises(ValueError, match="finite"):
        TwoSidedCusum().step(TwoSidedState(), float("nan"))
    with pytest.raises(ValueError, match="accuracies"):
        BernoulliCusum(before=0.6, after=0.7)


def test_truth_from_the_others() -> None:
    agree, split, against = [(0, 0.85)] * 2, [(0, 0.85), (1, 0.85)], [(1, 0.85)] * 2
    assert soft_truth(0, agree) == pytest.approx(0.85**2 / (0.85**2 + 0.15**2))
    assert soft_truth(0, agree * 2) == 0.97
    assert soft_truth(0, split) == pytest.approx(0.5)
    assert soft_truth(0, against * 2) == pytest.approx(0.03)
    assert soft_truth(0, [], categories=4) == 0.25
    # One label of accuracy .85 among three categories.
    assert soft_truth(0, [(0, 0.85)], categories=3) == pytest.approx(0.85)
    assert soft_truth(1, [(0, 0.85)], categories=3) == pytest.approx(0.075)


def test_the_self_starting_rule_learns_first_and_then_with_a_delay() -> None:
    rule = SelfStartingCusum(learning=3, delay=2)
    state = rule.start()
    for right in (1, 0, 1):
        state = rule.step(state, right)
    assert state == SelfStartingState(0.0, 3, 3, 2.0, 1.0, ())
    for right in (1, 1):
        state = rule.step(state, right)
    assert (state.right, state.wrong, state.recent) == (2.0, 1.0, (1, 1))
    state = rule.step(state, 0)
    assert (state.right, state.recent) == (3.0, (1, 0))


def test_a_fall_does_not_teach_the_self_starting_rule() -> None:
    """While the sum is over half the threshold nothing is learnt."""
    rule = SelfStartingCusum(learning=0, delay=0)
    state = SelfStartingState(score=4.0, seen=9, right=9.0)
    after = rule.step(state, 0)
    assert (after.right, after.wrong) == (9.0, 0.0) and after.score > 4


def test_uncertain_judgments_are_learnt_in_part() -> None:
    rule = SelfStartingCusum(learning=1)
    state = rule.step(rule.start(), 0.5)
    assert state.right + state.wrong == 1.0
    # As probable either way, it is as right as the prior says.
    assert state.right == pytest.approx(16.86 / (16.86 + 2.97))


def test_a_guesser_has_rates_too() -> None:
    before, after = SelfStartingCusum().rates(0.0, 1e6)
    assert 0 < after < before < 1


@pytest.mark.parametrize("rule", [BernoulliCusum(), SelfStartingCusum(), TwoSidedCusum()])
def test_a_state_kept_as_json_goes_on_as_if_it_had_not_been(
    rule: BernoulliCusum | SelfStartingCusum | TwoSidedCusum,
) -> None:
    state = rule.start()
    for right in series(0.7, 120, 3):
        state = rule.step(state, right)
        kept = json.loads(json.dumps(asdict(state)))
        assert type(state).restore(kept) == state
    assert len(json.dumps(asdict(state))) < 500


@pytest.mark.parametrize("rule", [BernoulliCusum(), SelfStartingCusum(), TwoSidedCusum()])
def test_a_step_takes_microseconds(
    rule: BernoulliCusum | SelfStartingCusum | TwoSidedCusum,
) -> None:
    outcomes = series(0.85, 5000, 4)
    state, start = rule.start(), time.process_time()
    for right in outcomes:
        state = rule.step(state, right)
    assert (time.process_time() - start) / len(outcomes) < 50e-6


def test_times_that_shift_either_way_are_found() -> None:
    steady = np.random.default_rng(1).normal(size=200).tolist()
    for shift in (1.5, -1.5):
        shifted = [z + shift for z in np.random.default_rng(2).normal(size=60)]
        found = first_alarm(steady + shifted, TwoSidedCusum())
        assert found.alarm_at is not None and 200 < found.alarm_at < 220
        assert found.since is not None and abs(found.since - 200) <= 5
    assert first_alarm(steady, TwoSidedCusum()).alarm_at is None


def test_the_change_point_of_an_annotator_who_turned_round() -> None:
    found = change_point(series(0.85, 150, 5) + series(0.15, 100, 6))
    assert found is not None
    assert abs(found.after - 150) <= 5
    assert (found.before, found.later) == pytest.approx((0.85, 0.15), abs=0.08)
    assert found.evidence > 20


def test_the_likeliest_change_is_the_best_of_all() -> None:
    outcomes = series(0.8, 30, 7) + series(0.4, 30, 8)

    def likelihood(part: list[float]) -> float:
        share = sum(part) / len(part)
        return sum(log(share if right else 1 - share) for right in part)

    gains = {cut: likelihood(outcomes[:cut]) + likelihood(outcomes[cut:]) for cut in range(5, 56)}
    found = change_point(outcomes, at_least=5)
    assert found is not None and found.after == max(gains, key=gains.__getitem__)
    assert found.evidence == pytest.approx(gains[found.after] - likelihood(outcomes))


def test_judgments_without_an_outcome_are_counted_and_passed_over() -> None:
    found = change_point([1, np.nan, 1, 1, np.nan, 0, 0, np.nan, 0])
    assert found is not None and (found.after, found.before, found.later) == (4, 1.0, 0.0)


@pytest.mark.parametrize("outcomes", [[], [1], [1, 1, 1], [np.nan, np.nan]])
def test_without_a_change_there_is_no_change_point(outcomes: list[float]) -> None:
    assert change_point(outcomes) is None


def test_what_is_no_outcome_is_refused() -> None:
    with pytest.raises(ValueError, match="outcomes"):
        change_point([0, 2])


def test_steady_and_falling_annotators_in_a_series() -> None:
    rule = SelfStartingCusum()
    alarms = [self_starting_cusum(series(0.9, 550, seed), rule).alarm_at for seed in range(20)]
    assert sum(at is not None for at in alarms) <= 2
    falls = [
        self_starting_cusum(series(0.85, 300, seed) + series(0.5, 200, 99 + seed), rule).alarm_at
        for seed in range(20)
    ]
    assert all(at is not None for at in falls)


@pytest.mark.slow
def test_the_simulated_figures_are_within_their_bounds() -> None:
    """A small form of `manage.py stats_simulations`."""
    rows = list(simulate(0.03))
    assert len(rows) > 10
    assert [row for row in rows if not row.met] == []
