"""JSON out, by orjson: UUIDs and times as strings, nothing else guessed."""

from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer


def _other(value: Any) -> Any:
    if hasattr(value, "__html__") or isinstance(value, str):
        return str(value)
    raise TypeError(f"not for JSON: {type(value).__name__}")


def dumps(value: Any) -> bytes:
    """UTF-8 JSON of `value`."""
    return orjson.dumps(value, default=_other, option=orjson.OPT_NON_STR_KEYS)


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None
    ) -> bytes:
        return b"" if data is None else dumps(data)
