"""Django's WSGI handler, with requests that accept any Content-Type header."""

from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters


class Request(WSGIRequest):
    """A request that replaces a Content-Type which cannot be parsed by one that CharsetMiddleware refuses.

    Otherwise Django would raise before any middleware runs, and the server would respond 500 without a log line.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        try:
            parse_header_parameters(environ.get("CONTENT_TYPE", ""))
        except ValueError:
            environ["CONTENT_TYPE"] = "application/octet-stream; charset=unreadable"
        super().__init__(environ)


class Handler(WSGIHandler):
    """The WSGI application that servers call."""

    request_class = Request
