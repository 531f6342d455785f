"""Annotators at full speed in one small process: each has a thread and a kept connection, and no JSON parser.

The standard library's HTTP client takes ten times the processor time, which would slow the measured site down.
"""

import itertools
import re
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

_ID = re.compile(rb'"id":\s*"([0-9a-f-]{36})"')
_KEYS = re.compile(rb'"key":\s*"([^"]+)"')
_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
_ANSWER = b'{"answer":{"preference":{"choice":"%b"},"reason":"It follows the instruction better."}}'
TIE_EVERY = 10
SILENCE_SECONDS = 60


@dataclass
class Loops:
    """The results of one or more rounds: loops per second, and latencies in milliseconds."""

    rates: list[float] = field(default_factory=list)
    lease: list[float] = field(default_factory=list)
    submit: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Loops per second, the median of the rounds."""
        return float(np.median(self.rates))

    def percentile(self, endpoint: str, share: int) -> float:
        """Return a percentile of the latency of `lease` or `submit` in milliseconds; 0 without any."""
        return float(np.percentile(getattr(self, endpoint) or [0.0], share))

    def run(
        self, port: int, project: str, tokens: Sequence[str], seconds: float, most: int
    ) -> None:
        """Run one more round, with one annotator for each token, until the time or `most` loops are over."""
        before, started = len(self.submit), time.perf_counter()

        def work(number: int, token: str) -> None:
            try:
                for took in _loop(port, token, project, number):
                    self.lease.append(took[0])
                    self.submit.append(took[1])
                    enough = len(self.submit) - before >= most
                    if enough or time.perf_counter() - started >= seconds:
                        return
            except (OSError, ValueError) as error:
                self.errors.append(str(error))

        threads = [threading.Thread(target=work, args=one) for one in enumerate(tokens)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.rates.append((len(self.submit) - before) / (time.perf_counter() - started))


def _loop(port: int, token: str, project: str, number: int) -> Iterator[tuple[float, float]]:
    """Lease, answer at once, and repeat until nothing is left. Yields: the milliseconds of both calls."""
    head = (
        f"Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json"
    )
    wanted = b'{"project":"%b"}' % project.encode()
    with socket.create_connection(("127.0.0.1", port), SILENCE_SECONDS) as site:
        site.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for turn in itertools.count(number, 7):
            status, body, leased = _post(site, "desk/lease/", head, wanted)
            if status == 204:
                return
            lease, keys = _ID.findall(body), _KEYS.findall(body)
            choice = b"tie" if turn % TIE_EVERY == 0 else keys[turn % len(keys)]
            path = f"desk/leases/{lease[0].decode()}/submit/"
            _, _, submitted = _post(site, path, head, _ANSWER % choice)
            yield leased, submitted


def _post(site: socket.socket, path: str, head: str, body: bytes) -> tuple[int, bytes, float]:
    """Send one request. Returns status, body and milliseconds.

    Raises: ValueError for a refusal, OSError when the connection is closed.
    """
    request = f"POST /api/v1/{path} HTTP/1.1\r\n{head}\r\nContent-Length: {len(body)}\r\n\r\n"
    started = time.perf_counter()
    site.sendall(request.encode() + body)
    got = b""
    while not _is_whole(got):
        if not (block := site.recv(1 << 18)):
            raise ConnectionError("the site closed the connection")
        got += block
    took = (time.perf_counter() - started) * 1000
    status, answer = int(got[9:12]), got.partition(b"\r\n\r\n")[2]
    if status >= 400:
        raise ValueError(f"{path}: {status} {answer[:200]!r}")
    return status, answer, took


def _is_whole(got: bytes) -> bool:
    head, end, body = got.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return bool(end) and len(body) >= (int(length[1]) if length else 0)
