"""Answers reach the client as the site gave them, and its `close` is called."""

import socket
import time

import pytest

from tests.server.running import Echo

pytestmark = pytest.mark.slow

DIGITS = b"0123456789" * 100


@pytest.fixture(autouse=True)
def _file(server: Echo) -> None:
    (server.folder / "file").write_bytes(DIGITS)
    server.calls()


def _closed(server: Echo) -> list[str]:
    until = time.monotonic() + 10
    while not (calls := server.calls()) and time.monotonic() < until:
        time.sleep(0.05)
    return calls


def test_blocks_are_joined_and_closed(server: Echo) -> None:
    response, said = server.ask("GET", "/closing")
    assert (response.status, said) == (200, b"one two")
    assert _closed(server) == ["closed"]


def test_a_file_and_its_end(server: Echo) -> None:
    response, said = server.ask("GET", "/file?closing")
    assert (response.headers["Content-Length"], said) == ("1000", DIGITS)
    assert _closed(server) == ["closed"]


@pytest.mark.parametrize(
    ("query", "expected"), [("", DIGITS), ("slice", DIGITS[5:15]), ("memory", b"in memory")]
)
def test_what_kinds_of_files_there_are(server: Echo, query: str, expected: bytes) -> None:
    assert server.ask("GET", f"/file?{query}")[1] == expected
    response, nothing = server.ask("HEAD", f"/file?{query}")
    assert (response.headers["Content-Length"], nothing) == (str(len(expected)), b"")


def test_a_file_without_a_name_is_sent_from_disk_and_then_closed(server: Echo) -> None:
    """A long table is written to one: it vanishes by itself, also when the process is killed."""
    (server.folder / "file").write_bytes(DIGITS * 60_000)
    before, open_before = server.resident_mib(), unnamed(server)
    response, said = server.ask("GET", "/file?unnamed")
    assert (response.headers["Content-Length"], said == DIGITS * 60_000) == ("60000000", True)
    assert server.resident_mib() - before < 30
    until = time.monotonic() + 10
    while unnamed(server) != open_before:
        assert time.monotonic() < until, "it is never closed"
        time.sleep(0.1)


def unnamed(server: Echo) -> list[str]:
    return sorted(name for name in server.open_files() if name.endswith("(deleted)"))


@pytest.mark.parametrize(("path", "status"), [("/nothing", 204), ("/unchanged", 304)])
def test_answers_without_a_body(server: Echo, path: str, status: int) -> None:
    """The connection stays usable."""
    connection = server.connect()
    for _ in range(2):
        connection.request("GET", path)
        response = connection.getresponse()
        assert (response.status, response.read()) == (status, b"")


def test_many_who_do_not_read_a_file_hold_up_nobody(server: Echo) -> None:
    """More than there are threads, and the file is more than what sockets hold."""
    (server.folder / "file").write_bytes(b"x" * (30 << 20))
    peers = []
    for _ in range(50):
        peer = socket.socket()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.connect(("127.0.0.1", server.port))
        peer.sendall(b"GET /file HTTP/1.1\r\nHost: a\r\n\r\n")
        peers.append(peer)
    try:
        time.sleep(1)
        assert server.ask("GET", "/")[0].status == 200
    finally:
        for peer in peers:
            peer.close()
