"""Casts watched by the monitors: a small form of the last part of `manage.py stats_simulations`."""

import pytest

from projects.quality.monitors.signs import CHANCE
from rlhfhub.devtools.cast_simulations import (
    HONEST,
    STATED,
    delay,
    honest,
    is_found,
    items_until_found,
    show,
    show_writers,
)
from rlhfhub.devtools.casts import cast
from rlhfhub.devtools.performances import Performance, Plan, copiers, pasters, perform


@pytest.fixture(scope="module")
def shown() -> Performance:
    """A cast of thirty with keyed items and repeats."""
    return show(0, Plan(300, gold=0.05, repeats=0.03))


@pytest.mark.slow
@pytest.mark.parametrize("at", range(len(STATED)))
def test_each_who_is_odd_is_found_within_what_is_stated(shown: Performance, at: int) -> None:
    stated = STATED[at]
    found = delay(shown, at, stated)
    assert found is not None and found <= stated.last
    before = [
        one for one in shown.raised.get(shown.actors[at].id, ()) if one.after <= stated.odd_from
    ]
    assert before == []


@pytest.mark.slow
def test_a_pair_who_copy_is_found_and_no_other(shown: Performance) -> None:
    assert is_found(shown) and len(shown.pairs) == 1
    items = items_until_found(shown)
    assert items is not None and 20 <= items <= 120


@pytest.mark.slow
def test_those_who_are_honest_are_accused_no_more_often_than_stated(shown: Performance) -> None:
    actors = [one for one in shown.actors if one.person.kind.name in HONEST]
    assert len(actors) == 24
    alarms = sum(len(shown.raised.get(one.id, ())) for one in actors)
    answers = sum(one.done for one in actors)
    assert alarms <= max(3, sum(CHANCE.values()) * answers / 10_000)


@pytest.mark.parametrize("seed", range(2))
def test_who_pastes_and_who_copies_reasons_is_found_and_nobody_else(seed: int) -> None:
    shown = show_writers(seed)
    assert pasters(shown.actors) == {str(one.id) for one in shown.of("paster")}
    assert copiers(shown.actors) == {str(one.id) for one in shown.of("copier")}


def test_bots_are_found_soon_and_who_is_quick_and_good_is_not() -> None:
    people = [
        *cast(["random-bot", "side-bot", "quick-and-good", "quick-and-good"], 1),
        *honest(20, 1),
    ]
    shown = perform(people, Plan(100), 1)
    first = [shown.raised.get(one.id, [])[:1] for one in shown.actors[:4]]
    assert [one.kind for found in first[:2] for one in found] == ["speed", "speed"]
    assert all(one.after <= 30 for found in first[:2] for one in found)
    assert first[2:] == [[], []]


def test_a_plan_gives_each_person_its_answers_and_keyed_items_their_share() -> None:
    shown = perform(honest(9, 2), Plan(60, gold=0.2), 2)
    assert all(50 <= one.done <= 61 for one in shown.actors)
    data = sum(len(one.labels) for one in shown.actors)
    assert 0.7 * shown.answers < data < 0.9 * shown.answers
    assert perform(honest(9, 2), Plan(60, gold=0.2), 2).answers == shown.answers
