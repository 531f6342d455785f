from __future__ import annotations

import gzip
import io
import random
import zlib
from pathlib import Path

import pytest

from projects.formats.errors import FormatError
from projects.formats.limits import SpoolLimits
from projects.formats.reading.spool import spool

TEXT = b'{"prompt": "p"}\n' * 5000


class Dribble(io.RawIOBase):
    """A sender of one byte at a time."""

    def __init__(self, data: bytes) -> None:
        self.rest = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self.rest.read(min(size, 1))


def code(data: bytes, path: Path, encoding: str | None = None, **caps: int) -> str:
    with pytest.raises(FormatError) as caught:
        spool(io.BytesIO(data), path, encoding=encoding, limits=SpoolLimits(**caps))
    assert not path.exists()
    return caught.value.code


@pytest.mark.parametrize("encoding", [None, "gzip", "GZIP", "x-gzip"])
def test_gzip_is_unpacked(tmp_path: Path, encoding: str | None) -> None:
    packed = gzip.compress(TEXT)
    spooled = spool(io.BytesIO(packed), tmp_path / "s", encoding=encoding)
    assert spooled.path.read_bytes() == TEXT
    assert (spooled.received, spooled.size, spooled.was_gzip) == (len(packed), len(TEXT), True)


def test_plain_is_copied(tmp_path: Path) -> None:
    spooled = spool(io.BytesIO(TEXT), tmp_path / "s", encoding="identity")
    assert spooled.path.read_bytes() == TEXT
    assert not spooled.was_gzip


def test_nothing_is_nothing(tmp_path: Path) -> None:
    assert spool(io.BytesIO(b""), tmp_path / "s").size == 0


def test_a_slow_sender_and_several_members_and_padding(tmp_path: Path) -> None:
    packed = gzip.compress(TEXT) + gzip.compress(b"") + gzip.compress(TEXT) + bytes(700)
    spooled = spool(Dribble(packed), tmp_path / "s")
    assert spooled.path.read_bytes() == TEXT * 2


def test_bad_gzip(tmp_path: Path) -> None:
    packed = gzip.compress(random.Random(1).randbytes(300_000))
    path = tmp_path / "s"
    for cut in (1, 9, 20, len(packed) // 2, len(packed) - 1):
        # One byte of the magic is not gzip yet, but it was announced as such.
        assert code(packed[:cut], path, "gzip") in ("truncated_gzip", "bad_gzip")
    assert code(packed[:-1], path) == "truncated_gzip"
    assert code(packed + b"tail", path) == "bad_gzip"
    assert code(packed + b"\0\0\x1f", path) == "bad_gzip"
    assert code(packed[:-6] + b"\0\0" + packed[-4:], path) == "bad_gzip"
    assert code(TEXT, path, "gzip") == "bad_gzip"
    assert code(TEXT, path, "br") == "unsupported_encoding"


def test_caps(tmp_path: Path) -> None:
    path = tmp_path / "s"
    assert code(TEXT, path, received=len(TEXT) - 1) == "too_large"
    assert code(gzip.compress(TEXT), path, unpacked=len(TEXT) - 1) == "too_large"
    assert code(gzip.compress(bytes(40 << 20)), path) == "gzip_bomb"
    assert code(gzip.compress(b"") * 60_000, path) == "bad_gzip"
    spool(io.BytesIO(TEXT), path, limits=SpoolLimits(received=len(TEXT)))


def test_a_bomb_is_stopped_early(tmp_path: Path) -> None:
    class Endless:
        """Zeros packed without end."""

        def __init__(self) -> None:
            self.packer = zlib.compressobj(wbits=31)
            self.given = 0

        def read(self, size: int) -> bytes:
            block = b""
            while not block:
                block = self.packer.compress(bytes(1 << 20))
            self.given += len(block)
            return block

    endless = Endless()
    with pytest.raises(FormatError, match="500 times"):
        spool(endless, tmp_path / "s")
    assert endless.given < 1 << 20


def test_mutated_gzip_never_raises_anything_else(tmp_path: Path) -> None:
    chance = random.Random(7)
    packed = gzip.compress(TEXT)
    for _ in range(400):
        bad = bytearray(packed)
        for _ in range(chance.randint(1, 4)):
            bad[chance.randrange(len(bad))] = chance.randrange(256)
        try:
            spool(io.BytesIO(bytes(bad)), tmp_path / "s")
        except FormatError:
            continue
