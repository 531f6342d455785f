"""The question whose judgments are monitored, and what is usual in its project. Read once for many answers."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

from projects.kinds.protocol import Facet, Scale
from projects.kinds.units import parsed
from projects.plan.models import Project
from projects.quality import screen, selectors
from projects.quality.monitors.gauges import Rules
from projects.stats.fall import SOFT_THRESHOLD, FallDetector

#: Shares of answers are known from so many answers on.
ENOUGH = 50
#: An accuracy this much above chance is hardly better than guessing, between two classes and among more (who guesses
#: may leave out an answer that is seldom right). It can be told where the project's usual accuracy is so much higher.
OF_TWO, OF_MORE, LEAST_APART = 0.1, 0.17, 0.1
GOLD_RULES = Rules(FallDetector(), 0.5 + OF_TWO)


def classes_of(scale: Scale) -> dict[int, int]:
    """Number the values so that those with one number mean the same to a monitor, as to a kind's `hit`.

    That is the preferred side of a pair, the half of a scale in an order, and else the value itself.
    """
    values = [category.value for category in scale.categories]
    if any(category.side for category in scale.categories):
        names = [str(c.side) if c.side else f"={c.value}" for c in scale.categories]
    elif scale.level != "nominal":
        middle = (values[0] + values[-1]) / 2
        names = [str((value > middle) - (value < middle)) for value in values]
    else:
        names = [str(value) for value in values]
    known = list(dict.fromkeys(names))
    return {value: known.index(name) for value, name in zip(values, names, strict=True)}


@dataclass(frozen=True)
class Watched:
    """The question of a project that is monitored.

    `classes` numbers the values of its scale, `kinds` is how many classes there are. `shares` says how often each
    value is given; it is empty until enough answers are known.
    """

    name: str
    scale: Scale
    classes: Mapping[int, int]
    shares: Mapping[int, float]

    @property
    def kinds(self) -> int:
        """The number of classes."""
        return max(self.classes.values()) + 1

    def judgments(self, units: Sequence[str], judged: Sequence[int]) -> dict[str, int]:
        """Return this question's judgments by unit, without values that the present scale lacks."""
        return {
            unit: value
            for unit, value in zip(units, judged, strict=True)
            if value in self.classes and parsed(unit)[0] == self.name
        }

    def chose_first(self, judgments: Mapping[str, int], shown: Sequence[int]) -> bool | None:
        """Return whether most of the pairs' judgments prefer what was shown first; None if as many do as do not."""
        choices = [
            screen.chose_first(parsed(unit)[1], self._side(value), shown)
            for unit, value in judgments.items()
        ]
        lean = choices.count(True) - choices.count(False)
        return lean > 0 if lean else None

    def look(self, judgments: Mapping[str, int], shown: Sequence[int]) -> str:
        """Return a text that is the same for answers that looked the same on the screen."""
        seen = (
            screen.seen(parsed(unit)[1], value, self._side(value), shown)
            for unit, value in judgments.items()
        )
        return str(sorted(seen, key=str))

    def share_of_look(self, judgments: Mapping[str, int]) -> float | None:
        """Return how often somebody else's answer looks like this one; None until enough answers are known."""
        if not self.shares:
            return None
        return prod(self._share(parsed(unit)[1], value) for unit, value in judgments.items())

    def depends_on_order(self, judgments: Mapping[str, int]) -> bool:
        """Return whether the look depends on the order drawn, so that nobody's taste explains a run of it."""
        return any(
            parsed(unit)[1].shape == "pair" and self._side(value)
            for unit, value in judgments.items()
        )

    def _share(self, facet: Facet, value: int) -> float:
        share = self.shares.get(value, 0.0)
        if facet.shape != "pair" or not self._side(value):
            return share
        # The order is drawn at random, so either side of the scale is seen as often.
        return (share + self.shares.get(-value, 0.0)) / 2

    def _side(self, value: int) -> int | None:
        category = self.scale.category(value)
        return category.side if category else None


def watched(project: Project) -> Watched | None:
    """Return the monitored question of a project that was read with its form: the headline one. Workspace plane."""
    name = selectors.headline(project)
    if not name:
        return None
    scale = selectors.scales_of(project)[name]
    return Watched(name, scale, classes_of(scale), _shares(project.pk, name, scale))


def _shares(project_id: uuid.UUID, name: str, scale: Scale) -> dict[int, float]:
    snapshot = selectors.latest(project_id, name)
    if snapshot is None or snapshot.annotations < ENOUGH:
        return {}
    total = sum(snapshot.counts)
    if len(snapshot.counts) != len(scale.categories) or not total:
        return {}
    shares = (count / total for count in snapshot.counts)
    return dict(zip((category.value for category in scale.categories), shares, strict=True))


def rules_of(kinds: int, usual: float | None) -> Rules:
    """Return the rules for judgments of so many classes.

    `usual` is the accuracy that the project's answers show, and what is believed of an annotator of whom nothing is
    known. Until it is known, or where it is near to guessing, nobody is said to guess.
    """
    fall = FallDetector(threshold=SOFT_THRESHOLD)
    if usual is not None:
        fall = FallDetector(usual=usual, threshold=SOFT_THRESHOLD)
    guesses = 1 / kinds + (OF_TWO if kinds == 2 else OF_MORE)
    can_be_told = usual is not None and usual - guesses >= LEAST_APART
    return Rules(fall, guesses if can_be_told else None)
