"""The site sees a request as it would through granian's own WSGI interface."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.server.running import Echo, echo

pytestmark = pytest.mark.slow

CLOSE = b"Connection: close\r\n\r\n"
REQUESTS = {
    "a page": b"GET /a/page?x=%20y&z HTTP/1.1\r\nHost: hub.example:99\r\n" + CLOSE,
    "an old protocol": b"GET / HTTP/1.0\r\nHost: a\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n" + CLOSE,
    "a whole address": b"GET http://hub.example/x HTTP/1.1\r\n" + CLOSE,
    "headers twice": b"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.2.3.4\r\n"
    b"X-Forwarded-For: 5.6.7.8\r\nX-Forwarded-Proto: https\r\n" + CLOSE,
    "a header that is not ASCII": b"GET / HTTP/1.1\r\nHost: a\r\nCookie: a=\xff\r\n" + CLOSE,
    "escapes": b"GET /%C3%A4%2F%20/ HTTP/1.1\r\nHost: a\r\n" + CLOSE,
    "UTF-8 as it is": "GET /ä HTTP/1.1\r\nHost: a\r\n".encode() + CLOSE,
    "a form": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n"
    b"Authorization: Bearer rlh_x\r\n" + CLOSE + b"abc",
    "a length and a type twice": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n"
    b"Content-Type: a/b\r\nContent-Type: c/d\r\n" + CLOSE + b"abc",
    "no path": b"OPTIONS * HTTP/1.1\r\nHost: a\r\n" + CLOSE,
    "nothing posted": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n" + CLOSE,
}


@pytest.fixture(scope="module")
def wsgi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Echo]:
    """The same site through granian's WSGI."""
    with echo(tmp_path_factory.mktemp("wsgi"), "wsgi") as running:
        yield running


def _seen(server: Echo, request: bytes) -> dict[str, Any]:
    seen: dict[str, Any] = json.loads(server.send_raw(request).partition(b"\r\n\r\n")[2])
    return seen


@pytest.mark.parametrize("name", REQUESTS)
def test_the_environ_is_that_of_wsgi(server: Echo, wsgi: Echo, name: str) -> None:
    ours, theirs = _seen(server, REQUESTS[name]), _seen(wsgi, REQUESTS[name])
    assert ours.pop("SERVER_PORT") == str(server.port)
    assert theirs.pop("SERVER_PORT") == str(wsgi.port)
    assert ours == theirs


def test_a_name_with_an_underscore_is_not_taken_for_the_proxys(server: Echo) -> None:
    sent = b"GET / HTTP/1.1\r\nHost: a\r\nX_Forwarded_For: 6.6.6.6\r\nX_Forwarded_Proto: https\r\n"
    assert not [name for name in _seen(server, sent + CLOSE) if "FORWARDED" in name]


def test_a_path_that_is_not_utf8_stays_one_that_nothing_is_found_by(server: Echo) -> None:
    path = _seen(server, b"GET /%ff HTTP/1.1\r\nHost: a\r\n" + CLOSE)["PATH_INFO"]
    assert path.encode("latin-1").decode() == "/\ufffd"


def test_nothing_of_the_processs_environment_is_in_a_request(server: Echo) -> None:
    assert "PATH" not in server.ask("GET", "/")[1].decode().replace("PATH_INFO", "")
