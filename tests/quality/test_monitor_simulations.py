"""All monitors together on simulated annotators: a small form of `manage.py stats_simulations`."""

import random

import pytest

from projects.quality.monitors.signs import CHANCE
from projects.quality.simulations import Outcome, Person, run, steady
from projects.quality.trial import Raised


@pytest.fixture(scope="module")
def clean() -> Outcome:
    return run(steady(60, random.Random("clean")), 150, "clean")


@pytest.mark.slow
def test_people_who_work_as_always_are_left_alone(clean: Outcome) -> None:
    stated = (sum(CHANCE.values()) - CHANCE["gold"] - CHANCE["moved"]) / 10_000
    assert clean.answers == 9000
    assert len(clean.false_alarms()) <= stated * clean.answers


@pytest.mark.slow
def test_the_project_is_told_of_when_everybody_agrees_less_and_not_before() -> None:
    """Thirty people of .85 fall to .65 after 150 answers each, with which 1,500 items are answered."""
    people = [Person("drifter", 0.85, odd_from=150) for _ in range(30)]
    outcome = run(people, 220, "all")
    [first, *_] = outcome.alarms[None]
    assert first.kind == "moved" and 1500 < first.after <= 1700
    assert not run(steady(30, random.Random("none")), 220, "none").alarms.get(None)


@pytest.mark.parametrize(
    ("kind", "expected", "most"),
    [
        ("one-sided", {"side", "run", "guessing"}, 60),
        ("fast clicker", {"speed"}, 12),
        ("spammer", {"speed"}, 12),
        ("guesser", {"guessing", "agreement"}, 200),
    ],
)
@pytest.mark.slow
def test_who_is_odd_from_the_start_is_found(kind: str, expected: set[str], most: int) -> None:
    odd = [Person(kind, 0.85) for _ in range(6)]
    outcome = run([*odd, *steady(24, random.Random(kind))], min(most, 200) + 100, kind)
    delays = outcome.found(kind)
    assert all(delay is not None and delay <= most for delay in delays), delays
    for person in odd:
        assert outcome.alarms[person.id][0].kind in expected
    assert len(outcome.false_alarms()) <= 1


@pytest.mark.slow
def test_a_fall_of_accuracy_is_found_after_it_and_not_before() -> None:
    odd = [Person("drifter", 0.85, odd_from=100) for _ in range(8)]
    outcome = run([*odd, *steady(24, random.Random("drift"))], 400, "drift")
    found = [delay for delay in outcome.found("drifter") if delay is not None]
    assert len(found) >= 5 and sum(found) / len(found) <= 170
    kinds = {one.kind for person in odd for one in outcome.alarms.get(person.id, ())}
    assert "agreement" in kinds


@pytest.mark.slow
def test_the_simulation_of_one_seed_is_the_same_each_time() -> None:
    def once() -> list[Raised]:
        people = [*(Person("one-sided", 0.85) for _ in range(3)), *steady(6, random.Random("same"))]
        outcome = run(people, 80, "same")
        return [alarm for person in people for alarm in outcome.alarms.get(person.id, ())]

    assert once() == once() != []
