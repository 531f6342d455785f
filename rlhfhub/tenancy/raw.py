"""Reading rows of raw SQL: Django leaves jsonb as text there."""

from typing import Any

import orjson


def unjson(value: str | None) -> Any:
    """The value of a jsonb column read by a raw cursor."""
    return None if value is None else orjson.loads(value)
