"""Bodies come in whole, in time and within limits, or the site is not called with them."""

import hashlib
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.server.running import Echo, json_of

pytestmark = pytest.mark.slow

MIB = 1 << 20
POST = b"POST %s HTTP/1.1\r\nHost: a\r\n"


def _head(path: str, length: int) -> bytes:
    return POST % path.encode() + b"Content-Length: %d\r\n\r\n" % length


def _chunked(path: str, *blocks: bytes, ends: bool = True) -> bytes:
    sent = POST % path.encode() + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    sent += b"".join(b"%x\r\n%s\r\n" % (len(block), block) for block in blocks)
    return sent + (b"0\r\n\r\n" if ends else b"")


@pytest.fixture(autouse=True)
def _from_here_on(server: Echo) -> None:
    server.calls()


@pytest.mark.parametrize("size", [1, 65536, 65537, MIB])
def test_an_ordinary_body_comes_as_it_was_sent(server: Echo, size: int) -> None:
    body = os.urandom(size)
    said = json_of(server.ask("POST", "/body", body))
    assert said == {
        "size": size,
        "length": str(size),
        "sha256": hashlib.sha256(body).hexdigest(),
    }


def test_a_body_in_chunks_has_a_length_when_it_is_whole(server: Echo) -> None:
    answer = server.send_raw(_chunked("/body", b"abc", b"defg"))
    said = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert (said["size"], said["length"]) == (7, "7")


@pytest.mark.parametrize(("length", "sent"), [(2000, 10), (100_000, 0), (100_000, 20_000)])
def test_a_body_that_is_late_is_refused_and_the_connection_closed(
    server: Echo, length: int, sent: int
) -> None:
    answer = server.send_raw(_head("/body", length) + b"x" * sent)
    assert answer.startswith(b"HTTP/1.1 408")
    assert server.calls() == []


def test_whoever_dribbles_is_late_too(server: Echo) -> None:
    """Each byte in time, but not so many."""
    with socket.create_connection(("127.0.0.1", server.port), 30) as peer:
        peer.sendall(_chunked("/body", b"x" * 1000, ends=False))
        until = time.monotonic() + 20
        peer.settimeout(0.1)
        answer = b""
        while not answer and time.monotonic() < until:
            peer.sendall(b"1\r\nx\r\n")
            try:
                answer = peer.recv(1000)
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 408")
    assert server.calls() == []


@pytest.mark.parametrize(
    "request_",
    {
        "a small one": _head("/body", 2000) + b"x" * 1000,
        "a spooled one": _head("/body", 500_000) + b"x" * 400_000,
        "in chunks": _chunked("/body", b"x" * 1000, ends=False),
        "an import in chunks": _chunked("/upload", *[b"x" * MIB] * 3, ends=False),
        "a wrong chunk": _chunked("/body", b"x" * 1000, ends=False) + b"zz\r\n",
    }.items(),
    ids=lambda pair: pair[0],
)
def test_the_site_does_not_see_a_body_that_breaks_off(
    server: Echo, request_: tuple[str, bytes]
) -> None:
    answer = server.send_raw(request_[1], ends=True)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
    # One after it, so that the first had its time.
    json_of(server.ask("POST", "/body", b"next"))
    assert [call for call in server.calls() if call.startswith("body")] == ["body 4"]


def test_a_long_body_is_refused_before_it_comes(server: Echo) -> None:
    """By what the site says of its headers; nothing of it was sent yet."""
    with socket.create_connection(("127.0.0.1", server.port), 20) as peer:
        peer.sendall(_head("/upload?no", 100 * MIB))
        assert peer.recv(1000).startswith(b"HTTP/1.1 401")
    assert server.calls() == ["announced"]


def test_whoever_sends_all_of_a_refused_body_still_reads_why(server: Echo) -> None:
    response, said = server.ask("POST", "/upload?no", b"x" * (30 * MIB))
    assert (response.status, said) == (401, b"no")


def test_a_long_body_that_is_wanted_is_asked_for_once_and_held_on_disk(server: Echo) -> None:
    before = server.resident_mib()
    digest = hashlib.sha256()

    def blocks() -> Iterator[bytes]:
        for number in range(100):
            block = bytes([number]) * MIB
            digest.update(block)
            yield block

    length = {"Content-Length": str(100 * MIB)}
    said = json_of(server.ask("POST", "/upload", blocks(), **length))
    assert (said["size"], said["sha256"]) == (100 * MIB, digest.hexdigest())
    assert server.calls() == ["announced", "closed", f"body {100 * MIB}"]
    assert server.resident_mib() - before < 40
    assert {path.name for path in server.folder.iterdir()} <= {"calls"}


def test_a_wanted_body_in_chunks(server: Echo) -> None:
    blocks = [b"x" * MIB] * 3
    answer = server.send_raw(_chunked("/upload", *blocks))
    said = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert (said["size"], said["length"]) == (3 * MIB, str(3 * MIB))
    assert b"100 Continue" not in answer


def test_a_wanted_body_in_chunks_has_a_cap(server: Echo) -> None:
    sent = _chunked("/upload", *[b"x" * MIB] * 121)
    assert server.send_raw(sent).startswith(b"HTTP/1.1 413")
    assert server.calls() == ["announced", "closed"]


def test_what_all_may_spool_has_a_cap(server: Echo) -> None:
    """Who comes too late may try again; the others are not disturbed, and small ones never."""
    with socket.create_connection(("127.0.0.1", server.port), 20) as held:
        held.sendall(_head("/body", MIB) + b"x" * 600_000)
        time.sleep(0.5)
        response, _ = server.ask("POST", "/body", b"x" * (MIB - 1))
        assert (response.status, response.headers["Retry-After"]) == (503, "5")
        json_of(server.ask("POST", "/body", b"small"))
    until = time.monotonic() + 20
    while server.ask("POST", "/body", b"x" * (MIB - 1))[0].status != 200:
        assert time.monotonic() < until, "what was held is not given back"
        time.sleep(0.2)


def test_many_who_send_nothing_hold_up_nobody(server: Echo) -> None:
    """More than there are threads."""
    peers = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
    for peer in peers:
        peer.sendall(_head("/body", 1000) + b"x")
    answers: list[Any] = []
    asking = threading.Thread(target=lambda: answers.append(server.ask("GET", "/")))
    asking.start()
    asking.join(20)
    for peer in peers:
        peer.close()
    assert answers
    assert answers[0][0].status == 200
