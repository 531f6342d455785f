"""What an alert rests on: figures and a thinned-out series, frozen when it is opened."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import fmean
from typing import Any, Self

from projects.quality.monitors.signs import Fast
from projects.stats.change_point import change_point

#: A chart shows at most so many points; a change is estimated from at most so many of the newest scores.
POINTS, NEWEST = 200, 2000


@dataclass(frozen=True, slots=True)
class Point:
    """One judgment of a series: its number, what entered, and how near to an alarm it brought the monitor."""

    number: int
    value: float | None
    level: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence of an alert.

    The alarm came at judgment `at` of a monitor, for a change after judgment `since`; `affected_from` is the first
    annotation after it. `before` and `after` are the means of what entered on either side. `signs` came together.
    `others` are the annotators that a search found this one beside, and `count` how many items, texts or answers it
    found, of `of` that it looked at; chance explains `expected`. `groups` are answers of all of them that hold nearly
    the same text. Texts are never kept here. `a_day` is how many answers the project got a day in the week before, or
    for an alert about the whole project how many of its items were answered. `fast` is what an alarm about speed rests
    on.
    """

    at: int = 0
    since: int = 0
    affected_from: str | None = None
    before: float | None = None
    after: float | None = None
    signs: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    count: int = 0
    expected: float = 0.0
    of: int = 0
    groups: tuple[tuple[str, ...], ...] = ()
    a_day: float = 0.0
    fast: Fast | None = None
    points: list[Point] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return what the alert's row keeps."""
        return asdict(self)

    @classmethod
    def restore(cls, kept: dict[str, Any]) -> Self:
        """Return the evidence that a row keeps."""
        points = [Point(**point) for point in kept["points"]]
        lists = {name: tuple(kept[name]) for name in ("signs", "others")}
        groups = tuple(tuple(group) for group in kept["groups"])
        fast = Fast(**kept["fast"]) if kept["fast"] else None
        return cls(**{**kept, **lists, "groups": groups, "points": points, "fast": fast})

    @property
    def affected_id(self) -> uuid.UUID | None:
        """The first annotation after the change."""
        return uuid.UUID(self.affected_from) if self.affected_from else None


@dataclass(frozen=True, slots=True)
class AffectedCounts:
    """How many answers an alert is about: those for the project's data, to keyed items, and to repeats."""

    data: int
    keyed: int
    repeats: int

    @property
    def all(self) -> int:
        """All of them together."""
        return self.data + self.keyed + self.repeats


def changed_after(series: Sequence[Point], since: int, *, is_share: bool) -> int:
    """Return after which judgment the work probably changed.

    For shares it is the likeliest change in the whole series; `since`, where a sum began to rise, only says when it was
    last as low as possible.
    """
    if not is_share or since <= 0:
        return since
    values = [float("nan") if point.value is None else point.value for point in series]
    found = change_point(values, at_least=10)
    if found is None or found.later >= found.before:
        return since
    return series[found.after - 1].number


def too_fast_after(series: Sequence[Point], since: int) -> int:
    """Return after which answer answers came too fast.

    `since` is the answer before those that were judged together: of these, and of those before them without a slower
    one between, the first that was too fast.
    """
    at = next((n for n, one in enumerate(series) if one.number > since and _is_too_fast(one)), None)
    if at is None:
        return since
    while at > 0 and _is_too_fast(series[at - 1]):
        at -= 1
    return series[at].number - 1


def _is_too_fast(point: Point) -> bool:
    return point.value is not None and point.value < 1


def means(series: Sequence[Point], since: int) -> tuple[float | None, float | None]:
    """Return the mean of what entered until the change, and after it."""
    known = [(point.number, point.value) for point in series if point.value is not None]
    before = [value for number, value in known if number <= since]
    after = [value for number, value in known if number > since]
    return fmean(before) if before else None, fmean(after) if after else None


def thinned(series: Sequence[Point], most: int = POINTS) -> list[Point]:
    """Return at most `most` points, evenly spread, with the last one among them."""
    step = -(-len(series) // most) or 1
    return list(series[::-1][::step][::-1])
