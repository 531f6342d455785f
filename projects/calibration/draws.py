"""Draws the items of a round: first those new to who waits, then the least exposed; and balanced. Pure."""

import random
from collections.abc import Sequence

from projects.calibration.balance import Balance, Keyed
from projects.kinds.protocol import Question
from projects.stats.sequential import SprtRule

# How often the order of a drawn set is shuffled until no constant answer passes it.
_SHUFFLES = 200


class Unbalanced(Exception):
    """Raised if every draw could be passed by a constant answer; `words` names one."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def draw(
    question: Question, pool: Sequence[Keyed], rule: SprtRule, *, sets: int, rng: random.Random
) -> list[list[Keyed]]:
    """Draw `sets` sets of `rule.limit` items, all different, each in an order of its own.

    In no set does a constant answer hit as many items as those who fail, or pass in the order drawn.

    Raises: Unbalanced if the pool has no such sets. The caller has checked that it has enough items.
    """
    balance = Balance(question, pool)
    shuffled = sorted(
        rng.sample(list(pool), len(pool)), key=lambda keyed: (keyed.loss, keyed.exposures)
    )
    blocked = ""
    # Who hits half of the items hardly ever passes by luck; a pool that cannot give that may give more.
    below = rule.bad * (1 - 1e-9)
    for share in (min(0.5, below), min((0.5 + rule.bad) / 2, below), below):
        most = share * rule.limit
        found, blocked = _draw_sets(balance, shuffled, rule, sets=sets, most=most)
        if found:
            return [_ordered(balance, chosen, rule, rng) for chosen in found]
    raise Unbalanced(blocked)


def starts_of(question: Question, chosen: Sequence[Keyed], rule: SprtRule) -> set[int]:
    """Return at which indices of a drawn set somebody may begin, to go on with the first item after the last one.

    From no such place a constant answer passes. The first item is one, for the set was drawn so.
    """
    balance = Balance(question, chosen)
    turned = ([*chosen[at:], *chosen[:at]] for at in range(len(chosen)))
    return {at for at, order in enumerate(turned) if not balance.passing(order, rule)} | {0}


def _draw_sets(
    balance: Balance, pool: Sequence[Keyed], rule: SprtRule, *, sets: int, most: float
) -> tuple[list[list[Keyed]], str]:
    """Return the sets; or no set, and a constant answer that would pass."""
    found: list[list[Keyed]] = []
    left = list(pool)
    for _ in range(sets):
        chosen, blocked = _balanced(balance, left, rule.limit, most)
        if len(chosen) < rule.limit:
            return [], blocked
        found.append(chosen)
        taken = {id(keyed) for keyed in chosen}
        left = [keyed for keyed in left if id(keyed) not in taken]
    return found, ""


def _balanced(
    balance: Balance, pool: Sequence[Keyed], items: int, most: float
) -> tuple[list[Keyed], str]:
    """Take items in order. Skip each item with which a constant answer would be expected to hit more than `most`."""
    sums: dict[str, float] = {}
    blocked: dict[str, int] = {}
    chosen: list[Keyed] = []
    for keyed in pool:
        if len(chosen) == items:
            break
        hits = balance.hits(keyed)
        over = [words for words, hit in hits.items() if hit and sums.get(words, 0.0) + hit > most]
        if over:
            for words in over:
                blocked[words] = blocked.get(words, 0) + 1
            continue
        chosen.append(keyed)
        for words, hit in hits.items():
            sums[words] = sums.get(words, 0.0) + hit
    return chosen, max(blocked, key=lambda words: blocked[words], default="")


def _ordered(
    balance: Balance, chosen: Sequence[Keyed], rule: SprtRule, rng: random.Random
) -> list[Keyed]:
    """Return the items in a random order that no constant answer passes."""
    passing: list[str] = []
    for _ in range(_SHUFFLES):
        order = rng.sample(list(chosen), len(chosen))
        passing = balance.passing(order, rule)
        if not passing:
            return order
    raise Unbalanced(passing[0])
