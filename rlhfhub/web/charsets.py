"""Accepts only UTF-8: another charset is refused before a form is read."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from rlhfhub.web import views as errors


class CharsetMiddleware:
    """Responds 415 to a body whose Content-Type names another charset than UTF-8, for any media type."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        charset = (request.content_params or {}).get("charset")
        if charset is not None and charset.lower() != "utf-8":
            return errors.unsupported_charset(request)
        return self.get_response(request)
