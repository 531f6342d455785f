"""JSON out, by orjson: UUIDs and times as strings, numbers as the doubles they were, nothing else guessed."""

from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer


def _other(value: Any) -> Any:
    if hasattr(value, "__html__") or isinstance(value, str):
        return str(value)
    raise TypeError(f"not for JSON: {type(value).__name__}")


def dumps(value: Any) -> bytes:
    """UTF-8 JSON of `value`."""
    try:
        return orjson.dumps(value, default=_other, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        doubles = _with_doubles(value)
        return orjson.dumps(doubles, default=_other, option=orjson.OPT_NON_STR_KEYS)


def _with_doubles(value: Any) -> Any:
    """Of 1e300 jsonb makes an integer of 301 digits, which no reader of 64 bits takes."""
    if isinstance(value, dict):
        return {key: _with_doubles(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_with_doubles(inner) for inner in value]
    return float(value) if isinstance(value, int) and abs(value) >= 1 << 63 else value


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None
    ) -> bytes:
        return b"" if data is None else dumps(data)
