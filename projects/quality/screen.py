"""What a judgment looked like on the screen, where responses stand in the order that its lease drew. Pure."""

from collections.abc import Sequence
from typing import Any

from projects.kinds.protocol import Facet


def is_in_order(facet: Facet, shown: Sequence[int]) -> bool:
    """Return whether the first response of a pair was shown before the second."""
    one, other = (shown.index(int(at)) for at in facet.at)
    return one < other


def chose_first(facet: Facet, side: int | None, shown: Sequence[int]) -> bool | None:
    """Return whether a judgment prefers the response of a pair that was shown first; None if it prefers none."""
    if facet.shape != "pair" or not side:
        return None
    return is_in_order(facet, shown) == (side < 0)


def seen(facet: Facet, value: int, side: int | None, shown: Sequence[int]) -> tuple[Any, ...]:
    """Return what a judgment looked like: positions instead of stored indices, and the value as it was seen there."""
    if facet.shape not in ("pair", "response"):
        return facet.shape, facet.at, value
    positions = sorted(shown.index(int(at)) for at in facet.at)
    if facet.shape == "pair" and side and not is_in_order(facet, shown):
        value = -value
    return facet.shape, tuple(positions), value
