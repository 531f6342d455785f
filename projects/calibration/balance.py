"""Finds out whether somebody could pass a round by the same answer to every item, without reading. Pure."""

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

from projects.kinds import form as forms
from projects.kinds.protocol import Question
from projects.stats.sequential import SprtRule, sprt

# All orders of up to four responses are tried; of more, as many at random, always the same.
_MOST_ORDERS = 24
_SEED = 7


@dataclass(frozen=True, slots=True)
class Keyed:
    """An item that can be drawn: `reference` is the right answer in stored order, `exposures` how often it was used.

    `loss` is 0 if it is new to everybody who waits for a round. Items with a higher one keep more of them out.
    """

    item: uuid.UUID
    responses: int
    reference: Any
    exposures: int = 0
    loss: int = 0


class Balance:
    """How often each constant answer hits the keys of items, as a share from 0 to 1.

    Constant are the answers that a kind lists (such as "tie", or the response shown first), in the stored order and in
    the orders shown; and the right answers of the items themselves, for somebody who knew the stored order.
    """

    def __init__(self, question: Question, items: Sequence[Keyed]) -> None:
        self._question = question
        self._references: list[Any] = []
        for keyed in items:
            if keyed.reference not in self._references:
                self._references.append(keyed.reference)
        self._known: dict[tuple[int, str], dict[str, float]] = {}

    def hits(self, keyed: Keyed) -> dict[str, float]:
        """Return the probability that each constant answer, named by its words, hits this item's key."""
        key = (keyed.responses, repr(keyed.reference))
        if key not in self._known:
            self._known[key] = {**self._stored(keyed), **self._shown(keyed)}
        return self._known[key]

    def _stored(self, keyed: Keyed) -> dict[str, float]:
        order = range(keyed.responses)
        found: dict[str, float] = {}
        for reference in self._references:
            lines = forms.summary_of([self._question], {self._name: reference}, range(10))
            found[f"always as stored: {' '.join(lines)}"] = self._is_hit(reference, keyed)
        for words, client in self._constants(keyed.responses):
            found[f"always “{words}” as stored"] = self._hit_in(client, keyed, list(order))
        return found

    def _shown(self, keyed: Keyed) -> dict[str, float]:
        orders = _orders(keyed.responses)
        return {
            f"always “{words}”": sum(self._hit_in(client, keyed, order) for order in orders)
            / len(orders)
            for words, client in self._constants(keyed.responses)
        }

    @property
    def _name(self) -> str:
        return str(self._question["name"])

    def _constants(self, responses: int) -> list[tuple[str, Any]]:
        return forms.constants_of(self._question, _keys(responses))

    def _hit_in(self, client: Any, keyed: Keyed, order: Sequence[int]) -> float:
        """Return 1 if the client's answer hits the item's key when the responses are shown in this order, else 0."""
        keys = _keys(keyed.responses)
        stored = forms.restore_answer([self._question], {self._name: client}, keys, order)
        return self._is_hit(stored.get(self._name), keyed)

    def _is_hit(self, stored: Any, keyed: Keyed) -> float:
        return float(bool(forms.hit_of(self._question, stored, keyed.reference)))

    def shares(self, items: Sequence[Keyed]) -> dict[str, float]:
        """Return the expected share of hits of each constant answer among these items."""
        sums: dict[str, float] = {}
        for keyed in items:
            for words, hit in self.hits(keyed).items():
                sums[words] = sums.get(words, 0.0) + hit
        return {words: total / len(items) for words, total in sums.items()}

    def passing(self, items: Sequence[Keyed], rule: SprtRule) -> list[str]:
        """Return the constant answers that pass these items in this order, or are expected to hit too many of them."""
        shares = self.shares(items)
        found = [words for words, share in shares.items() if share >= rule.bad]
        for words in shares:
            outcomes = [self.hits(keyed).get(words, 0.0) for keyed in items]
            is_certain = all(hit in (0.0, 1.0) for hit in outcomes)
            if is_certain and sprt(map(bool, outcomes), rule).verdict == "pass":
                found.append(words)
        return sorted(set(found))


def _keys(responses: int) -> list[str]:
    return [str(index) for index in range(responses)]


def _orders(responses: int) -> list[list[int]]:
    indexes = list(range(responses))
    if responses <= 4:
        return [list(order) for order in permutations(indexes)]
    rng = random.Random(_SEED)  # noqa: S311  the orders are tried, and not drawn for anybody
    return [rng.sample(indexes, responses) for _ in range(_MOST_ORDERS)]
