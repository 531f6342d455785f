"""One log line a request, with an id that comes back as X-Request-Id and stands in every line between."""

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
# What the parts of such addresses are called, in our URLs and in those of accounts.
_SECRET = frozenset({"token", "key"})
_enabled = logging.getLogger("rlhfhub.request").isEnabledFor


class RequestLogMiddleware:
    """A sound id from the proxy is kept, any other replaced. Bodies, queries and secrets are not logged.

    The line has the shape of all others, but is written here: through the logging module it would cost
    a lease a twentieth of its time.
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
    """The path; of an address that is itself a secret (an invitation, a new password) its pattern alone."""
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
    sys.stderr.write(orjson.dumps(line).decode() + "\n")
