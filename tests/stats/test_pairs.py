"""Pairs who share answers against everybody else are found; good annotators who agree are not."""

import random

import pytest

from projects.stats.pairs import colluding_pairs
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
    for unit in pair.against:
        said = dict(zip(*_given(data, unit), strict=True))
        assert said[0] == said[1], "both said the same"
    with_them = sum(_agree(data, unit) for unit in pair.against)
    assert with_them < pair.shared * (labels - 2) / 4, "and hardly any other did"


def _given(data: Ratings, unit: int) -> tuple[list[int], list[int]]:
    rows = data.item == unit
    return data.annotator[rows].tolist(), data.label[rows].tolist()


def _agree(data: Ratings, unit: int) -> int:
    labels = dict(zip(*_given(data, unit), strict=True))
    return sum(label == labels[0] for who, label in labels.items() if who > 1)


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


def two_copy(seed: str, shared: int, *, part: float = 0.9, labels: int = 3) -> Ratings:
    """Of 24 people, two answer `shared` units together, and the second copies most answers of the first."""
    draw = random.Random(seed)
    accuracy = [draw.uniform(0.75, 0.95) for _ in range(24)]
    rows = []
    for unit in range(1200):
        ease = draw.gammavariate(2.0, 0.5)
        together = [0, 1] if unit < shared else [draw.randrange(2)]
        chosen = [*together, *draw.sample(range(2, 24), labels - len(together))]
        said = {who: int(draw.random() < min(0.5, (1 - accuracy[who]) * ease)) for who in chosen}
        if unit < shared and draw.random() < part:
            said[1] = said[0]
        rows += [(unit, who, label) for who, label in said.items()]
    return made(rows)


def test_who_copies_right_and_wrong_answers_is_found() -> None:
    """Of 100 units, with few errors to share: found by most seeds, and nobody else by any."""
    found = [colluding_pairs(two_copy(f"copy {seed}", 100)) for seed in range(6)]
    assert sum(len(pairs) for pairs in found) >= 4
    for pairs in found:
        for pair in pairs:
            assert (pair.one, pair.other) == (0, 1)
            assert pair.common == tuple(range(100)) and len(pair.chances) == pair.units == 100


def test_who_only_shares_many_units_is_not_accused() -> None:
    for seed in range(4):
        assert colluding_pairs(two_copy(f"together {seed}", 300, part=0.0)) == []


def test_people_who_share_a_way_of_seeing_things_do_not_collude() -> None:
    """Half of all people take the same third of the units for the other kind: that is a school, and no pair."""
    draw = random.Random("schools")
    rows = []
    for unit in range(150):
        looks_odd = draw.random() < 0.33
        for who in range(30):
            errs = draw.random() < (0.75 if looks_odd and who < 15 else 0.12)
            rows.append((unit, who, int(errs)))
    assert colluding_pairs(made(rows)) == []
