"""Django's WSGI handler, with requests that take any Content-Type."""

from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters


class Request(WSGIRequest):
    """A request with a Content-Type that cannot be parsed has one that CharsetMiddleware refuses.

    Django would raise before any middleware runs, and the server answer 500 without a line in the log.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        try:
            parse_header_parameters(environ.get("CONTENT_TYPE", ""))
        except ValueError:
            environ["CONTENT_TYPE"] = "application/octet-stream; charset=unreadable"
        super().__init__(environ)


class Handler(WSGIHandler):
    """What servers call."""

    request_class = Request
