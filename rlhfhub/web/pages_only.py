"""Middlewares that only pages need: what comes over REST carries a key, no cookie, and passes by them."""

from typing import Any

from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django_htmx.middleware import HtmxMiddleware

API = "/api/"


class _PagesOnly:
    """Before a middleware's own class: hands requests of the API straight on."""

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


class PagesCSPMiddleware(_PagesOnly, CSPMiddleware):
    """The Content-Security-Policy; JSON is not rendered."""


class PagesHtmxMiddleware(_PagesOnly, HtmxMiddleware):
    """`request.htmx`."""
