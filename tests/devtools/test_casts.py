"""The planted kinds of annotators do what they were planted for."""

import numpy as np
import pytest

from rlhfhub.devtools.casts import DEMO, cast
from rlhfhub.devtools.population import Features, Person
from tests.devtools.test_population import items

GOLD = items(400, 3, gold=True)


def _positions(person: Person, done: int = 0) -> list[int | None]:
    rng = np.random.default_rng(5)
    return [person.judge(item, [0, 1], done, rng, allow_tie=False).position for item in GOLD]


def _accuracy(person: Person, done: int = 0) -> float:
    chosen = _positions(person, done)
    return float(np.mean([one == item.better for one, item in zip(chosen, GOLD, strict=True)]))


def test_a_drifter_falls_after_the_answers_that_its_name_says() -> None:
    (drifter,) = cast(["drifter@60"], seed=1)
    assert _accuracy(drifter, 59) > 0.85
    assert _accuracy(drifter, 60) < 0.70


def test_colluders_err_together_far_more_than_two_steady_ones() -> None:
    def both_wrong(kind: str) -> int:
        one, other = (_positions(person) for person in cast([kind, kind], seed=1))
        pairs = zip(one, other, GOLD, strict=True)
        return sum(a == b != item.better for a, b, item in pairs)

    assert both_wrong("colluder") > 4 * both_wrong("steady")


def test_colluders_choose_the_same_response_in_any_order_shown() -> None:
    (one,) = cast(["colluder"], seed=1)
    copied = 0
    for item in GOLD:
        turned = Features(**{**item.__dict__, "quality": -item.quality})
        rng = np.random.default_rng
        straight = one.judge(item, [0, 1], 0, rng(2), allow_tie=False)
        other = one.judge(turned, [0, 1], 0, rng(3), allow_tie=False)
        copied += straight.lean == -other.lean and abs(straight.lean) == 1.0
    assert 340 < copied < 380


def test_pasters_paste_whole_reasons_and_copiers_share_theirs() -> None:
    paster, one, other, steady = cast(["paster", "copier", "copier", "steady"], seed=1)

    def reasons(person: Person, seed: int) -> list[tuple[str, int]]:
        rng = np.random.default_rng(seed)
        judged = [person.judge(item, [0, 1], 0, rng) for item in GOLD[:50]]
        return [(judgment.reason, judgment.pasted) for judgment in judged]

    pasted = reasons(paster, 1)
    assert all(len(text) > 80 and share == 100 for text, share in pasted)
    assert len({text for text, _ in pasted}) == 50
    mine, theirs = reasons(one, 2), reasons(other, 3)
    for (text, share), (same, _) in zip(mine, theirs, strict=True):
        assert share == 0 and text[:80] == same[:80]
    assert mine != theirs, "but for the ends"
    assert all(len(text) < 40 and share == 0 for text, share in reasons(steady, 4))


def test_colluders_begin_to_copy_after_answers_of_their_own() -> None:
    plain, later = cast(["colluder", "colluder@40"], seed=1)
    rng = np.random.default_rng

    def is_copied(done: int) -> float:
        return float(
            np.mean([abs(later.judge(one, [0, 1], done, rng(2)).lean) == 1 for one in GOLD])
        )

    assert (plain.copies_from, later.copies_from) == (0, 40)
    assert is_copied(39) == 0 and is_copied(40) > 0.8


def test_the_side_biased_and_the_spammer() -> None:
    biased, spammer = cast(["side-biased", "spammer"], seed=1)
    assert np.mean([one == 0 for one in _positions(biased)]) > 0.7
    assert 0.4 < _accuracy(spammer) < 0.6


def test_a_fast_clicker_needs_less_than_a_second_for_most() -> None:
    rng = np.random.default_rng(5)
    (clicker,) = cast(["fast-clicker"], seed=1)
    seconds = [clicker.judge(item, [0, 1], 50, rng).seconds for item in GOLD]
    assert np.median(seconds) < 2


def test_the_same_seed_draws_the_same_cast() -> None:
    assert cast(DEMO, seed=4) == cast(DEMO, seed=4) != cast(DEMO, seed=5)


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(ValueError, match="genius is no kind"):
        cast(["genius"], seed=1)
