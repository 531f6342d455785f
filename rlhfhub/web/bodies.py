"""Bodies of requests as the server hands them over."""

import time
from typing import Any

from django.http import HttpRequest, RawPostDataException

_SECONDS, _BYTES, _BLOCK = 5.0, 64 << 20, 1 << 16


def is_unmeasured(request: HttpRequest) -> bool:
    """Whether a body comes in chunks: Django would take it for none."""
    return "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH")


def stream_of(request: HttpRequest) -> Any:
    """What the body is read from, chunked or not."""
    # Django's own stream ends where Content-Length says, so it gives nothing of a chunked body;
    # a server that sets this flag ends the input by itself.
    environ = request.META
    return environ["wsgi.input"] if environ.get("wsgi.input_terminated") else request


def drain(request: HttpRequest) -> None:
    """Read past what is left of a refused body, as far as is cheap: many clients send all of it before they
    look for an answer, and would find the connection closed instead."""
    stream, until, left = stream_of(request), time.monotonic() + _SECONDS, _BYTES
    try:
        while left > 0 and time.monotonic() < until and (block := stream.read(_BLOCK)):
            left -= len(block)
    except (OSError, RawPostDataException):
        return
