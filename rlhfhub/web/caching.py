"""Nothing that is answered to one person is kept for another."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase


class NoStoreMiddleware:
    """`Cache-Control: private, no-store` on every answer that says nothing of caching itself.

    Static files are answered further out, with a caching of their own. A browser that goes back asks anew, so
    that after signing out nothing can be read, and a desk shows the lease as it is now, with its saved draft.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response
