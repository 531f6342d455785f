"""Pairs who share answers against everybody else are found; good annotators who agree are not."""

import random

import pytest

from projects.stats import pairs
from projects.stats.pairs import colluding_pairs, shared_units
from projects.stats.ratings import Ratings, number_ratings


def made(rows: list[tuple[int, int, int]]) -> Ratings:
    """Ratings of rows (unit, person, label)."""
    units, who, labels = zip(*rows, strict=True)
    return number_ratings(units, who, labels)


def crowd(
    seed: str, *, people: int = 20, units: int = 600, labels: int = 5, colluding: bool = False
) -> Ratings:
    """Labels by people of .75 to .95; difficult units make all of them err. Persons 0 and 1 may share theirs."""
    draw = random.Random(seed)
    accuracy = [draw.uniform(0.75, 0.95) for _ in range(people)]
    rows = []
    for unit in range(units):
        ease = draw.gammavariate(2.0, 0.5)
        chosen = draw.sample(range(people), labels)
        said = {who: int(draw.random() < min(0.6, (1 - accuracy[who]) * ease)) for who in chosen}
        if colluding and {0, 1} <= said.keys():
            said[1] = said[0] = int(draw.random() < 0.3)
        rows += [(unit, who, label) for who, label in said.items()]
    return made(rows)


@pytest.mark.parametrize("labels", [3, 5])
@pytest.mark.parametrize("seed", range(5))
def test_good_pairs_are_not_accused(seed: int, labels: int) -> None:
    assert colluding_pairs(crowd(f"clean {seed}", labels=labels, units=900)) == []


@pytest.mark.parametrize(("labels", "units"), [(3, 6000), (5, 1500)])
@pytest.mark.parametrize("seed", range(5))
def test_a_colluding_pair_is_found_and_no_other(seed: int, labels: int, units: int) -> None:
    """With one other label beside the pair too, where that may as well be the wrong one."""
    data = crowd(f"pair {seed}", units=units, labels=labels, colluding=True)
    found = colluding_pairs(data)
    assert [(pair.one, pair.other) for pair in found] == [(0, 1)]
    [pair] = found
    assert pair.shared >= 10 and pair.shared > 1.5 * pair.expected and pair.adjusted < 0.05
    assert len(shared_units(data, 0, 1)) == pair.shared


def test_the_units_that_a_pair_shares_against_the_others() -> None:
    """Of three labels one other is a consensus; of five the three others must not be split two to one."""
    said = {
        0: (1, 1, 0),  # shared, against the only other one
        1: (1, 1, 1),  # with the other one
        2: (1, 0, 0),  # not shared
        3: (1, 1, 0, 0, 0),  # shared, against all three
        4: (1, 1, 0, 0, 1),  # the others are split
        5: (1, 1),  # nobody else
    }
    rows = [(unit, who, label) for unit, labels in said.items() for who, label in enumerate(labels)]
    assert shared_units(made(rows), 0, 1).tolist() == [0, 3]
    assert shared_units(made(rows), 1, 0).tolist() == [0, 3]


def test_raw_agreement_would_accuse_the_best() -> None:
    """Two who are always right agree on everything, and share nothing against the others."""
    rows = [
        (unit, who, int(who >= 2 and unit % 4 == 0 and (unit // 4) % 3 == who - 2))
        for unit in range(400)
        for who in range(5)
    ]
    assert colluding_pairs(made(rows)) == []


def test_too_few_labels_or_shared_answers_tell_nothing() -> None:
    assert colluding_pairs(crowd("few", labels=2, colluding=True)) == []
    assert colluding_pairs(crowd("short", units=40, colluding=True)) == []


def test_the_tail_of_a_poisson_variable() -> None:
    assert pairs._poisson_at_least(0, 2.0) == 1.0
    assert pairs._poisson_at_least(1, 2.0) == pytest.approx(0.8646647)
    assert pairs._poisson_at_least(5, 2.0) == pytest.approx(0.0526530)
    assert pairs._poisson_at_least(60, 1.0) == pytest.approx(0.0, abs=1e-12)
