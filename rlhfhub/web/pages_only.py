"""Middlewares that only pages need. REST requests skip them, because they have a key and no cookie."""

from typing import Any

from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.middleware import HtmxMiddleware

API = "/api/"
_NO_PAGE = "default-src 'none'; frame-ancestors 'none'"


class _PagesOnly:
    """Mixin, placed before a middleware's own class: passes REST requests straight on."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        if request.path_info.startswith(API):
            return self.get_response(request)
        return super().__call__(request)  # type: ignore[misc]


class PagesSessionMiddleware(_PagesOnly, SessionMiddleware):
    """Sessions."""


class PagesAuthenticationMiddleware(_PagesOnly, AuthenticationMiddleware):
    """`request.user`."""


class PagesMessageMiddleware(_PagesOnly, MessageMiddleware):
    """Messages."""


class PagesCSPMiddleware(CSPMiddleware):
    """The Content-Security-Policy of pages, and one for REST responses that allows nothing."""

    def __call__(self, request: HttpRequest) -> Any:
        if not request.path_info.startswith(API):
            return super().__call__(request)
        response: Any = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", _NO_PAGE)
        return response


class PagesMethodMiddleware:
    """Shows a page instead of Django's empty 405, because people who sign in again can land on a form's address."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        response = self.get_response(request)
        if response.status_code != 405 or request.path_info.startswith(API):
            return response
        page: HttpResponse = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page


class PagesHtmxMiddleware(_PagesOnly, HtmxMiddleware):
    """`request.htmx`."""
