"""Sample sizes, power, pass marks and the sequential pass rule, by published figures."""

import pytest

from projects.stats.planning import (
    PassMark,
    measured_accuracy,
    pass_mark,
    power_of_share,
    sample_size_of_bound,
    sample_size_of_share,
    sample_size_of_slope,
)
from projects.stats.sequential import SprtRule, SprtState, sprt, sprt_characteristics


# Against one half, two-sided 5 %, power 80 %.
@pytest.mark.parametrize(("share", "judgments"), [(0.55, 783), (0.6, 194), (0.53, 2178)])
def test_judgments_for_a_share(share: float, judgments: int) -> None:
    assert sample_size_of_share(share) == judgments
    assert power_of_share(judgments, share) == pytest.approx(0.8, abs=2e-3)
    assert power_of_share(judgments - 10, share) < 0.8


@pytest.mark.parametrize(
    ("slope", "explained", "judgments"),
    [(0.2, 0, 785), (0.3, 0, 349), (0.5, 0, 126), (0.2, 0.3, 1122), (0.3, 0.3, 499)],
)
def test_judgments_for_a_slope(slope: float, explained: float, judgments: int) -> None:
    assert sample_size_of_slope(slope, explained=explained) == judgments


# NIST/SEMATECH and the usual tables of 95 %/95 % plans; 299 and 459 are the classic samples without a fault.
@pytest.mark.parametrize(
    ("bound", "wrong", "confidence", "answers"),
    [
        (0.05, 0, 0.95, 59),
        (0.05, 1, 0.95, 93),
        (0.05, 2, 0.95, 124),
        (0.05, 3, 0.95, 153),
        (0.01, 0, 0.95, 299),
        (0.01, 0, 0.99, 459),
    ],
)
def test_answers_for_a_bound(bound: float, wrong: int, confidence: float, answers: int) -> None:
    assert sample_size_of_bound(bound, wrong=wrong, confidence=confidence) == answers
    assert (
        sample_size_of_bound(bound, wrong=wrong, confidence=confidence, at_most=answers - 1) is None
    )
    for bad in ({"bound": 0}, {"bound": 1}, {"wrong": -1}, {"confidence": 1}):
        with pytest.raises(ValueError, match="between"):
            sample_size_of_bound(**{"bound": bound} | bad)


# The accepted errors of failing .85 and passing .65.
@pytest.mark.parametrize(
    ("wrong_fail", "wrong_pass", "mark"),
    [(0.05, 0.05, (52, 40)), (0.1, 0.05, (42, 33)), (0.1, 0.1, (32, 25))],
)
def test_single_plans(wrong_fail: float, wrong_pass: float, mark: tuple[int, int]) -> None:
    assert pass_mark(wrong_fail=wrong_fail, wrong_pass=wrong_pass) == PassMark(*mark)


def test_what_a_pass_mark_does() -> None:
    assert PassMark(52, 40).passes(0.85) == pytest.approx(0.960, abs=5e-4)
    assert PassMark(52, 40).passes(0.65) == pytest.approx(0.046, abs=1e-3)
    # A tenth of wrong keys makes the same annotator pass two times in three.
    assert PassMark(52, 40).passes(measured_accuracy(0.85, 0.9)) == pytest.approx(0.65, abs=0.01)
    assert pass_mark(0.66, 0.65, at_most=50) is None


def test_what_cannot_be_planned_is_refused() -> None:
    for refused in (
        lambda: sample_size_of_share(0.5),
        lambda: power_of_share(0, 0.6),
        lambda: sample_size_of_slope(0),
        lambda: measured_accuracy(0.8, 0.9, categories=1),
        lambda: pass_mark(0.6, 0.7),
        lambda: SprtRule(good=0.6, bad=0.7),
        lambda: SprtRule(limit=0),
        lambda: sprt_characteristics(SprtRule(), 1.5),
    ):
        with pytest.raises(ValueError, match=r"."):
            refused()


@pytest.mark.parametrize(
    ("accuracy", "passes", "items"), [(0.85, 0.955, 27), (0.65, 0.057, 24), (0.5, 0.001, 12)]
)
def test_the_sequential_rules_characteristics(accuracy: float, passes: float, items: float) -> None:
    found = sprt_characteristics(SprtRule(), accuracy)
    assert found.passes == pytest.approx(passes, abs=1e-3)
    assert found.items == pytest.approx(items, abs=0.5)


def test_the_sequential_rule_stops_at_its_verdict() -> None:
    assert sprt([True] * 60) == SprtState(11, 0, "pass")
    assert sprt([False] * 60) == SprtState(0, 4, "fail")
    assert sprt([True, False]) == SprtState(1, 1, None)
    assert SprtRule().step(SprtState(11, 0, "pass"), False) == SprtState(11, 0, "pass")


def test_at_the_last_item_the_likelier_accuracy_decides() -> None:
    rule = SprtRule(limit=4)
    assert sprt([True, True, True, True], rule).verdict == "pass"
    assert sprt([True, True, True, False], rule).verdict == "fail"


def test_constant_answers_of_a_rare_category_do_not_pass() -> None:
    """Right in two of five: out after about ten items."""
    found = sprt_characteristics(SprtRule(), 0.4)
    assert found.passes < 1e-3 and found.items < 12
