"""Labels of a file in permuted time, taken by the monitors: whoever labeled them, nobody changed on the way.

To see that a change is found, one annotator's labels can be inverted from one of them on.
"""

import random
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from projects.kinds.protocol import Category, Scale
from projects.quality.monitors.answers import About, Answer
from projects.quality.monitors.question import Watched, classes_of
from projects.quality.trial import Raised, Trial
from projects.stats.ratings import Ratings
from projects.work.models import Purpose

_AT_ONCE = 20
#: The labels of an item come while about so many other items begin.
_SPREAD = 10.0
#: Files say nothing of texts and times, so all are alike.
_WORDS, _SECONDS = 100.0, 40.0


@dataclass(frozen=True, slots=True)
class Inverted:
    """An annotator, by code, whose labels are others than they gave after so many of their own."""

    annotator: int
    after: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """The alarms about each annotator by code, about the project under None, and how many labels there were."""

    raised: dict[int | None, list[Raised]]
    labels: int

    def by_annotator(self) -> dict[int, list[Raised]]:
        """Return the alarms about each annotator who had one."""
        return {who: found for who, found in self.raised.items() if who is not None}

    def alarms(self) -> Counter[str]:
        """Return how many alarms about annotators there were, by kind."""
        return Counter(one.kind for found in self.by_annotator().values() for one in found)


def replay(data: Ratings, seed: str, *, inverted: Inverted | None = None) -> Replayed:
    """Let labels enter the monitors in an order drawn from `seed`: those of an item soon one after the other."""
    draw = random.Random(seed)  # noqa: S311
    ids = [uuid.UUID(int=draw.getrandbits(128)) for _ in range(data.annotators)]
    trial = Trial(_watched(data), ids)
    times = [draw.uniform(0, data.items) for _ in range(data.items)]
    when = [times[item] + draw.uniform(0, _SPREAD) for item in data.item.tolist()]
    order = sorted(range(len(when)), key=when.__getitem__)
    for items in _deliveries(data, order, ids, inverted, draw):
        trial.take(items)
    codes: dict[uuid.UUID | None, int | None] = {who: code for code, who in enumerate(ids)}
    codes[None] = None
    return Replayed({codes[who]: found for who, found in trial.raised.items()}, len(order))


def _watched(data: Ratings) -> Watched:
    counts = Counter(data.label.tolist())
    categories = tuple(Category(code, str(code)) for code in range(data.categories))
    scale = Scale("nominal", categories)
    shares = {code: counts[code] / len(data.label) for code in range(data.categories)}
    return Watched("q", scale, classes_of(scale), shares)


def _deliveries(
    data: Ratings,
    order: list[int],
    ids: list[uuid.UUID],
    inverted: Inverted | None,
    draw: random.Random,
) -> Iterator[list[tuple[About, list[Answer]]]]:
    """Yield the items that some new labels belong to, each with all its labels so far."""
    item_ids: dict[int, uuid.UUID] = {}
    so_far: dict[int, list[Answer]] = {}
    wanted, given = Counter(data.item.tolist()), Counter[int]()
    for start in range(0, len(order), _AT_ONCE):
        touched: dict[int, None] = {}
        for row in order[start : start + _AT_ONCE]:
            item, who, label = (int(x[row]) for x in (data.item, data.annotator, data.label))
            given[who] += 1
            if inverted and who == inverted.annotator and given[who] > inverted.after:
                label = (label + 1) % data.categories
            known = item_ids.setdefault(item, uuid.UUID(int=draw.getrandbits(128)))
            so_far.setdefault(item, []).append(_answer(known, ids[who], label, draw))
            touched[item] = None
        yield [(About(_WORDS, len(so_far[item]) == wanted[item]), so_far[item]) for item in touched]


def _answer(item: uuid.UUID, who: uuid.UUID, label: int, draw: random.Random) -> Answer:
    seconds = _SECONDS * draw.lognormvariate(0, 0.4)
    return Answer(
        *(uuid.UUID(int=draw.getrandbits(128)), item, who, Purpose.DATA.value),
        *(seconds, ("q",), (label,), ()),
        hit=None,
    )
