"""Helpers for raw SQL, where Django leaves jsonb as text, and for database errors."""

from typing import Any

import orjson


def unjson(value: str | None) -> Any:
    """Return the value of a jsonb column that was read with a raw cursor."""
    return None if value is None else orjson.loads(value)


def constraint_of(error: BaseException) -> str:
    """Return the name of the constraint (or of a trigger's rule) that caused a database error, or ''."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None) or ""
