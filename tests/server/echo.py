"""A small WSGI site that returns what the server called it with. Its limits come from the environment."""

import hashlib
import json
import os
import shutil
import tempfile
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import django

django.setup()

from whitenoise.responders import SlicedFile  # noqa: E402

from rlhfhub.server import application as server  # noqa: E402
from rlhfhub.server import receive  # noqa: E402
from rlhfhub.web import bodies  # noqa: E402

FOLDER = Path(os.environ["ECHO_FOLDER"])
CALLS = FOLDER / "calls"
receive.GRACE_SECONDS = float(os.environ.get("ECHO_GRACE", "30"))  # type: ignore[attr-defined]
server.HELD_SECONDS = 1.0
server.ORDINARY_BYTES = int(os.environ.get("ECHO_ORDINARY_BYTES", str(256 << 20)))  # type: ignore[attr-defined]
MIB = 1 << 20


def _note(what: str) -> None:
    with CALLS.open("a") as file:
        file.write(what + "\n")


class _Closing:
    """A response body that notes when it is closed."""

    def __iter__(self) -> Any:
        return iter([b"one ", b"two"])

    def close(self) -> None:
        _note("closed")


def _environ(environ: dict[str, Any], start: Any) -> Any:
    """Return all strings of the environ that are not variables of the process."""
    shown = {k: v for k, v in environ.items() if isinstance(v, str) and k not in os.environ}
    shown |= {k: v for k, v in environ.items() if isinstance(v, bool | tuple)}
    start("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(shown, sort_keys=True).encode()]


def _body(environ: dict[str, Any], start: Any) -> Any:
    digest, size = hashlib.sha256(), 0
    while block := environ["wsgi.input"].read(1 << 16):
        size += len(block)
        digest.update(block)
    _note(f"body {size}")
    start("200 OK", [("Content-Type", "application/json")])
    said = {"size": size, "sha256": digest.hexdigest(), "length": environ.get("CONTENT_LENGTH")}
    return [json.dumps(said).encode()]


def _upload(environ: dict[str, Any], start: Any) -> Any:
    if environ.get(bodies.STATE) != bodies.State.ANNOUNCED:
        return _body(environ, start)
    _note("announced")
    if environ["QUERY_STRING"] == "no":
        start("401 Unauthorized", [("Content-Length", "2")])
        return [b"no"]
    environ[bodies.SENDER] = "echo"
    start("100 Continue", [("Content-Length", "0")])
    return _Closing()


def _file(environ: dict[str, Any], start: Any) -> Any:
    file: Any = (FOLDER / "file").open("rb")
    size = (FOLDER / "file").stat().st_size
    if environ["QUERY_STRING"] == "slice":
        file, size = SlicedFile(file, 5, 14), 10
    if environ["QUERY_STRING"] == "unnamed":
        file = _unnamed(file)
    if environ["QUERY_STRING"] == "memory":
        file, size = BytesIO(b"in memory"), 9
    close = file.close
    file = _Noted(file, close) if environ["QUERY_STRING"] == "closing" else file
    start("200 OK", [("Content-Length", str(size))])
    return environ["wsgi.file_wrapper"](file, 4096)


def _unnamed(file: Any) -> Any:
    """A copy of the file that has no name in any folder."""
    unnamed = tempfile.SpooledTemporaryFile(100)  # noqa: SIM115  closed by the server
    shutil.copyfileobj(file, unnamed)
    unnamed.seek(0)
    return unnamed


class _Noted:
    """A file that notes when it is closed."""

    def __init__(self, file: Any, close: Any) -> None:
        self.name, self.read, self.tell, self._close = file.name, file.read, file.tell, close

    def close(self) -> None:
        _note("closed")
        self._close()


def _plain(status: str, *headers: tuple[str, str]) -> Any:
    def answer(environ: dict[str, Any], start: Any) -> Any:
        start(status, list(headers))
        return _Closing() if status.startswith("200") else []

    return answer


def _sleep(environ: dict[str, Any], start: Any) -> Any:
    _note("asleep")
    time.sleep(4)
    start("200 OK", [])
    return [b"slept"]


ROUTES = {
    "/sleep": _sleep,
    "/body": _body,
    "/upload": _upload,
    "/file": _file,
    "/closing": _plain("200 OK", ("Content-Length", "7")),
    "/nothing": _plain("204 No Content"),
    "/unchanged": _plain("304 Not Modified", ("ETag", '"a"')),
}


def site(environ: dict[str, Any], start: Any) -> Any:
    """The WSGI application."""
    return ROUTES.get(environ["PATH_INFO"], _environ)(environ, start)


application = server.Application(
    site, threads=2, folder=FOLDER, ordinary=MIB, largest=int(os.environ.get("ECHO_LARGEST", "0"))
)
