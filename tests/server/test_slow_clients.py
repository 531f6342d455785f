"""The whole site answers while many clients send and read as slowly as they may."""

import http.client
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests import people
from tests.api.server import Server
from tests.factories import make_batch, make_project, make_workspace

SLOW = 50
MIB = 1 << 20


@pytest.fixture
def ground(own_database: str) -> tuple[Any, Any, Any]:
    """A tenant, a batch without items, an annotator at work."""
    tenant = make_workspace()
    project = make_project(tenant)
    return tenant, make_batch(project, items=0), people.make_annotator(project)


@pytest.fixture
def server(own_database: str, ground: Any, tmp_path: Path) -> Iterator[Server]:
    """The site, with a static file larger than what sockets hold."""
    static = tmp_path / "static"
    static.mkdir()
    (static / "large.bin").write_bytes(bytes(range(256)) * (16 * MIB // 256))
    with Server(own_database, tmp_path) as running:
        yield running


def _peer(stack: ExitStack, server: Server, sent: str) -> None:
    peer = stack.enter_context(socket.socket())
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.connect(("127.0.0.1", server.port))
    peer.sendall(sent.encode())


def _seconds(server: Server, path: str, secret: str = "") -> float:
    """Return the seconds until an answer; a blocked site gives none."""
    began = time.monotonic()
    connection = server.connect(timeout=15)
    connection.request("GET", path, headers={"Authorization": f"Bearer {secret}"} if secret else {})
    assert connection.getresponse().status == 200
    return time.monotonic() - began


@pytest.mark.slow
def test_slow_senders_and_readers_hold_up_nobody(server: Server, ground: Any) -> None:
    annotator = ground[2]
    paths = (("/healthz/live", ""), ("/api/v1/desk/enrollments/", annotator.secret))
    for path, secret in paths:
        _seconds(server, path, secret)
    with ExitStack() as stack:
        for _ in range(SLOW):
            _peer(
                stack,
                server,
                "POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\na=",
            )
            _peer(stack, server, "GET /static/large.bin HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        time.sleep(1)
        for path, secret in paths * 3:
            # A fiftieth of this on a quiet machine.
            assert _seconds(server, path, secret) < 5, path


@pytest.mark.slow
def test_a_long_upload_is_judged_before_it_comes(server: Server, ground: Any) -> None:
    """A stranger's, one to another's batch, two to what takes no uploads: refused. A good one is waited for."""
    tenant, batch, _ = ground
    items = f"/api/v1/batches/{batch.pk}/items/"
    for path, secret, status in (
        (items, "", 401),
        (items, make_workspace().secret, 404),
        ("/api/v1/projects/", tenant.secret, 413),
        ("/api/v1/desk/lease/", "", 413),
        (items, tenant.secret, None),
    ):
        connection = server.connect(timeout=20 if status else 2)
        connection.putrequest("POST", path)
        connection.putheader("Content-Length", str(100 * MIB))
        connection.putheader("Content-Type", "application/x-ndjson")
        if secret:
            connection.putheader("Authorization", f"Bearer {secret}")
        connection.endheaders()
        if status is None:
            with pytest.raises(TimeoutError):
                connection.getresponse()
        else:
            assert connection.getresponse().status == status, path


@pytest.mark.slow
def test_static_files_in_part_and_unchanged(server: Server) -> None:
    """As WhiteNoise answers: a range, none, HEAD, and 304."""
    path, whole = "/static/large.bin", bytes(range(256))
    ranged = _get(server, path, Range="bytes=300-309")
    assert (ranged.status, ranged.read()) == (206, whole[44:54])
    assert ranged.headers["Content-Range"] == f"bytes 300-309/{16 * MIB}"
    assert _get(server, path, Range=f"bytes={32 * MIB}-").status == 416
    all_of_it = _get(server, path)
    assert len(all_of_it.read()) == int(all_of_it.headers["Content-Length"]) == 16 * MIB
    again = _get(server, path, **{"If-None-Match": all_of_it.headers["ETag"]})
    assert (again.status, again.read()) == (304, b"")
    head = _get(server, path, "HEAD")
    assert (head.headers["Content-Length"], head.read()) == (str(16 * MIB), b"")


def _get(
    server: Server, path: str, method: str = "GET", **headers: str
) -> http.client.HTTPResponse:
    connection = server.connect(timeout=30)
    connection.request(method, path, headers=headers)
    return connection.getresponse()
