"""Limits how often expensive figures are computed, in proportion to the time they take."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache

_Value = TypeVar("_Value")
SHARE = 20
_LONGEST = 600


def remembered(key: str, make: Callable[[], _Value]) -> _Value:
    """Return `make()`, or its earlier result under `key`, which must name a row of the workspace.

    A result is kept twenty times as long as it took to compute. So a small project is counted each time, and counting a
    huge one takes at most a twentieth of one process, however many people watch it.
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
    """Run `make`, which is scheduled `every` so many seconds. Returns False if it was skipped because it still rests.

    After each run, also a failed one, it rests twenty times as long as the run took, so that a huge project costs at
    most a twentieth of one process. A run that takes less than a twentieth of `every` is never skipped.
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
