"""REST errors: `{"code", "detail", "errors": [{"row", "field", "message"}]}`."""

import math
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response

from rlhfhub.api import throttles
from rlhfhub.ground import json_out
from rlhfhub.ground.refusals import Refused


def rendered(error: Exception) -> HttpResponse:
    """Return the JSON response to an error that `handle` knows, without DRF's renderers."""
    handled = handle(error, {})
    if handled is None:
        raise error
    return HttpResponse(
        json_out.dumps(handled.data), status=handled.status_code, content_type="application/json"
    )


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an exception into a response. DRF's setting EXCEPTION_HANDLER names this function."""
    if isinstance(error, Refused):
        return Response(
            {"code": error.code, "detail": error.detail, "errors": error.errors},
            status=error.status,
        )
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    if isinstance(error, exceptions.ValidationError):
        found = list(_flat(error.detail))
        detail = "; ".join(f"{e['field']}: {e['message']}" for e in found[:5])
        return Response({"code": "invalid", "detail": detail, "errors": found}, status=400)
    if isinstance(error, exceptions.AuthenticationFailed):
        error = throttles.after_failure(error, context["request"], context["view"])
    if isinstance(error, exceptions.Throttled):
        return _throttled(error)
    headers = {}
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        headers["WWW-Authenticate"] = "Bearer"
    body = {"code": error.get_codes(), "detail": str(error.detail), "errors": []}
    return Response(body, status=error.status_code, headers=headers)


def _throttled(error: Any) -> Response:
    # Round up, to one second or more: a retry at once would be refused again.
    seconds = max(1, math.ceil(error.wait or 1))
    detail = f"Too many requests of this kind. Try again in {seconds} s."
    body = {"code": "throttled", "detail": detail, "errors": []}
    return Response(body, status=429, headers={"Retry-After": str(seconds)})


def _flat(detail: Any, field: str = "") -> Iterable[dict[str, Any]]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            # The errors of a list's elements are keyed by index.
            below = f"[{name}]" if isinstance(name, int) else f".{name}"
            yield from _flat(inner, field + below if field else str(name))
    elif isinstance(detail, list) and any(isinstance(inner, dict | list) for inner in detail):
        for number, inner in enumerate(detail):
            yield from _flat(inner, f"{field}[{number}]")
    elif isinstance(detail, list):
        for inner in detail:
            yield {"row": None, "field": field, "message": str(inner)}
    else:
        yield {"row": None, "field": field, "message": str(detail)}
