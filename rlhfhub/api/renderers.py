"""DRF's renderer: all responses are JSON."""

from typing import Any

from rest_framework.renderers import BaseRenderer

from rlhfhub.ground.json_out import dumps


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None
    ) -> bytes:
        return b"" if data is None else dumps(data)
