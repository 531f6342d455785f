"""JSON out, by orjson: UUIDs and times as strings, numbers as the doubles they were, nothing else guessed."""

from typing import Any

import orjson


def dumps(value: Any) -> bytes:
    """UTF-8 JSON of `value`."""
    try:
        return orjson.dumps(value, default=_other, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        doubles = _with_doubles(value)
        return orjson.dumps(doubles, default=_other, option=orjson.OPT_NON_STR_KEYS)


def error(code: str, detail: str) -> bytes:
    """The body of an error of REST that names no field: `{"code", "detail", "errors"}`."""
    return dumps({"code": code, "detail": detail, "errors": []})


def _other(value: Any) -> Any:
    if hasattr(value, "__html__") or isinstance(value, str):
        return str(value)
    raise TypeError(f"not for JSON: {type(value).__name__}")


def _with_doubles(value: Any) -> Any:
    """Of 1e300 jsonb makes an integer of 301 digits, which no reader of 64 bits takes."""
    if isinstance(value, dict):
        return {key: _with_doubles(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_with_doubles(inner) for inner in value]
    return float(value) if isinstance(value, int) and abs(value) >= 1 << 63 else value
