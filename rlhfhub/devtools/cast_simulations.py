"""How soon the monitors find the odd members of a cast, and how often they are wrong about honest annotators."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from projects.quality.monitors.signs import CHANCE
from projects.stats.pairs import colluding_pairs
from projects.stats.simulations import Row
from rlhfhub.devtools.casts import cast
from rlhfhub.devtools.performances import (
    Actor,
    Performance,
    Plan,
    copiers,
    labels_of,
    pasters,
    perform,
)
from rlhfhub.devtools.population import KINDS, Person, person

#: Kinds of people who are neither bots nor careless nor drift, and have no habit of one side.
HONEST = (
    "expert",
    "steady",
    "novice",
    "length-lover",
    "format-lover",
    "flattered",
    "quick-and-good",
)
BOTS = ("random-bot", "side-bot")
#: The kinds of alert about people who do not read the items. A bot should have one within so many judgments.
_SPAM, _BOTS_WITHIN = ("speed", "side", "run", "guessing"), 120
_CAREER = 400


@dataclass(frozen=True, slots=True)
class Stated:
    """Who is found after how many answers of theirs, counted from their change: on average, and each at last."""

    name: str
    odd_from: int
    alarms: tuple[str, ...]
    mean: float
    last: int


#: What is stated of a cast of thirty, a fifth of whom are odd; ties are allowed and each item has three labels.
STATED = (
    Stated("drifter@100", 100, ("gold", "agreement", "guessing"), 130, 300),
    Stated("side-biased", 0, ("side", "run"), 60, 120),
    Stated("fast-clicker", 0, ("speed",), 15, 30),
    Stated("spammer", 0, ("guessing", "agreement", "gold"), 200, 400),
)
#: Two who copy nine in ten answers are found once they share so many items.
PAIR_ITEMS = 120
_PAIR = ("colluder", "colluder")
#: Those who paste or copy their reasons are found once each has given so many answers.
WRITERS, _WRITTEN = ("paster", "copier", "copier"), 30


def honest(number: int, seed: int) -> list[Person]:
    """Draw honest people, each kind with its share of the population."""
    kinds = [kind for kind in KINDS if kind.name in HONEST]
    rng = np.random.default_rng([seed, 3])
    ends = np.cumsum([kind.share for kind in kinds])
    points = (np.arange(number) + rng.random()) / number * ends[-1]
    chosen = rng.permutation(np.searchsorted(ends, points, side="right"))
    return [person(kinds[int(at)], _CAREER, rng) for at in chosen]


def simulate(size: float = 1.0) -> Iterator[Row]:
    """Measure casts of ten seeds with and without keyed items, two hundred honest people, and bots."""
    seeds = range(max(1, round(10 * size)))
    for name, plan in (
        ("gold 5 %", Plan(_CAREER, gold=0.05, repeats=0.03)),
        ("no gold", Plan(_CAREER)),
    ):
        shows = [show(seed, plan) for seed in seeds]
        for stated in STATED:
            yield from _found(f"cast, {name}, {stated.name}", stated, shows)
        yield from _pair(f"cast, {name}, pair", shows)
    yield from _writers(seeds)
    yield from _clean(size)
    yield from _bots(size)


def show(seed: int, plan: Plan) -> Performance:
    """Let a cast of thirty work, of whom six are odd."""
    odd = cast([*(stated.name for stated in STATED), *_PAIR], seed)
    return perform([*odd, *honest(24, seed)], plan, seed)


def delay(shown: Performance, at: int, stated: Stated) -> int | None:
    """Return after how many answers, from the change on, an actor has one of the alarms stated; None without one."""
    found = shown.raised.get(shown.actors[at].id, ())
    after = [
        one.after for one in found if one.kind in stated.alarms and one.after > stated.odd_from
    ]
    return min(after) - stated.odd_from if after else None


def _found(name: str, stated: Stated, shows: Sequence[Performance]) -> Iterator[Row]:
    delays = [delay(shown, STATED.index(stated), stated) for shown in shows]
    known = [one for one in delays if one is not None and one <= stated.last]
    yield Row(f"{name}: found within {stated.last}", len(known) / len(delays), at_least=0.9)
    yield Row(f"{name}: mean delay", float(np.mean(known or [stated.last])), at_most=stated.mean)
    yield Row(f"{name}: nine in ten within", float(np.quantile(known or [stated.last], 0.9)))


def _pair(name: str, shows: Sequence[Performance]) -> Iterator[Row]:
    needed = [items_until_found(shown) for shown in shows]
    known = [one for one in needed if one is not None and one <= PAIR_ITEMS]
    yield Row(f"{name}: found by {PAIR_ITEMS} shared items", len(known) / len(needed), at_least=0.9)
    yield Row(f"{name}: mean shared items", float(np.mean(known or [PAIR_ITEMS])))
    wrong = sum(len(shown.pairs) for shown in shows) - sum(is_found(shown) for shown in shows)
    yield Row(f"{name}: wrong pairs, in {len(shows)} casts", wrong, at_most=max(1, len(shows) / 10))


def _colluders(shown: Performance) -> tuple[int, int]:
    one, other = (at for at, actor in enumerate(shown.actors) if actor.person.sheet is not None)
    return one, other


def is_found(shown: Performance) -> bool:
    """Return whether the search for pairs names the two who collude."""
    return any((pair.one, pair.other) == _colluders(shown) for pair in shown.pairs)


def items_until_found(shown: Performance) -> int | None:
    """Return how many items the two who collude share when the search, made at every ten, first names them."""
    pair = _colluders(shown)
    for shared in count(10, 10):
        labels, both = _until(shown.actors, pair, shared)
        if any((one.one, one.other) == pair for one in colluding_pairs(labels_of(labels))):
            return both
        if both < shared:
            return None
    return None


def _until(actors: Sequence[Actor], pair: tuple[int, int], shared: int) -> tuple[list[Actor], int]:
    """Cut the actors' labels off once the pair shares so many items. Returns them, and how many items are shared."""
    common = {item for item, _ in actors[pair[0]].labels} & {
        item for item, _ in actors[pair[1]].labels
    }
    ordered = [at for at, (item, _) in enumerate(actors[pair[0]].labels) if item in common]
    part = 1.0
    if shared <= len(ordered):
        part = (ordered[shared - 1] + 1) / len(actors[pair[0]].labels)
    cut = [
        Actor(one.person, one.id, one.done, one.labels[: round(part * len(one.labels))])
        for one in actors
    ]
    return cut, min(shared, len(ordered))


def show_writers(seed: int) -> Performance:
    """Let a paster and two copiers work among twelve honest people."""
    return perform([*cast(WRITERS, seed), *honest(12, seed)], Plan(_WRITTEN), seed)


def _writers(seeds: Sequence[int]) -> Iterator[Row]:
    """Who pastes and who copies reasons, with the searches of the site."""
    shows = [show_writers(seed) for seed in seeds]
    for kind, found in (("paster", pasters), ("copier", copiers)):
        named = [found(shown.actors) for shown in shows]
        odd = [{str(actor.id) for actor in shown.of(kind)} for shown in shows]
        known = sum(len(one & names) for one, names in zip(odd, named, strict=True))
        name = f"cast, {kind}"
        yield Row(f"{name}: found within {_WRITTEN}", known / sum(map(len, odd)), at_least=0.9)
        wrong = sum(len(names - one) for one, names in zip(odd, named, strict=True))
        yield Row(f"{name}: others accused, in {len(shows)} casts", wrong, at_most=0)


def _clean(size: float) -> Iterator[Row]:
    """Honest people: all alarms about them against what is stated, and by kind those of not reading."""
    people = honest(max(30, round(200 * size)), 1)
    shown = perform(people, Plan(_CAREER, gold=0.05, repeats=0.03), 1)
    alarms = [one for who, found in shown.raised.items() if who for one in found]
    stated = sum(rate for kind, rate in CHANCE.items() if kind != "moved")
    rate = len(alarms) / shown.answers * 10_000
    yield Row(f"{len(people)} honest people: alarms in 10,000 answers", rate, at_most=stated)
    yield Row(f"{len(people)} honest people: pairs", len(shown.pairs), at_most=1)
    for kind in HONEST:
        members = shown.of(kind)
        flagged = sum(_is_flagged(shown, one, _SPAM, _CAREER) for one in members)
        if members:
            name = f"honest, {kind} ({len(members)}): share said not to read"
            yield Row(name, flagged / len(members))
    flagged = sum(
        _is_flagged(shown, one, ("speed", "side", "run"), _CAREER) for one in shown.actors
    )
    yield Row("honest: share flagged for speed, side or runs", flagged / len(people), at_most=0.005)


def _bots(size: float) -> Iterator[Row]:
    bots = cast(BOTS * max(3, round(10 * size)), 1)
    people = [*bots, *honest(4 * len(bots), 2)]
    shown = perform(people, Plan(_BOTS_WITHIN), 2)
    flagged = [_is_flagged(shown, one, _SPAM, _BOTS_WITHIN) for one in shown.actors[: len(bots)]]
    yield Row(f"bots flagged by {_BOTS_WITHIN} judgments", float(np.mean(flagged)), at_least=0.95)


def _is_flagged(shown: Performance, actor: Actor, kinds: Sequence[str], by: int) -> bool:
    found = shown.raised.get(actor.id, ())
    return any(one.kind in kinds and one.after <= by for one in found)
