"""The question whose judgments are monitored, and what is usual in its project. Read once for many answers."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

from projects.kinds.protocol import Facet, Scale
from projects.kinds.units import parsed
from projects.plan.models import Project
from projects.quality import screen, selectors
from projects.quality.monitors.gauges import Rules
from projects.stats.cusum import BernoulliCusum
from projects.stats.self_starting import SelfStartingCusum

#: Shares of answers are known from so many answers on.
ENOUGH = 50
#: Guesses are told from an accuracy of this or less, if the project's usual accuracy is no nearer to guessing.
MOST_BEFORE, MARGIN, LEAST_APART = 0.75, 0.05, 0.2
GUESSING_THRESHOLD = 5.0
#: Where others' labels stand for the truth, and difficult items make people err together, a smaller fall shows. With
#: this threshold steady annotators have an alarm in 4,000 answers or more (simulated: `manage.py stats_simulations`).
DROP, FALL_THRESHOLD = 0.8, 4.7
GOLD_RULES = Rules(
    SelfStartingCusum(), BernoulliCusum(MOST_BEFORE, 0.5, threshold=GUESSING_THRESHOLD)
)


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
    fall = SelfStartingCusum(drop=DROP, threshold=FALL_THRESHOLD, categories=kinds)
    if usual is not None:
        weight = fall.prior_right + fall.prior_wrong
        fall = replace(fall, prior_right=weight * usual, prior_wrong=weight * (1 - usual))
    after = 0.5 if kinds == 2 else 0.4
    before = min(MOST_BEFORE, (usual or 0.0) - MARGIN)
    if before - after < LEAST_APART:
        return Rules(fall, None)
    guessing = BernoulliCusum(before, after, threshold=GUESSING_THRESHOLD, categories=kinds)
    return Rules(fall, guessing)
