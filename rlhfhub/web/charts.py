"""Small charts as plain data: numbers in, coordinates out; the templates draw them as SVG.

A drawing is 1000 by 300 units and is stretched to the width it gets, so labels stay text of the
page. Nothing here knows Django.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH = 1000.0
HEIGHT = 300.0
_DASH = "–"

Format = Callable[[float], str]
Chart = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LinePoint:
    """One measured value; ``at`` is its place on the axis, an increasing number such as a timestamp."""

    at: float
    label: str
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar and its label."""

    label: str
    value: float


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
) -> Chart:
    """Lay out a line with an interval band; ``name`` makes its ids unique on the page.

    A given ``y_range`` is widened for values and intervals up to ``limits``, the possible range of a value. ``when``
    writes a place on the axis as a label; without it the points' labels are used. Points without a finite value break
    the line, so that "not known yet" is never drawn as zero.
    """
    rows = sorted(points, key=lambda point: point.at)
    known = [row for row in rows if _finite(row.value)]
    low, high, ticks = _axis(_span(known, target, limits), y_range)
    locate = _locator(rows, low, high)
    return {
        "name": name,
        "title": title,
        "description": description or _describe(known, form),
        "width": WIDTH,
        "height": HEIGHT,
        "line": " ".join(_path(_spots(run, locate)) for run in _runs(rows)),
        "band": " ".join(_band(run, locate) for run in _runs(rows)),
        "points": [_mark(row, locate, form) for row in known],
        "target": None if target is None else _target(target, locate, form),
        "y_ticks": [{"y": _round(locate(0, tick)[1]), "label": form(tick)} for tick in ticks],
        "x_labels": _times(rows, when) if when else _ends([row.label for row in rows]),
        "rows": [_row(row, form) for row in rows],
        "has_interval": any(_finite(row.low) for row in known),
        "empty": not known,
    }


def bar_chart(
    bars: Sequence[Bar],
    *,
    name: str,
    title: str,
    description: str = "",
    form: Format = whole,
) -> Chart:
    """Lay out upright bars from zero, evenly spread."""
    top = max((bar.value for bar in bars if _finite(bar.value)), default=0.0)
    _, high, ticks = _axis((0.0, top), (0.0, _nice_top(top)))
    step = WIDTH / max(len(bars), 1)
    drawn = [_bar(bar, index, step, high, form) for index, bar in enumerate(bars)]
    return {
        "name": name,
        "title": title,
        "description": description or f"{len(bars)} values, the highest {form(top)}.",
        "width": WIDTH,
        "height": HEIGHT,
        "bars": drawn,
        "y_ticks": [{"y": _round(HEIGHT * (1 - t / high)), "label": form(t)} for t in ticks],
        "x_labels": _ends([bar.label for bar in bars]),
        "rows": [{"label": bar.label, "value": form(bar.value)} for bar in bars],
        "empty": not any(bar.value for bar in bars),
    }


def sparkline(values: Iterable[float | None], *, title: str, form: Format = two_decimals) -> Chart:
    """Lay out a word-sized line without axes; its title says the first and the last value."""
    points = [LinePoint(at=i, label="", value=value) for i, value in enumerate(values)]
    known = [point.value for point in points if _finite(point.value)]
    low, high, _ = _axis(_span([p for p in points if _finite(p.value)], None), None)
    locate = _locator(points, low, high)
    said = f"{title}: from {form(known[0] or 0)} to {form(known[-1] or 0)}" if known else title
    return {
        "title": said,
        "width": WIDTH,
        "height": HEIGHT,
        "line": " ".join(_path(_spots(run, locate)) for run in _runs(points)),
        "empty": len(known) < 2,
    }


def _finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _span(
    known: Sequence[LinePoint],
    target: float | None,
    limits: tuple[float, float] = (-math.inf, math.inf),
) -> tuple[float, float]:
    spots = [(p.value, p.low, p.high) for p in known]
    numbers = [n for spot in spots for n in spot if n is not None and _finite(n)]
    numbers = [min(max(n, limits[0]), limits[1]) for n in numbers]
    if target is not None and _finite(target):
        numbers.append(target)
    return (min(numbers), max(numbers)) if numbers else (0.0, 1.0)


def _axis(
    span: tuple[float, float], fixed: tuple[float, float] | None
) -> tuple[float, float, list[float]]:
    """Choose the ends of the scale and about four round ticks, widening a fixed range if needed."""
    low, high = span
    if fixed is not None:
        low, high = min(low, fixed[0]), max(high, fixed[1])
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    step = _nice_step((high - low) / 4)
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    ticks = [low + step * i for i in range(round((high - low) / step) + 1)]
    return low, high, [0.0 if abs(tick) < step / 1e6 else tick for tick in ticks]


def _nice_step(rough: float) -> float:
    size = 10.0 ** math.floor(math.log10(rough))
    return next(size * n for n in (1, 2, 2.5, 5, 10) if size * n >= rough - 1e-12)


def _nice_top(top: float) -> float:
    if not top > 0:
        return 1.0
    # Counts below four would otherwise get ticks between whole numbers.
    return max(top, 4.0) if top == int(top) else top


Locator = Callable[[float, float], tuple[float, float]]


def _locator(rows: Sequence[LinePoint], low: float, high: float) -> Locator:
    start = rows[0].at if rows else 0.0
    length = (rows[-1].at - start if rows else 0.0) or 1.0

    def locate(at: float, value: float) -> tuple[float, float]:
        share = min(max((value - low) / (high - low), 0.0), 1.0)
        return (at - start) / length * WIDTH, (1 - share) * HEIGHT

    return locate


def _runs(rows: Sequence[LinePoint]) -> list[list[LinePoint]]:
    """Split at unknown values; each run is drawn as one stroke."""
    runs: list[list[LinePoint]] = [[]]
    for row in rows:
        if _finite(row.value):
            runs[-1].append(row)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _spots(run: Sequence[LinePoint], locate: Locator) -> list[tuple[float, float]]:
    return [locate(row.at, row.value or 0.0) for row in run]


def _path(spots: Sequence[tuple[float, float]]) -> str:
    return " ".join(
        f"{'M' if i == 0 else 'L'}{_round(x)} {_round(y)}" for i, (x, y) in enumerate(spots)
    )


def _band(run: Sequence[LinePoint], locate: Locator) -> str:
    bounded = [row for row in run if _finite(row.low) and _finite(row.high)]
    if len(bounded) < 2:
        return ""
    above = [locate(row.at, row.high or 0.0) for row in bounded]
    below = [locate(row.at, row.low or 0.0) for row in reversed(bounded)]
    return _path(above + below) + " Z"


def _mark(row: LinePoint, locate: Locator, form: Format) -> Chart:
    x, y = locate(row.at, row.value or 0.0)
    return {"x": _round(x), "y": _round(y), "text": f"{row.label}: {_said(row, form)}"}


def _target(target: float, locate: Locator, form: Format) -> Chart:
    return {"y": _round(locate(0, target)[1]), "label": form(target)}


def _said(row: LinePoint, form: Format) -> str:
    value, between = _number(row.value, form), _interval(row, form)
    return f"{value} ({between})" if between else value


def _interval(row: LinePoint, form: Format) -> str:
    if not (_finite(row.low) and _finite(row.high)):
        return ""
    return f"{form(row.low or 0.0)} to {form(row.high or 0.0)}"


def _row(row: LinePoint, form: Format) -> Chart:
    value = _number(row.value, form)
    return {"label": row.label, "value": value, "interval": _interval(row, form) or _DASH}


def _number(value: float | None, form: Format) -> str:
    return form(value) if value is not None and math.isfinite(value) else _DASH


def _bar(bar: Bar, index: int, step: float, high: float, form: Format) -> Chart:
    value = bar.value if _finite(bar.value) and bar.value > 0 else 0.0
    height = value / high * HEIGHT
    width = step * 0.72
    return {
        "x": _round(index * step + (step - width) / 2),
        "y": _round(HEIGHT - height),
        "width": _round(width),
        "height": _round(height),
        "text": f"{bar.label}: {form(bar.value)}",
    }


def _ends(labels: Sequence[str]) -> list[str]:
    """Keep the first, the middle and the last label; more would collide on a phone."""
    if len(labels) < 3:
        return list(labels)
    return [labels[0], labels[len(labels) // 2], labels[-1]]


def _times(rows: Sequence[LinePoint], when: Format) -> list[str]:
    """Return labels of the first, the middle and the last place on the axis, whether points are there or not."""
    if not rows:
        return []
    first, last = rows[0].at, rows[-1].at
    moments = (first, (first + last) / 2, last) if last > first else (first,)
    return [when(at) for at in moments]


def _describe(known: Sequence[LinePoint], form: Format) -> str:
    if not known:
        return "No values yet."
    return f"{len(known)} values; the latest is {_said(known[-1], form)}."


def _round(number: float) -> float:
    return round(number, 1)
