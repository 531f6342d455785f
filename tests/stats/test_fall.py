"""What others' labels say of a judgment, and falls of accuracy found from that."""

import json
import random
import time
from dataclasses import asdict
from statistics import fmean

import pytest

from projects.stats.fall import ACCURACIES, FallDetector, FallState, first_fall
from projects.stats.judgment import EASES, Judgment, inferred, known


def series(accuracy: float, length: int, seed: str) -> list[Judgment]:
    draw = random.Random(seed)
    return [known(draw.random() < accuracy) for _ in range(length)]


def test_a_known_judgment_is_as_likely_as_the_accuracy_says() -> None:
    assert known(True).likelihood(0.8) == pytest.approx(0.8)
    assert known(False).likelihood(0.8) == pytest.approx(0.2)
    # One of three wrong answers.
    assert known(False, categories=4).likelihood(0.7) == pytest.approx(0.1)


@pytest.mark.parametrize("categories", [2, 3, 5])
def test_the_likelihoods_of_all_answers_sum_to_one(categories: int) -> None:
    others = [(0, 0.9), (1, 0.7), (0, 0.6)]
    for accuracy in (0.4, 0.8, 0.95):
        likely = [
            inferred(answer, others, categories=categories).likelihood(accuracy)
            for answer in range(categories)
        ]
        assert sum(likely) == pytest.approx(1.0, abs=0.02)


def test_others_who_agree_say_more_than_others_who_do_not() -> None:
    agree, against = inferred(0, [(0, 0.85)] * 2), inferred(1, [(0, 0.85)] * 2)
    split = inferred(0, [(0, 0.85), (1, 0.85)])
    assert agree.right > 0.9 and against.right < 0.1
    assert split.right == pytest.approx(0.5)
    assert split.pull == pytest.approx(0.0) and agree.pull == pytest.approx(-against.pull)
    # On the easy items, on which others agree, errors are rarer than on the usual ones.
    assert 0.5 < agree.pull < 2 * agree.right - 1.1
    nobody = inferred(0, [], categories=4)
    assert nobody == Judgment(pytest.approx(0.25), pytest.approx(0.0, abs=0.02))
    with pytest.raises(ValueError, match="between"):
        inferred(0, [(0, 1.0)])


def test_the_eases_have_the_mean_of_all_items() -> None:
    assert fmean(EASES) == pytest.approx(1.0, abs=0.01)


def test_a_fall_is_found_and_said_when_it_began() -> None:
    found = first_fall(series(0.92, 150, "before") + series(0.4, 60, "after"))
    assert found.alarm_at is not None and 150 < found.alarm_at <= 175
    assert found.since is not None and abs(found.since - 150) <= 12
    steady = first_fall(series(0.92, 400, "steady"))
    assert steady.alarm_at is None and steady.score < FallDetector().threshold / 2


def test_a_low_level_from_the_start_is_no_fall() -> None:
    for seed in range(5):
        assert first_fall(series(0.6, 300, f"low {seed}")).alarm_at is None


def test_nothing_falls_before_there_is_something_to_compare_with() -> None:
    rule = FallDetector(learning=30)
    state = rule.start()
    for judgment in series(0.9, 30, "learning"):
        state = rule.step(state, judgment)
    assert not any(state.fallen)
    assert any(rule.step(state, known(False)).fallen)


def test_after_an_alarm_the_new_level_is_the_usual_one() -> None:
    rule = FallDetector()
    state, alarms = rule.start(), []
    for at, judgment in enumerate(series(0.9, 200, "good") + series(0.55, 600, "bad"), start=1):
        state = rule.step(state, judgment)
        if state.score >= rule.threshold:
            alarms.append(at)
            state = rule.after_alarm(state)
    assert len(alarms) == 1 and 200 < alarms[0] < 240
    assert 0.5 < state.accuracy() < 0.62


def test_the_belief_follows_the_work() -> None:
    rule, state = FallDetector(), FallDetector().start()
    assert state.accuracy() == pytest.approx(0.84, abs=0.02)
    for judgment in series(0.95, 200, "expert"):
        state = rule.step(state, judgment)
    assert state.accuracy() == pytest.approx(0.94, abs=0.02) and state.at_most(0.6) < 1e-4
    for judgment in series(0.5, 100, "guesses"):
        state = rule.step(state, judgment)
    assert state.accuracy() < 0.62, "a fall is believed, and not averaged away"
    assert state.at_most(0.6) > 0.9 and abs(state.at_most_since(0.6) - 200) <= 12
    low = rule.start()
    for judgment in series(0.5, 100, "guesses"):
        low = rule.step(low, judgment)
    assert low.at_most(0.6) > 0.9 and low.at_most_since(0.6) == 0


def test_the_weights_are_probabilities() -> None:
    rule, state = FallDetector(), FallDetector().start()
    for judgment in series(0.7, 100, "weights"):
        state = rule.step(state, judgment)
        assert sum(state.steady) == pytest.approx(1.0) == sum(state.belief())
    assert len(state.steady) == len(ACCURACIES)


def test_a_state_kept_as_json_goes_on_as_if_it_had_not_been() -> None:
    rule, state = FallDetector(), FallDetector().start()
    for judgment in series(0.7, 120, "json"):
        state = rule.step(state, judgment)
    kept = json.dumps(asdict(state))
    assert FallState.restore(json.loads(kept)) == state and len(kept) < 1200


def test_a_step_takes_microseconds() -> None:
    rule, state = FallDetector(), FallDetector().start()
    judgments = series(0.85, 3000, "time")
    start = time.process_time()
    for judgment in judgments:
        state = rule.step(state, judgment)
    assert (time.process_time() - start) / len(judgments) < 50e-6
