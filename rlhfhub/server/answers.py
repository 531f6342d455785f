"""Passes the site's response to granian as bytes or as a file's path, so that no thread waits for the client.

Nothing is streamed: granian takes all blocks of a stream at once, however slowly the client reads, and if one cannot
be made, it ends the response as if it were whole.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from io import BufferedIOBase
from pathlib import Path
from typing import Any

from whitenoise.responders import SlicedFile

CONTINUE = 100
#: Where Linux shows a process's open files, also those that have no name any more.
DESCRIPTORS = Path("/proc/self/fd")
Site = Callable[[dict[str, Any], Any], Iterable[bytes]]
Hold = Callable[[int], object]


class FileWrapper:
    """WSGI's `wsgi.file_wrapper`: marks a response that is a file."""

    def __init__(self, file: Any, block_size: int = 1 << 16) -> None:
        self.file, self.block_size = file, block_size

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.file.read(self.block_size), b"")

    def close(self) -> None:
        """Close the file. Django has replaced its `close`, so this closes the response too."""
        self.file.close()


class _Start:
    """WSGI's start_response."""

    status = 500

    def __init__(self) -> None:
        self.headers: list[tuple[str, str]] = []

    def __call__(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        self.status, self.headers = int(status[:3]), headers


def respond(site: Site, environ: dict[str, Any], protocol: Any, hold: Hold) -> int:
    """Run `site` in this thread and send its response. `hold` gets what must be open until granian has opened it.

    Returns: the status. The status 100, which requests the body, is not sent.
    """
    start = _Start()
    answer = site(environ, start)
    try:
        if start.status != CONTINUE:
            _send(protocol, start.status, start.headers, answer, hold)
    finally:
        if hasattr(answer, "close"):
            answer.close()
    return start.status


def _send(
    protocol: Any,
    status: int,
    headers: list[tuple[str, str]],
    answer: Iterable[bytes],
    hold: Hold,
) -> None:
    span = _span(answer.file, hold) if isinstance(answer, FileWrapper) else None
    if span is None:
        protocol.response_bytes(status, headers, b"".join(answer))
        return
    path, start, end = span
    if end is None:
        protocol.response_file(status, headers, path)
    else:
        protocol.response_file_range(status, headers, path, start, end)


def _span(file: BufferedIOBase, hold: Hold) -> tuple[str, int, int | None] | None:
    """Return the path, the first byte, and the end (None for all) of a file; None if it cannot be sent by path.

    A file must be on disk and unread. One without a name has the path of a descriptor, a copy of its own.
    """
    whole = file.fileobj if isinstance(file, SlicedFile) else file
    name = getattr(whole, "name", None)
    if isinstance(name, int):
        return _unnamed(name, hold) if whole.tell() == 0 and DESCRIPTORS.is_dir() else None
    if not isinstance(name, str | os.PathLike):
        return None
    if isinstance(file, SlicedFile):
        return os.fspath(name), whole.tell(), whole.tell() + file.remaining
    return (os.fspath(name), 0, None) if whole.tell() == 0 else None


def _unnamed(descriptor: int, hold: Hold) -> tuple[str, int, None]:
    copy = os.dup(descriptor)
    hold(copy)
    return f"{DESCRIPTORS}/{copy}", 0, None
