"""Copy a byte stream to disk within size limits, unpacking gzip on the way, without holding all of it in memory."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..errors import FormatError
from ..limits import MIB, SpoolLimits

GZIP_MAGIC = b"\x1f\x8b"
_PLAIN_BLOCK = 1 * MIB
# zlib copies the input that it has not used yet. Small blocks keep that cheap, even with very many gzip members.
_GZIP_BLOCK = 64 * 1024


class Readable(Protocol):
    """Anything that bytes can be read from: a request body, a file, a socket."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Spooled:
    """The file on disk. `received` bytes came in and `size` bytes were written; `sha256` is of the unpacked bytes."""

    path: Path
    received: int
    size: int
    sha256: str
    was_gzip: bool


def spool(
    source: Readable,
    path: Path,
    *,
    encoding: str | None = None,
    limits: SpoolLimits | None = None,
) -> Spooled:
    """Copy `source` to `path`.

    `encoding` is the request's Content-Encoding; gzip is also recognized by its first bytes. A failed copy leaves no
    file behind.

    Raises:
        FormatError: if the data exceeds a limit, has an unknown encoding, or is damaged gzip.
    """
    meter = _Meter(source, limits or SpoolLimits())
    try:
        return _copy(meter, path, _known_encoding(encoding))
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _known_encoding(encoding: str | None) -> str:
    name = (encoding or "identity").strip().lower()
    if name in ("", "identity"):
        return "identity"
    if name in ("gzip", "x-gzip"):
        return "gzip"
    raise FormatError("unsupported_encoding", "Content-Encoding must be gzip, identity or absent")


class _Meter:
    """Count the bytes that come in, and refuse more than the limit."""

    def __init__(self, source: Readable, limits: SpoolLimits) -> None:
        self.source = source
        self.limits = limits
        self.received = 0

    def read(self, size: int) -> bytes:
        block = self.source.read(size)
        self.received += len(block)
        if self.received > self.limits.received:
            raise FormatError(
                "too_large",
                f"the upload is larger than {self.limits.received:,} bytes; send several files",
            )
        return block


def _copy(meter: _Meter, path: Path, encoding: str) -> Spooled:
    head = _first_bytes(meter)
    was_gzip = head.startswith(GZIP_MAGIC)
    if encoding == "gzip" and not was_gzip:
        raise FormatError("bad_gzip", "Content-Encoding says gzip, but the body is not gzip")
    blocks = _gunzip(meter, head) if was_gzip else _plain(meter, head)
    digest = hashlib.sha256()
    size = 0
    with path.open("wb") as target:
        for block in blocks:
            size += len(block)
            _check_unpacked(size, meter)
            digest.update(block)
            target.write(block)
    return Spooled(path, meter.received, size, digest.hexdigest(), was_gzip)


def _first_bytes(meter: _Meter) -> bytes:
    head = b""
    while len(head) < len(GZIP_MAGIC):
        more = meter.read(_GZIP_BLOCK)
        if not more:
            break
        head += more
    return head


def _check_unpacked(size: int, meter: _Meter) -> None:
    limits = meter.limits
    if size > limits.unpacked:
        message = (
            f"the file is larger than {limits.unpacked:,} bytes once unpacked; send several files"
        )
        raise FormatError("too_large", message)
    if size > limits.ratio_grace and size > limits.ratio * meter.received:
        message = (
            f"the gzip data unpacks to more than {limits.ratio} times its size; send it unpacked"
        )
        raise FormatError("gzip_bomb", message)


def _plain(meter: _Meter, head: bytes) -> Iterator[bytes]:
    block = head
    while block:
        yield block
        block = meter.read(_PLAIN_BLOCK)


def _gunzip(meter: _Meter, head: bytes) -> Iterator[bytes]:
    """Unpack the gzip members one after another. Only padding with zero bytes may follow the last one."""
    data = head
    for _ in range(meter.limits.members):
        data = yield from _member(meter, data)
        data = data or meter.read(_GZIP_BLOCK)
        if len(data) == 1:
            data += meter.read(_GZIP_BLOCK)
        if not data.startswith(GZIP_MAGIC):
            _expect_padding(meter, data)
            return
    raise FormatError("bad_gzip", f"the gzip data has more than {meter.limits.members:,} members")


def _member(meter: _Meter, data: bytes) -> Generator[bytes, None, bytes]:
    """Yield the unpacked blocks of one member, and return the input that follows it."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        while True:
            block = unpacker.decompress(data, _PLAIN_BLOCK)
            if block:
                yield block
            if unpacker.eof:
                return unpacker.unused_data
            data = unpacker.unconsumed_tail or meter.read(_GZIP_BLOCK)
            if not data and not block:
                raise FormatError(
                    "truncated_gzip", "the gzip data is incomplete; send the file again"
                )
    except zlib.error as error:
        raise FormatError("bad_gzip", "the gzip data is damaged") from error


def _expect_padding(meter: _Meter, data: bytes) -> None:
    while data:
        if data.strip(b"\0"):
            raise FormatError("bad_gzip", "other data follows the end of the gzip data")
        data = meter.read(_GZIP_BLOCK)
