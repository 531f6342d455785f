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
