"""Scales and paths of charts: where a value lies in a drawing, and which ticks an axis has. Pure functions.

A drawing is 1000 by 300 units; x grows to the right, y downwards.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH = 1000.0
HEIGHT = 300.0

#: Returns the (x, y) in the drawing of a point on the axis and a value.
Locator = Callable[[float, float], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class LinePoint:
    """One measured value; ``at`` is where it is on the axis, an increasing number such as a timestamp."""

    at: float
    label: str
    value: float | None
    low: float | None = None
    high: float | None = None


def is_finite(value: float | None) -> bool:
    """Return whether there is a value, and it is a finite number."""
    return value is not None and math.isfinite(value)


def rounded(number: float) -> float:
    """Round a coordinate to a tenth of a unit."""
    return round(number, 1)


def span_of(
    known: Sequence[LinePoint],
    target: float | None,
    limits: tuple[float, float] = (-math.inf, math.inf),
) -> tuple[float, float]:
    """Return the least and the greatest of all values, interval ends and the target; values end at ``limits``."""
    measured = [(p.value, p.low, p.high) for p in known]
    numbers = [n for three in measured for n in three if n is not None and is_finite(n)]
    numbers = [min(max(n, limits[0]), limits[1]) for n in numbers]
    if target is not None and is_finite(target):
        numbers.append(target)
    return (min(numbers), max(numbers)) if numbers else (0.0, 1.0)


def axis_of(
    span: tuple[float, float], fixed: tuple[float, float] | None = None
) -> tuple[float, float, list[float]]:
    """Choose the ends of the scale and about four round ticks, widening a fixed range if needed.

    Returns: the lower end, the upper end, and the ticks in ascending order.
    """
    low, high = span
    if fixed is not None:
        low, high = min(low, fixed[0]), max(high, fixed[1])
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    step = _round_step((high - low) / 4)
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    ticks = [low + step * i for i in range(round((high - low) / step) + 1)]
    return low, high, [0.0 if abs(tick) < step / 1e6 else tick for tick in ticks]


def _round_step(rough: float) -> float:
    size = 10.0 ** math.floor(math.log10(rough))
    return next(size * n for n in (1, 2, 2.5, 5, 10) if size * n >= rough - 1e-12)


def top_of_bars(most: float) -> float:
    """Return the end of a scale from zero for bars up to ``most``."""
    if not most > 0:
        return 1.0
    # Counts below four would otherwise get ticks between whole numbers.
    return max(most, 4.0) if most == int(most) else most


def locator_of(rows: Sequence[LinePoint], low: float, high: float) -> Locator:
    """Return the function that locates points: x by the first and the last row, y by the scale from low to high."""
    start = rows[0].at if rows else 0.0
    length = (rows[-1].at - start if rows else 0.0) or 1.0

    def locate(at: float, value: float) -> tuple[float, float]:
        share = min(max((value - low) / (high - low), 0.0), 1.0)
        return (at - start) / length * WIDTH, (1 - share) * HEIGHT

    return locate


def line_of(rows: Sequence[LinePoint], locate: Locator) -> str:
    """Return the SVG path through the values, a stroke for each run of known ones."""
    runs = [[locate(row.at, row.value or 0.0) for row in run] for run in _runs(rows)]
    return " ".join(_path(run) for run in runs)


def band_of(rows: Sequence[LinePoint], locate: Locator) -> str:
    """Return the SVG path around the intervals: along their upper ends and back along the lower ones."""
    return " ".join(_band(run, locate) for run in _runs(rows))


def _runs(rows: Sequence[LinePoint]) -> list[list[LinePoint]]:
    """Split at unknown values."""
    runs: list[list[LinePoint]] = [[]]
    for row in rows:
        if is_finite(row.value):
            runs[-1].append(row)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _path(corners: Sequence[tuple[float, float]]) -> str:
    return " ".join(
        f"{'M' if i == 0 else 'L'}{rounded(x)} {rounded(y)}" for i, (x, y) in enumerate(corners)
    )


def _band(run: Sequence[LinePoint], locate: Locator) -> str:
    bounded = [row for row in run if is_finite(row.low) and is_finite(row.high)]
    if len(bounded) < 2:
        return ""
    above = [locate(row.at, row.high or 0.0) for row in bounded]
    below = [locate(row.at, row.low or 0.0) for row in reversed(bounded)]
    return _path(above + below) + " Z"
