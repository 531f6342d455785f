"""Keeps browsers and proxies from storing responses."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase


class NoStoreMiddleware:
    """Adds `Cache-Control: private, no-store` to every response that sets no Cache-Control itself.

    Static files are served by an outer middleware with their own caching. The browser's back button requests a page
    again, so that nothing can be read after signing out, and the desk shows the current lease with its saved draft.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response
