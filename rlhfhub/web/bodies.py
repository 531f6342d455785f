"""Bodies of requests as the server hands them over.

Our server (rlhfhub.server) receives a body before it calls the site. A long one, or one in chunks, it only announces
at first: a view that takes such bodies judges the headers and answers `Continue`, and is called again with the body.
Any other answer ends the request. Other WSGI servers hand over a stream, which views read themselves.
"""

import io
import time
from enum import StrEnum
from typing import Any

from django.http import HttpRequest, HttpResponse, RawPostDataException

# Of the WSGI environ; no client can send it.
STATE = "rlhfhub.body"
# Set by the view that wants a body: whose it is, for the server's shares.
SENDER = "rlhfhub.sender"
_SECONDS, _BYTES, _BLOCK = 5.0, 64 << 20, 1 << 16


class State(StrEnum):
    """Why the site is called about a body: its headers alone are there, or all of it after a `Continue`."""

    ANNOUNCED = "announced"
    WANTED = "wanted"


class Continue(HttpResponse):
    """The view wants the announced body. For the server alone; no client gets it."""

    status_code = 100


class Unread(io.RawIOBase):
    """In place of a body that is only announced: reading it fails as when the sender has gone."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        raise OSError("the body was announced, not received")


def wanted(request: HttpRequest, sender: str) -> Continue:
    """The answer of a view that wants the announced body, which counts for `sender`."""
    request.META[SENDER] = sender
    return Continue()


def is_announced(request: HttpRequest) -> bool:
    """Whether the headers alone are to be judged."""
    return request.META.get(STATE) == State.ANNOUNCED


def is_wanted(request: HttpRequest) -> bool:
    """Whether the headers of this request were judged before, and its body wanted."""
    return request.META.get(STATE) == State.WANTED


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
    if request.META.get(STATE):
        # Our server does it, without a thread.
        return
    stream, until, left = stream_of(request), time.monotonic() + _SECONDS, _BYTES
    try:
        while left > 0 and time.monotonic() < until and (block := stream.read(_BLOCK)):
            left -= len(block)
    except (OSError, RawPostDataException):
        return
