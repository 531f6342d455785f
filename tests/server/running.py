"""Runs granian with the echo site in a process of its own, and sends it requests."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]


class Echo:
    """A running server; in `folder` it spools bodies and notes its calls."""

    def __init__(self, folder: Path, interface: str, **limits: str) -> None:
        self.folder = folder
        self._read = 0
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        target = "application" if interface == "rsgi" else "site"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "granian", f"tests.server.echo:{target}", f"--port={self.port}"]
            + [f"--interface={interface}", "--http=1", "--no-ws", "--log-level=error"],
            cwd=CHECKOUT,
            env={**os.environ, "ECHO_FOLDER": str(folder), **limits},
        )

    def wait(self) -> None:
        """Wait until the server answers."""
        until = time.monotonic() + 60
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(OSError):
                self.ask("GET", "/")
                return
            time.sleep(0.1)
        raise AssertionError("the echo site does not start")

    def connect(self, timeout: float = 30) -> HTTPConnection:
        """Return a new connection."""
        return HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[HTTPResponse, bytes]:
        """Send a request. Returns the response and its body."""
        connection = self.connect()
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response, response.read()

    def send_raw(self, sent: bytes, *, ends: bool = False, timeout: float = 30) -> bytes:
        """Send these bytes. Returns what comes back until the server closes. `ends` closes our side after sending."""
        with socket.create_connection(("127.0.0.1", self.port), timeout) as peer:
            peer.sendall(sent)
            if ends:
                peer.shutdown(socket.SHUT_WR)
            found = b""
            while block := peer.recv(1 << 16):
                found += block
        return found

    def calls(self) -> list[str]:
        """Return what the site noted since the last call of this method."""
        path = self.folder / "calls"
        noted = path.read_text().splitlines() if path.exists() else []
        # The file is kept: a note written between reading and removing it would be lost.
        new, self._read = noted[self._read :], len(noted)
        return new

    def open_files(self) -> list[str]:
        """Return the names of the files that the server's worker has open; those without a name end in “(deleted)”."""
        folder = Path(f"/proc/{self._worker()}/fd")
        found = []
        for descriptor in folder.iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                found.append(str(descriptor.readlink()))
        return found

    def _worker(self) -> str:
        task = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        (worker,) = task.read_text().split()
        return worker

    def resident_mib(self) -> float:
        """Return the peak memory of the server's worker, in MiB."""
        lines = Path(f"/proc/{self._worker()}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


@contextlib.contextmanager
def echo(folder: Path, interface: str = "rsgi", **limits: str) -> Iterator[Echo]:
    """Run the echo site inside the block."""
    server = Echo(folder, interface, **limits)
    try:
        server.wait()
        server.calls()
        yield server
    finally:
        server.process.terminate()
        server.process.wait(20)


def json_of(answer: tuple[HTTPResponse, bytes]) -> Any:
    """Return the JSON of a response that must be 200."""
    assert answer[0].status == 200, answer
    return json.loads(answer[1])
