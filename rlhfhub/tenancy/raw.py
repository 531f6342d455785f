"""Reading rows of raw SQL, where Django leaves jsonb as text; and what database errors are about."""

from typing import Any

import orjson


def unjson(value: str | None) -> Any:
    """The value of a jsonb column read by a raw cursor."""
    return None if value is None else orjson.loads(value)


def constraint_of(error: BaseException) -> str:
    """The name of the constraint (or of the rule of a trigger) that a database error is about, or ''."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None) or ""
