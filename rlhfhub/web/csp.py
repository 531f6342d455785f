"""The Content-Security-Policy is for pages; JSON is not rendered, and its answers are many."""

from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponseBase


class PagesCSPMiddleware(CSPMiddleware):
    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if request.path_info.startswith("/api/"):
            return response
        return super().process_response(request, response)
