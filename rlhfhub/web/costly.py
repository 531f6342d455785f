"""Figures that are dear to count: kept for as long as is fair, so that watching costs little."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache

_Value = TypeVar("_Value")
SHARE = 20
_LONGEST = 600


def remembered(key: str, make: Callable[[], _Value]) -> _Value:
    """`make()`, or what it said lately under `key`, which must name the workspace's own row.

    An answer is kept twenty times as long as it took: counting a small project is done anew each time,
    counting a huge one takes at most a twentieth of one process, however many people watch it.
    """
    kept = cache.get(key)
    if kept is not None:
        value: _Value = kept[0]
        return value
    began = time.monotonic()
    value = make()
    cache.set(key, (value,), min(_LONGEST, (time.monotonic() - began) * SHARE))
    return value


def unless_resting(key: str, make: Callable[[], object], *, every: float) -> bool:
    """`make()`, for a clock that strikes `every` so many seconds; False when it was done too lately.

    What takes long rests twenty times as long before the next, so that a huge project costs a twentieth of
    one process; what takes less than a twentieth of `every` never rests. What fails rests as well.
    """
    if cache.get(key):
        return False
    began = time.monotonic()
    try:
        make()
    finally:
        rest = (time.monotonic() - began) * SHARE - every
        if rest > 0:
            cache.set(key, True, min(_LONGEST, rest))
    return True
