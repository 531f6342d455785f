"""Request bodies as the server passes them to views.

The site's server (rlhfhub.server) receives a body before it calls the site. A long or chunked one it only announces at
first: a view that takes such bodies checks the headers, responds `Continue`, and is called again with the body. Any
other response ends the request. Other WSGI servers pass a stream, which views read themselves.
"""

import io
import time
from enum import StrEnum
from typing import Any

from django.http import HttpRequest, HttpResponse, RawPostDataException

# A key of the WSGI environ, which no client can set.
STATE = "rlhfhub.body"
# Set by a view that wants a body: the sender, against whose share the server counts it.
SENDER = "rlhfhub.sender"
_SECONDS, _BYTES, _BLOCK = 5.0, 64 << 20, 1 << 16


class State(StrEnum):
    """The state of a long body: only its headers have arrived, or, after a `Continue`, all of it."""

    ANNOUNCED = "announced"
    WANTED = "wanted"


class Continue(HttpResponse):
    """The response of a view that wants the announced body. Only the server sees it, never a client."""

    status_code = 100


class Unread(io.RawIOBase):
    """Replaces a body that is only announced. Reading it fails, as when the sender has disconnected."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        raise OSError("the body was announced, not received")


def wanted(request: HttpRequest, sender: str) -> Continue:
    """Return the response by which a view requests the announced body. Its bytes count for `sender`."""
    request.META[SENDER] = sender
    return Continue()


def is_announced(request: HttpRequest) -> bool:
    """Return whether only the headers have arrived, so that the view must decide about the body."""
    return request.META.get(STATE) == State.ANNOUNCED


def is_wanted(request: HttpRequest) -> bool:
    """Return whether the view has responded Continue to this request's headers before."""
    return request.META.get(STATE) == State.WANTED


def is_unmeasured(request: HttpRequest) -> bool:
    """Return whether the body is chunked. Django would take it for empty."""
    return "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH")


def stream_of(request: HttpRequest) -> Any:
    """Return the stream to read the body from, chunked or not."""
    # Django's own stream ends at Content-Length, so it returns nothing of a chunked body. A server that sets this flag
    # ends the input itself.
    environ = request.META
    return environ["wsgi.input"] if environ.get("wsgi.input_terminated") else request


def drain(request: HttpRequest) -> None:
    """Read and drop the rest of a refused body, within limits.

    Many clients send all of it before they read the response, and would only see a closed connection otherwise.
    """
    if request.META.get(STATE):
        # rlhfhub.server does it, without blocking a thread.
        return
    stream, until, left = stream_of(request), time.monotonic() + _SECONDS, _BYTES
    try:
        while left > 0 and time.monotonic() < until and (block := stream.read(_BLOCK)):
            left -= len(block)
    except (OSError, RawPostDataException):
        return
