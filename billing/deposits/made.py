"""What Stripe has made for a deposit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Made:
    """The columns of the deposit that say what was made; `see` books it, if it may be paid or over already."""

    columns: Mapping[str, Any]
    see: Callable[[], None] | None
