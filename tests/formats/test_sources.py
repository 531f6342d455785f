"""A new source is one module and its place in the list."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

import pytest

from projects.formats.errors import RowFault
from projects.formats.limits import ItemLimits
from projects.formats.reading import rows
from projects.formats.reading.item_shape import Item, stored_json
from projects.formats.reading.source import RawRow, Start

from .rows_of import read


class Tabs:
    """A toy source: a line of `#tabs`, then prompt and responses parted by tabs."""

    ENDS_ITSELF = False
    IS_ONE_TEXT = False

    def recognizes(self, file: BinaryIO, start: Start, limits: ItemLimits) -> bool:
        return start.head.startswith(b"#tabs\n")

    def rows(self, file: BinaryIO, start: Start, limits: ItemLimits) -> Iterator[RawRow]:
        file.readline()
        for number, line in enumerate(file, 1):
            prompt, *texts = line.decode().rstrip("\n").split("\t")
            responses = [{"text": text} for text in texts]
            yield number, stored_json({"prompt": prompt, "responses": responses})


def test_a_toy_source_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    body = b"#tabs\nWhy?\tBecause.\tFor a reason.\nAlone?\tYes.\n"
    assert all(isinstance(row, RowFault) for _, row in read(body))
    monkeypatch.setattr(rows, "SOURCES", [*rows.SOURCES, Tabs()])
    (first, item), (second, fault) = read(body)
    assert (first, second) == (1, 2)
    assert isinstance(item, Item) and b"Because." in item.responses
    assert isinstance(fault, RowFault) and fault.field == "responses"


@pytest.mark.parametrize(
    ("body", "ends_itself"),
    [
        (b'[{"prompt": 1}]', True),
        (b" \n [", True),
        (b'{"prompt":\n 1}', True),
        (b'{"prompt": 1}\n{"prompt": 2}', False),
        (b'\xef\xbb\xbf{"prompt": 1}', False),
    ],
)
def test_which_sources_tell_that_their_end_is_missing(body: bytes, ends_itself: bool) -> None:
    assert rows.Rows(io.BytesIO(body), ItemLimits()).ends_itself == ends_itself
