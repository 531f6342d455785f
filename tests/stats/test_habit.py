"""A habit is told once for each strength of it, and again after it had ended."""

import random
from collections import Counter

from projects.stats.habit import HabitDetector, habits


def series(share: float, length: int, seed: str) -> list[bool]:
    draw = random.Random(seed)
    return [draw.random() < share for _ in range(length)]


def test_who_has_no_habit_has_no_alarm_and_who_has_one_has_one() -> None:
    assert not any(habits(series(0.5, 1000, f"fair {n}")) for n in range(20))
    for share in (0.75, 0.85, 0.95, 1.0):
        found = Counter(len(habits(series(share, 1000, f"{share} {n}"))) for n in range(40))
        assert found[1] >= 35, (share, found)


def test_the_beginning_is_said() -> None:
    [found] = habits(series(0.5, 200, "before") + series(0.9, 100, "after"))
    assert found.alarm_at is not None and 200 < found.alarm_at < 260
    assert found.since is not None and abs(found.since - 200) <= 20


def test_a_stronger_habit_is_told_too() -> None:
    later = [
        [one.alarm_at or 0 for one in habits(series(0.7, 300, f"{n}") + series(0.95, 150, f"+{n}"))]
        for n in range(20)
    ]
    assert sum(found[-1] > 300 for found in later) >= 19
    even = [len(habits(series(0.7, 450, f"{n}"))) for n in range(20)]
    assert sum(even) <= 22


def test_after_its_end_it_is_told_again() -> None:
    found = habits(series(0.85, 150, "a") + series(0.5, 200, "b") + series(0.85, 150, "c"))
    assert len(found) == 2 and (found[1].alarm_at or 0) > 350
    never_ended = habits(series(0.85, 150, "a") + series(0.7, 200, "b") + series(0.85, 150, "c"))
    assert len(never_ended) == 1


def test_the_state_is_small_and_its_share_is_known() -> None:
    rule = HabitDetector()
    state = rule.start()
    for given in series(0.8, 200, "told"):
        state = rule.step(state, given)
        if state.score >= rule.threshold:
            state = rule.after_alarm(state)
    assert state.of_told > 100, "it is learnt further after the alarm"
    assert state.is_told and abs(state.told / state.of_told - 0.8) < 0.08
