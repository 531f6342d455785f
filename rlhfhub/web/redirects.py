"""Limits permanent redirects to requests that they do not change.

Django redirects from an address without its last slash, and from http to https. Clients follow a 301 with GET and
without the body, so a POST would get a 200 although nothing was done.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from rlhfhub.ground import json_out

_LOSE_NOTHING = frozenset({"GET", "HEAD"})


class RedirectMiddleware:
    """Responds 404 with the right address, instead of 301, to other methods than GET and HEAD."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        response = self.get_response(request)
        if response.status_code == 301 and request.method not in _LOSE_NOTHING:
            _refuse(request, response)
        return response


def _refuse(request: HttpRequest, response: Any) -> None:
    """Change the redirect into a refusal. Headers set by other middlewares stay."""
    _, address = response.headers.pop("Location")
    words = f"Nothing was done. Send this to its whole address: {address}"
    if request.path_info.startswith("/api/"):
        response.content = json_out.error("wrong_address", words)
        response.headers["Content-Type"] = "application/json"
    else:
        response.content = render_to_string("404.html", {"reason": words})
    response.status_code = 404
    response.headers["Content-Length"] = str(len(response.content))
