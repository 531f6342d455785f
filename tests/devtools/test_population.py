"""The simulator's population does what its model says."""

from collections import Counter

import numpy as np
import pytest

from projects.stats.agreement import agreement
from rlhfhub.devtools.population import KINDS, Features, Person, Population, features
from tests.stats.counted import of_matrix

PROMPT = "Explain the tides to a child."


def reply(rng: np.random.Generator) -> str:
    words = int(np.clip(rng.lognormal(np.log(164), 0.5), 8, 1500))
    marks = "\n- point" * int(rng.integers(0, 6)) if rng.random() < 0.3 else ""
    return " ".join([str(rng.integers(10**9)), *["word"] * (words - 1)]) + marks


def items(n: int, seed: int, *, gold: bool = False) -> list[Features]:
    rng = np.random.default_rng(seed)
    return [
        features(
            PROMPT,
            [reply(rng), reply(rng)],
            seed,
            better=int(rng.integers(2)) if gold or rng.random() < 0.08 else None,
        )
        for _ in range(n)
    ]


def of_kind(name: str, most: int = 25) -> list[Person]:
    return [one for one in Population.draw(2_500, seed=2) if one.kind.name == name][:most]


def choices(name: str, judged: list[Features], done: int = 50) -> list[tuple[int | None, int]]:
    """For each judgment: the position chosen, and the position of the better response."""
    rng = np.random.default_rng(9)
    found = []
    for person in of_kind(name):
        for item in judged:
            shown = [0, 1] if rng.random() < 0.5 else [1, 0]
            position = person.judge(item, shown, done, rng).position
            found.append((position, shown.index(item.better)))
    return found


def accuracy(name: str, judged: list[Features], done: int = 50) -> float:
    return float(np.mean([chosen == right for chosen, right in choices(name, judged, done)]))


def first_share(name: str, judged: list[Features]) -> float:
    return float(
        np.mean([chosen == 0 for chosen, _ in choices(name, judged) if chosen is not None])
    )


def test_shares() -> None:
    assert sum(kind.share for kind in KINDS) == pytest.approx(1.0)
    for n in (1, 8, 137, 1_000):
        drawn = Counter(person.kind.name for person in Population.draw(n, seed=n))
        assert sum(drawn.values()) == n
        for kind in KINDS:
            assert abs(drawn[kind.name] - n * kind.share) <= 1
    assert Population.draw(0, seed=1) == []


def test_the_same_seed_repeats_everything() -> None:
    assert Population.draw(50, seed=4) == Population.draw(50, seed=4)
    assert Population.draw(50, seed=4) != Population.draw(50, seed=5)
    assert items(5, 1) == items(5, 1)
    person, item = Population.draw(1, seed=1)[0], items(1, 1)[0]
    runs = [person.judge(item, [1, 0], 3, np.random.default_rng(8)) for _ in range(2)]
    assert runs[0] == runs[1]
    assert features(PROMPT, ["a", "b"], 1) != features(PROMPT, ["a", "b"], 2)


def test_truth_does_not_depend_on_the_order() -> None:
    one = features(PROMPT, ["short", "a much longer one\n- with a list"], 3)
    other = features(PROMPT, ["a much longer one\n- with a list", "short"], 3)
    assert one.quality == -other.quality
    assert (one.length, one.format) == (-other.length, -other.format)
    assert one.words == other.words
    assert one.length > 0 and one.format > 0
    assert one.better == 1 - other.better


def test_known_gold_is_plain_and_has_the_known_side() -> None:
    for better in (0, 1):
        gold = features(PROMPT, ["a", "b"], 3, better=better)
        assert gold.better == better
        assert 1.2 <= abs(gold.quality) <= 2.6


def test_shown_order_is_undone() -> None:
    # One seed, and an item so plain that noise and position do not matter.
    plain = features(PROMPT, ["a", "b"], 3, better=1)
    plain = Features(30.0, 0.0, 0.0, 0.0, 0.0, plain.words)
    person = of_kind("steady", 1)[0]
    rng = np.random.default_rng(1)
    assert person.judge(plain, [0, 1], 0, rng).position == 1
    assert person.judge(plain, [1, 0], 0, rng).position == 0


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("expert", 0.965, 0.995),
        ("steady", 0.92, 0.96),
        ("novice", 0.76, 0.84),
        ("quick-and-good", 0.94, 0.985),
        ("random-bot", 0.46, 0.54),
        ("side-bot", 0.46, 0.54),
    ],
)
def test_gold_accuracy(name: str, low: float, high: float) -> None:
    assert low <= accuracy(name, items(600, 7, gold=True)) <= high


def test_side_bias() -> None:
    judged = items(150, 11)
    assert 0.48 <= first_share("steady", judged) <= 0.54
    assert 0.62 <= first_share("first-picker", judged) <= 0.78
    for bot in of_kind("side-bot"):
        rng = np.random.default_rng(1)
        assert {bot.judge(item, [0, 1], 0, rng).position for item in judged} == {bot.side}


def test_length_draws_its_lovers_more() -> None:
    equal = [Features(0.0, length, 0.0, 0.0, 0.0, 300) for length in (-1.0, 1.0)] * 100
    rng = np.random.default_rng(2)

    def longer(name: str) -> float:
        chosen = [
            (person.judge(item, [0, 1], 50, rng).position == 1) == (item.length > 0)
            for person in of_kind(name)
            for item in equal
        ]
        return float(np.mean(chosen))

    assert longer("length-lover") > longer("steady") + 0.1


def test_drifters_fall_after_their_change_and_nobody_else_does() -> None:
    judged = items(150, 7, gold=True)
    assert accuracy("drifter", judged, done=50) > 0.9
    assert accuracy("drifter", judged, done=390) < 0.75
    assert accuracy("steady", judged, done=390) > 0.9
    for person in Population.draw(500, seed=1, career=1_000):
        assert person.scale(299) == 1.0
        assert 0.25 <= person.scale(1_000) <= 0.45 or person.kind.name != "drifter"


def test_the_whole_is_near_the_published_sets() -> None:
    people, rng = Population.draw(300, seed=6), np.random.default_rng(6)
    votes, seconds = np.zeros((1_500, 3), dtype=np.int64), []
    for row, item in zip(votes, items(1_500, 6), strict=True):
        for index in rng.choice(len(people), 5, replace=False):
            shown = [0, 1] if rng.random() < 0.5 else [1, 0]
            judgment = people[index].judge(item, shown, int(rng.integers(400)), rng)
            position = judgment.position
            row[1 if position is None else (0, 2)[shown[position]]] += 1
            seconds.append(judgment.seconds)
    found = agreement(of_matrix(votes), tie=1)
    assert found.alpha is not None and 0.33 <= found.alpha <= 0.48
    assert found.percent is not None and 0.50 <= found.percent <= 0.60
    assert found.percent_without_ties is not None and 0.66 <= found.percent_without_ties <= 0.75
    assert 0.11 <= votes[:, 1].sum() / votes.sum() <= 0.18
    assert 50 <= np.median(seconds) <= 85


def test_without_ties_nobody_answers_a_tie() -> None:
    rng = np.random.default_rng(3)
    for person in Population.draw(40, seed=3):
        for item in items(20, 3):
            assert person.judge(item, [0, 1], 0, rng, allow_tie=False).position in (0, 1)


def test_any_text_has_features() -> None:
    assert features("", ["", "\ud800\x00"], 1).words >= 0
    with pytest.raises(ValueError):
        features("", ["a"], 1)
