"""Small charts as plain data: numbers in, coordinates out; the templates draw them as SVG.

A drawing is stretched to the width it gets, so its labels are text of the page. Nothing here imports Django.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rlhfhub.web.chart_scales import (
    HEIGHT,
    WIDTH,
    LinePoint,
    Locator,
    axis_of,
    band_of,
    is_finite,
    line_of,
    locator_of,
    rounded,
    span_of,
    top_of_bars,
)

_DASH = "–"
#: So many bars have room for a short label each, on a phone too.
MOST_NAMED = 6

Format = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar and its label."""

    label: str
    value: float


@dataclass(frozen=True, slots=True)
class Level:
    """A height in the drawing and the value that it stands for, in words."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A measured value in the drawing, and what a pointer over it shows."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on the axis that is marked by an upright line, and what happened then."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """A bar in the drawing, and what a pointer over it shows."""

    x: float
    y: float
    width: float
    height: float
    text: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """A value of the chart in words, for the table under it. `interval` is empty or a dash where there is none."""

    label: str
    value: str
    interval: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """The frame of a chart: its texts, axes and table. `name` makes its ids unique on the page."""

    width: ClassVar[float] = WIDTH
    height: ClassVar[float] = HEIGHT

    name: str
    title: str
    description: str
    y_ticks: list[Level]
    x_labels: list[str]
    rows: list[TableRow]
    has_interval: bool
    empty: bool


@dataclass(frozen=True, slots=True)
class LineChart(Chart):
    """`line` and `band` are SVG paths: through the values, and around their intervals."""

    line: str
    band: str
    points: list[Dot]
    target: Level | None
    marks: list[Mark]


@dataclass(frozen=True, slots=True)
class BarChart(Chart):
    """Upright bars from zero."""

    bars: list[DrawnBar]

    @property
    def names_each(self) -> bool:
        """Whether each bar has its label below it; of many bars only the ends and the middle are labelled."""
        return len(self.x_labels) == len(self.bars)


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A word-sized line; its title tells the first and the last value."""

    width: ClassVar[float] = WIDTH
    height: ClassVar[float] = HEIGHT

    title: str
    line: str
    empty: bool


def two_decimals(value: float) -> str:
    """Write a coefficient such as α."""
    return f"{value:.2f}".replace("-", "\u2212")


def whole(value: float) -> str:
    """Write a count."""
    return f"{value:,.0f}".replace("-", "\u2212")


def line_chart(
    points: Iterable[LinePoint],
    *,
    name: str,
    title: str,
    description: str = "",
    y_range: tuple[float, float] | None = None,
    limits: tuple[float, float] = (-math.inf, math.inf),
    target: float | None = None,
    form: Format = two_decimals,
    when: Format | None = None,
    marks: Iterable[tuple[float, str]] = (),
) -> LineChart:
    """Lay out a line with an interval band; ``name`` makes its ids unique on the page.

    A given ``y_range`` is widened for values and intervals up to ``limits``, the possible range of a value. ``when``
    writes a point on the axis as a label; without it the points' labels are used. Points without a finite value break
    the line, so that "not known yet" is never drawn as zero. ``marks`` are points on the axis, each with a text; those
    outside the range of the rows are left out.
    """
    rows = sorted(points, key=lambda point: point.at)
    known = [row for row in rows if is_finite(row.value)]
    low, high, ticks = axis_of(span_of(known, target, limits), y_range)
    locate = locator_of(rows, low, high)
    return LineChart(
        name=name,
        title=title,
        description=description or _describe(known, form),
        y_ticks=[_level(tick, locate, form) for tick in ticks],
        x_labels=_times(rows, when) if when else _ends([row.label for row in rows]),
        rows=[_row(row, form) for row in rows],
        has_interval=any(is_finite(row.low) for row in known),
        empty=not known,
        line=line_of(rows, locate),
        band=band_of(rows, locate),
        points=[_dot(row, locate, form) for row in known],
        target=None if target is None else _level(target, locate, form),
        marks=[
            Mark(rounded(locate(at, low)[0]), text)
            for at, text in marks
            if rows and rows[0].at <= at <= rows[-1].at
        ],
    )


def bar_chart(
    bars: Sequence[Bar],
    *,
    name: str,
    title: str,
    description: str = "",
    form: Format = whole,
) -> BarChart:
    """Lay out upright bars from zero, evenly spread."""
    most = max((bar.value for bar in bars if is_finite(bar.value)), default=0.0)
    _, high, ticks = axis_of((0.0, most), (0.0, top_of_bars(most)))
    step = WIDTH / max(len(bars), 1)
    return BarChart(
        name=name,
        title=title,
        description=description or f"{len(bars)} values, the highest {form(most)}.",
        y_ticks=[Level(rounded(HEIGHT * (1 - tick / high)), form(tick)) for tick in ticks],
        x_labels=_ends([bar.label for bar in bars], most=MOST_NAMED),
        rows=[TableRow(bar.label, form(bar.value)) for bar in bars],
        has_interval=False,
        empty=not any(bar.value for bar in bars),
        bars=[_bar(bar, index, step, high, form) for index, bar in enumerate(bars)],
    )


def sparkline(
    values: Iterable[float | None], *, title: str, form: Format = two_decimals
) -> Sparkline:
    """Lay out a word-sized line without axes. It is empty with fewer than two known values."""
    points = [LinePoint(at=i, label="", value=value) for i, value in enumerate(values)]
    known = [point for point in points if is_finite(point.value)]
    low, high, _ = axis_of(span_of(known, None))
    if known:
        title = f"{title}: from {_number(known[0].value, form)} to {_number(known[-1].value, form)}"
    return Sparkline(
        title=title, line=line_of(points, locator_of(points, low, high)), empty=len(known) < 2
    )


def _dot(row: LinePoint, locate: Locator, form: Format) -> Dot:
    x, y = locate(row.at, row.value or 0.0)
    return Dot(rounded(x), rounded(y), f"{row.label}: {_with_interval(row, form)}")


def _level(value: float, locate: Locator, form: Format) -> Level:
    return Level(rounded(locate(0, value)[1]), form(value))


def _with_interval(row: LinePoint, form: Format) -> str:
    value, between = _number(row.value, form), _interval(row, form)
    return f"{value} ({between})" if between else value


def _interval(row: LinePoint, form: Format) -> str:
    if not (is_finite(row.low) and is_finite(row.high)):
        return ""
    return f"{form(row.low or 0.0)} to {form(row.high or 0.0)}"


def _row(row: LinePoint, form: Format) -> TableRow:
    return TableRow(row.label, _number(row.value, form), _interval(row, form) or _DASH)


def _number(value: float | None, form: Format) -> str:
    return form(value) if value is not None and math.isfinite(value) else _DASH


def _bar(bar: Bar, index: int, step: float, high: float, form: Format) -> DrawnBar:
    value = bar.value if is_finite(bar.value) and bar.value > 0 else 0.0
    height = value / high * HEIGHT
    width = step * 0.72
    return DrawnBar(
        x=rounded(index * step + (step - width) / 2),
        y=rounded(HEIGHT - height),
        width=rounded(width),
        height=rounded(height),
        text=f"{bar.label}: {form(bar.value)}",
    )


def _ends(labels: Sequence[str], most: int = 2) -> list[str]:
    """Keep the first, the middle and the last of more than `most` labels: they would collide on a phone."""
    if len(labels) <= most:
        return list(labels)
    return [labels[0], labels[len(labels) // 2], labels[-1]]


def _times(rows: Sequence[LinePoint], when: Format) -> list[str]:
    """Return labels of the first, the middle and the last point of the axis, whether values are there or not."""
    if not rows:
        return []
    first, last = rows[0].at, rows[-1].at
    moments = (first, (first + last) / 2, last) if last > first else (first,)
    return [when(at) for at in moments]


def _describe(known: Sequence[LinePoint], form: Format) -> str:
    if not known:
        return "No values yet."
    return f"{len(known)} values; the latest is {_with_interval(known[-1], form)}."
