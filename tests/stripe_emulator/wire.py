"""Requests and answers as the parts of the emulator hand them to each other."""

from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass
class Request:
    """A request as it was read from a connection. Names of headers are lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Answer:
    """What is sent back.

    `lost` closes the connection instead, after so many seconds; `final` says that v1 stores it under the request's key.
    """

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    lost: float | None = None
    final: bool = True


def json_answer(body: Any, status: int = 200, **headers: str) -> Answer:
    """Return an answer of JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, orjson.dumps(body), {"Content-Type": "application/json", **named})


def page_answer(html: str, status: int = 200) -> Answer:
    """Return an answer of a hosted page."""
    headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
    return Answer(status, html.encode(), headers)


def redirect(address: str) -> Answer:
    """Send the browser elsewhere, with GET."""
    return Answer(303, b"", {"Location": address})
