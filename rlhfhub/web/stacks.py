"""A bar that shows what a sum is made of, as plain data for `web/_stack.html`. Nothing here imports Django."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rlhfhub.web.chart_scales import WIDTH, rounded

#: A part that is there is drawn at least so wide, so that it can be seen.
LEAST_WIDTH = WIDTH / 150


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a sum. `help` says in a few words what is in it."""

    name: str
    value: int
    help: str = ""


@dataclass(frozen=True, slots=True)
class DrawnPart:
    """A part in the drawing. `color` is the number of its color; `words` is its value, `percent` its share."""

    name: str
    help: str
    color: int
    x: float
    width: float
    words: str
    percent: str


@dataclass(frozen=True, slots=True)
class Stack:
    """The bar, its parts in their order, without those of nothing, and the sum in words."""

    total_width: ClassVar[float] = WIDTH

    name: str
    title: str
    parts: list[DrawnPart]
    total: str
    empty: bool


def stack(parts: Sequence[Part], *, name: str, title: str, form: Callable[[int], str]) -> Stack:
    """Lay out the parts side by side, each in the color of its place among them.

    `name` makes the bar's ids unique on the page, `form` writes a value.
    """
    total = sum(part.value for part in parts)
    there = [(color, part) for color, part in enumerate(parts, 1) if part.value]
    wide = [max(part.value / total * WIDTH, LEAST_WIDTH) for _, part in there]
    scale = WIDTH / (sum(wide) or 1.0)
    drawn, x = [], 0.0
    for (color, part), width in zip(there, wide, strict=True):
        drawn.append(
            DrawnPart(
                name=part.name,
                help=part.help,
                color=color,
                x=rounded(x),
                width=rounded(width * scale),
                words=form(part.value),
                percent=_percent(part.value / total),
            )
        )
        x += width * scale
    return Stack(name=name, title=title, parts=drawn, total=form(total), empty=not total)


def _percent(share: float) -> str:
    """Write a share; none is written as 0 %."""
    return "under 1 %" if share < 0.01 else f"{share * 100:.0f} %"
