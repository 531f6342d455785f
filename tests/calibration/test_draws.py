"""A round is drawn so that no constant answer passes it, on any scale; or it is refused, naming the answer."""

import itertools
import random
import uuid
from dataclasses import replace
from typing import Any

import pytest

from projects.calibration import draws
from projects.calibration.balance import Balance, Keyed
from projects.kinds import form as forms
from projects.stats.sequential import SprtRule, sprt

RULE = SprtRule()
_COMMON = {"name": "q", "title": "Which?"}
#: Each scale with right answers as a careful customer would give them: of every kind, in about equal parts.
SCALES: dict[str, tuple[dict[str, Any], int, list[Any]]] = {
    "pairwise": (
        {"kind": "preference", "allow_tie": True},
        2,
        [{"choice": 0}, {"choice": 1}, {"choice": "tie"}],
    ),
    "forced": ({"kind": "preference"}, 2, [{"choice": 0}, {"choice": 1}]),
    "both bad": (
        {"kind": "preference", "allow_tie": True, "allow_both_bad": True},
        2,
        [{"choice": 0}, {"choice": 1}, {"choice": "tie"}, {"choice": "both_bad"}],
    ),
    **{
        scale: (
            {"kind": "preference", "scale": scale},
            2,
            [
                *({"choice": at, "strength": n} for at in (0, 1) for n in (1, most)),
                *([{"choice": "tie"}] if scale != "eight" else []),
            ],
        )
        for scale, most in (("likert5", 2), ("seven", 3), ("eight", 4))
    },
    "stars": ({"kind": "rating", "low": 1, "high": 5}, 1, [[1], [2], [3], [4], [5]]),
    "stars for two": (
        {"kind": "rating", "low": 1, "high": 5},
        2,
        [[1, 5], [5, 1], [4, 4], [2, 2], [3, 3]],
    ),
    "0 to 4 for three": (
        {"kind": "rating", "low": 0, "high": 4},
        3,
        [[0, 4, 4], [4, 0, 0], [4, 4, 4], [0, 0, 0], [2, 2, 2]],
    ),
}


def question_of(scale: str) -> dict[str, Any]:
    return {**_COMMON, **SCALES[scale][0]}


def pool_of(scale: str, count: int = 150) -> list[Keyed]:
    _, responses, references = SCALES[scale]
    chosen = itertools.islice(itertools.cycle(references), count)
    return [Keyed(uuid.UUID(int=n), responses, one) for n, one in enumerate(chosen)]


@pytest.mark.parametrize("scale", SCALES)
def test_constant_answerers_fail_every_round_on_every_scale(scale: str) -> None:
    """Each constant answer as it is shown, by people who really answer: the order shown is drawn for each item."""
    question, rng = question_of(scale), random.Random(5)
    for drawn in draws.draw(question, pool_of(scale), RULE, sets=2, rng=rng):
        keys = [str(at) for at in range(drawn[0].responses)]
        for words, client in forms.constants_of(question, keys):
            for _ in range(3):
                outcomes = [_answers(question, client, keyed, keys, rng) for keyed in drawn]
                assert sprt(outcomes, RULE).verdict == "fail", words


def _answers(
    question: dict[str, Any], client: Any, keyed: Keyed, keys: list[str], rng: random.Random
) -> bool:
    shown = rng.sample(range(keyed.responses), keyed.responses)
    stored = forms.restore_answer([question], {"q": client}, keys, shown)
    return bool(forms.hit_of(question, stored["q"], keyed.reference))


@pytest.mark.parametrize("scale", SCALES)
def test_the_sets_differ_and_are_as_large_as_asked_for(scale: str) -> None:
    pool = pool_of(scale)
    first, second = draws.draw(question_of(scale), pool, RULE, sets=2, rng=random.Random(1))
    assert len({keyed.item for keyed in [*first, *second]}) == 2 * RULE.limit


@pytest.mark.parametrize(
    ("scale", "references", "words"),
    [
        ("likert5", [{"choice": "tie"}] * 9 + [{"choice": 0, "strength": 1}], "About the same"),
        ("seven", [{"choice": "tie"}] * 8 + [{"choice": 1, "strength": 3}] * 2, "About the same"),
        ("eight", [{"choice": 0, "strength": 4}], "A is much better"),
        ("stars", [[5], [4], [4], [5], [1]], "for every response"),
        ("stars for two", [[4, 4], [5, 5], [4, 5], [5, 4], [1, 5]], "for every response"),
        ("stars", [[3]] * 8 + [[1]] * 2, "3 for every response"),
    ],
)
def test_a_pool_that_one_answer_passes_is_refused(
    scale: str, references: list[Any], words: str
) -> None:
    """Always 'tie' on Likert 5, always '4' of 8 and always 4 stars must fail every round."""
    responses = SCALES[scale][1]
    pool = [
        Keyed(uuid.UUID(int=n), responses, one)
        for n, one in enumerate(itertools.islice(itertools.cycle(references), 150))
    ]
    with pytest.raises(draws.Unbalanced) as refused:
        draws.draw(question_of(scale), pool, RULE, sets=2, rng=random.Random(1))
    assert words in refused.value.words or "as stored" in refused.value.words


def test_the_least_exposed_come_first() -> None:
    pool = [Keyed(uuid.UUID(int=n), 2, {"choice": n % 2}, exposures=n // 2) for n in range(200)]
    question = question_of("forced")
    drawn = draws.draw(question, pool, RULE, sets=1, rng=random.Random(1))
    assert max(keyed.exposures for keyed in drawn[0]) == RULE.limit // 2 - 1


def test_shares_of_constant_answers_are_exact() -> None:
    """Three of four keys prefer a response and one is a tie: the first shown is right in half of three."""
    question = question_of("pairwise")
    references = [{"choice": 0}, {"choice": 0}, {"choice": 1}, {"choice": "tie"}]
    items = [Keyed(uuid.UUID(int=n), 2, one) for n, one in enumerate(references)]
    shares = Balance(question, items).shares(items)
    assert shares["always “A is better”"] == 0.375
    assert shares["always “Tie”"] == 0.25
    assert shares["always “A is better” as stored"] == 0.5


def test_nobody_begins_where_a_constant_answer_would_pass() -> None:
    """Half of the right answers are the first response, but a run of them begins at the item with index 20."""
    question = question_of("forced")
    chosen = [Keyed(uuid.UUID(int=n), 2, {"choice": int(not 20 <= n < 40)}) for n in range(40)]
    rule = replace(RULE, limit=40)
    starts = draws.starts_of(question, chosen, rule)
    assert 20 not in starts and 0 in starts
    mixed = [Keyed(uuid.UUID(int=n), 2, {"choice": n % 2}) for n in range(40)]
    assert draws.starts_of(question, mixed, rule) == set(range(40))
