"""Annotators at full speed from one light process: raw sockets, one loop, no JSON parser.

`python -m rlhfhub.devtools.bench.light_client` reads an order (JSON) from standard input and writes what happened.
Each annotator has a connection of its own that is kept open; it leases, answers at once, and leases again.
"""

import json
import re
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field
from typing import Any

_ID = re.compile(rb'"id":\s*"([0-9a-f-]{36})"')
_KEYS = re.compile(rb'"key":\s*"([^"]+)"')
_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
TIE_EVERY = 10
MOST_ERRORS = 50


@dataclass
class Result:
    """Latencies in milliseconds, by endpoint."""

    lease: list[float] = field(default_factory=list)
    submit: list[float] = field(default_factory=list)
    nothing: int = 0
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0
    cpu_seconds: float = 0.0


class Annotator:
    """One connection and what is expected on it next."""

    def __init__(self, number: int, token: str, project: str, port: int) -> None:
        self.number = number
        self.port = port
        self._head = f"Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        self._lease = self._request("desk/lease/", json.dumps({"project": project}).encode())
        self.expects = "lease"
        self.sent_at = 0.0
        self.done = 0
        self._buffer = b""
        self.socket = self._connect()

    def _connect(self) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self.port))
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.settimeout(60)
        return made

    def reconnect(self) -> None:
        """The server closed an idle or retired connection."""
        self.socket.close()
        self._buffer = b""
        self.socket = self._connect()

    def _request(self, path: str, body: bytes) -> bytes:
        return (
            f"POST /api/v1/{path} HTTP/1.1\r\n{self._head}Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )

    def _send(self, what: str, request: bytes) -> None:
        self.expects, self.sent_at = what, time.perf_counter()
        self.socket.sendall(request)

    def ask_lease(self) -> None:
        """Ask for the next item."""
        self._send("lease", self._lease)

    def answer(self, body: bytes) -> None:
        """Submit an answer to the lease in `body`: first, second, now and then a tie."""
        found, keys = _ID.search(body), _KEYS.findall(body)
        if not found or not keys:
            raise ValueError(f"no lease: {body[:200]!r}")
        turn = self.done * 7 + self.number
        choice = b"tie" if turn % TIE_EVERY == 0 else keys[turn % len(keys)]
        text = (
            b'{"answer":{"preference":{"choice":"'
            + choice
            + b'"},"reason":"It follows the instruction better."}}'
        )
        self._send("submit", self._request(f"desk/leases/{found[1].decode()}/submit/", text))

    def receive(self) -> tuple[int, bytes] | None:
        """Status and body when the whole response is there. Raises ConnectionError when the server hung up."""
        block = self.socket.recv(1 << 18)
        if not block:
            raise ConnectionError("closed")
        self._buffer += block
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return None
        head, body = self._buffer[:head_end], self._buffer[head_end + 4 :]
        status = int(head[9:12])
        length = _LENGTH.search(head)
        if length and len(body) < int(length[1]):
            return None
        if not length and status != 204 and not body.endswith(b"0\r\n\r\n"):
            return None
        self._buffer = b""
        return status, body


class Drive:
    """All annotators of an order, until its time or its number of loops is over."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.deadline = time.perf_counter() + order["seconds"]
        self.most = order.get("loops") or sys.maxsize
        self.result = Result()
        self.selector = selectors.DefaultSelector()
        self.busy = 0
        for number, token in enumerate(order["tokens"]):
            annotator = Annotator(number, token, order["project"], order["port"])
            self._begin(annotator)

    def _begin(self, annotator: Annotator) -> None:
        self.selector.register(annotator.socket, selectors.EVENT_READ, annotator)
        self.busy += 1
        annotator.ask_lease()

    def _end(self, annotator: Annotator) -> None:
        self.selector.unregister(annotator.socket)
        annotator.socket.close()
        self.busy -= 1

    def run(self) -> Result:
        """Until all have come to their end: what is leased is still submitted."""
        started, cpu = time.perf_counter(), time.process_time()
        while self.busy:
            for key, _ in self.selector.select(timeout=60):
                self._step(key.data)
        self.result.seconds = time.perf_counter() - started
        self.result.cpu_seconds = time.process_time() - cpu
        return self.result

    def _over(self) -> bool:
        return time.perf_counter() >= self.deadline or len(self.result.submit) >= self.most

    def _step(self, annotator: Annotator) -> None:
        try:
            response = annotator.receive()
        except ConnectionError:
            self._again(annotator, "the server closed the connection")
            return
        if response is None:
            return
        status, body = response
        took = (time.perf_counter() - annotator.sent_at) * 1000
        if status == 200 and annotator.expects == "lease":
            self.result.lease.append(took)
            annotator.answer(body)
        elif status == 201 and annotator.expects == "submit":
            self.result.submit.append(took)
            annotator.done += 1
            self._next(annotator)
        elif status == 204:
            self.result.nothing += 1
            self._end(annotator)
        else:
            self._fault(annotator, f"{annotator.expects}: {status} {body[:200]!r}")

    def _next(self, annotator: Annotator) -> None:
        if self._over():
            self._end(annotator)
        else:
            annotator.ask_lease()

    def _fault(self, annotator: Annotator, text: str) -> None:
        self.result.errors.append(text)
        if len(self.result.errors) >= MOST_ERRORS:
            self._end(annotator)
        else:
            self._next(annotator)

    def _again(self, annotator: Annotator, why: str) -> None:
        self.selector.unregister(annotator.socket)
        self.busy -= 1
        self.result.errors.append(why)
        if len(self.result.errors) < MOST_ERRORS:
            annotator.reconnect()
            self._begin(annotator)


def main() -> None:
    """One order from standard input."""
    result = Drive(json.load(sys.stdin)).run()
    json.dump(vars(result), sys.stdout)


if __name__ == "__main__":
    main()
