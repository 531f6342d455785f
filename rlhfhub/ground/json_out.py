"""Writes JSON with orjson: UUIDs and times as strings, large numbers as doubles; other types are refused."""

from typing import Any

import orjson


def dumps(value: Any) -> bytes:
    """Return `value` as UTF-8 JSON. Raises TypeError for a type that has no JSON form."""
    try:
        return orjson.dumps(value, default=_other, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        doubles = _with_doubles(value)
        return orjson.dumps(doubles, default=_other, option=orjson.OPT_NON_STR_KEYS)


def error(code: str, detail: str) -> bytes:
    """Return the body of a REST error that names no field: `{"code", "detail", "errors"}`."""
    return dumps({"code": code, "detail": detail, "errors": []})


def _other(value: Any) -> Any:
    if hasattr(value, "__html__") or isinstance(value, str):
        return str(value)
    raise TypeError(f"not for JSON: {type(value).__name__}")


def _with_doubles(value: Any) -> Any:
    """Return `value` with large integers as doubles: jsonb stores 1e300 as an integer of 301 digits."""
    if isinstance(value, dict):
        return {key: _with_doubles(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_with_doubles(inner) for inner in value]
    return float(value) if isinstance(value, int) and abs(value) >= 1 << 63 else value
