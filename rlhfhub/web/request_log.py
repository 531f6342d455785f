"""Writes one log line for each request. Its id is returned as X-Request-Id and is in every line of the request."""

import contextlib
import logging
import re
import sys
import time
import uuid
from collections.abc import Callable

import orjson
import structlog
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

_SOUND = re.compile(r"[A-Za-z0-9-]{8,64}")
# The names of secret URL parts, in the site's URLs and in allauth's.
_SECRET = frozenset({"token", "key"})
_enabled = logging.getLogger("rlhfhub.request").isEnabledFor


class RequestLogMiddleware:
    """Logs each request, without bodies, queries and secrets. A valid id from the proxy is kept, any other replaced.

    The line has the same format as others but is written directly: the logging module would add 5 % to the time of a
    lease.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _SOUND.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        try:
            response = self.get_response(request)
        finally:
            structlog.contextvars.clear_contextvars()
        response["X-Request-Id"] = request_id
        if _enabled(logging.INFO):
            _write(request, response, request_id, time.perf_counter() - started)
        return response


def _path(request: HttpRequest) -> str:
    """Return the path; for a URL that contains a secret (an invitation, a new password), only its pattern."""
    match = request.resolver_match
    return f"/{match.route}" if match and not _SECRET.isdisjoint(match.kwargs) else request.path


def _write(
    request: HttpRequest, response: HttpResponseBase, request_id: str, seconds: float
) -> None:
    line = {
        "event": "request",
        "method": request.method,
        "path": _path(request),
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
        "request_id": request_id,
        "timestamp": timezone.now(),
        "logger": "rlhfhub.request",
        "level": "info",
    }
    if reason := getattr(response, "log_reason", ""):
        line["reason"] = reason
    # The request is done: a full disk loses its line, as the logging module would, and not the response.
    with contextlib.suppress(OSError):
        sys.stderr.write(orjson.dumps(line).decode() + "\n")
