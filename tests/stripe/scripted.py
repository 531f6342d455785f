"""An API on the loopback that answers what a test says, in order: for errors and answers that no emulator gives."""

import json
import socket
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Asked:
    """A request that came. Names of headers are lower case."""

    method: str
    path: str
    parameters: dict[str, str]
    headers: dict[str, str]
    body: str


@dataclass
class Answer:
    """What is sent back. `drop` closes the connection instead; `drip` sends so many seconds, byte by byte."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    drip: float = 0


class Scripted:
    """The server. `asked` is what came, `answers` what it still says; at the end it repeats the last one."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: deque[Answer] = deque()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def say(self, body: Any = None, status: int = 200, **more: Any) -> None:
        """Append an answer."""
        self.answers.append(Answer(status, {} if body is None else body, **more))

    def error(self, status: int, code: str | None = None, **more: Any) -> None:
        """Append an error as Stripe writes it."""
        kind = more.pop("type", "invalid_request_error")
        self.say({"error": {"type": kind, "code": code, "message": "No."}}, status, **more)

    def listing(self, *objects: Any, more: bool = False) -> None:
        """Answer a later request with this page of a v1 list."""
        self.say({"object": "list", "data": list(objects), "has_more": more, "url": "/v1/x"})

    def next_answer(self) -> Answer:
        """Return what to say now."""
        return self.answers.popleft() if len(self.answers) > 1 else self.answers[0]

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


def _handler(scripted: Scripted) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            is_form = "json" not in self.headers.get("Content-Type", "")
            parameters = dict(parse_qsl(parts.query + ("&" + body if is_form and body else "")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            scripted.asked.append(Asked(self.command, parts.path, parameters, headers, body))
            _send(self, scripted.next_answer())

        do_GET = do_POST = do_DELETE = _serve

        def log_message(self, *_: Any) -> None:
            return

    return Handler


def _send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    if answer.drop:
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True
        return
    content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
    handler.send_response(answer.status)
    headers = {"Content-Type": "application/json", "Request-Id": "req_scripted", **answer.headers}
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    if answer.drip:
        _drip(handler, content, time.monotonic() + answer.drip)
    else:
        handler.wfile.write(content)


def _drip(handler: BaseHTTPRequestHandler, content: bytes, until: float) -> None:
    """Send one byte now and then, and the rest at the end, unless the client has gone."""
    try:
        for at in range(len(content)):
            if time.monotonic() > until:
                handler.wfile.write(content[at:])
                return
            handler.wfile.write(content[at : at + 1])
            time.sleep(0.05)
    except OSError:
        return
