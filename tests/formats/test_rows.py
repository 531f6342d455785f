from __future__ import annotations

import io
import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects.formats.errors import FormatError, RowFault
from projects.formats.limits import ItemLimits
from projects.formats.reading import json_array as array_module
from projects.formats.reading import ndjson
from projects.formats.reading import rows as rows_module
from projects.formats.reading.rows import Rows
from projects.formats.reading.source import RawRow
from tests.examples import examples

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
NASTY = st.sampled_from(['"', "\\", "{", "}", "[", "]", ",", '},{"a"', '"},\n{"a"', "\\\\"])
TEXTS = st.lists(st.text(max_size=4) | NASTY, max_size=6).map("".join)


def all_rows(body: bytes, limits: ItemLimits | None = None) -> list[RawRow]:
    return list(Rows(io.BytesIO(body), limits or ItemLimits()))


def values(body: bytes) -> list[object]:
    return [json.loads(raw) for _, raw in all_rows(body) if isinstance(raw, bytes)]


@pytest.fixture(params=[7, 64, 1 << 20])
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    size: int = request.param
    monkeypatch.setattr(ndjson, "_BLOCK", size)
    monkeypatch.setattr(rows_module, "_BLOCK", size)
    monkeypatch.setattr(array_module, "_BLOCK", size)
    return size


@pytest.mark.parametrize(
    "body",
    [
        b'[{"a":1},{"a":2}]',
        b'\xef\xbb\xbf \n[\n  {"a": 1},\n  {"a": 2}\n]\n',
        b'{"a":1}\n{"a":2}',
        b'\xef\xbb\xbf{"a":1}\r\n{"a":2}\r\n',
    ],
)
def test_kinds(block: int, body: bytes) -> None:
    assert values(body) == [{"a": 1}, {"a": 2}]
    assert [number for number, _ in all_rows(body)] == [1, 2]


def test_one_object(block: int) -> None:
    for body in (
        b'{"a": {"b": 1}}',
        b'{\n  "a":\n  {"b": 1}\n}\n',
        b'\xef\xbb\xbf\n{\n"a":{"b":1}}',
    ):
        assert values(body) == [{"a": {"b": 1}}]


def test_lines_keep_their_numbers(block: int) -> None:
    body = b'\n{"a":1}\n\n   \nnonsense\n{"a":2}'
    assert [number for number, _ in all_rows(body)] == [2, 5, 6]


def test_empty(block: int) -> None:
    for body in (b"", b"\xef\xbb\xbf", b" \n \n"):
        with pytest.raises(FormatError, match="empty"):
            all_rows(body)
    assert all_rows(b"[]") == all_rows(b" [ \n ] ") == []


@pytest.mark.parametrize("magic", [b"PK\x03\x04..", b"PAR1..", b"\x1f\x8b\x08", b"\xff\xfe{\0"])
def test_other_files(magic: bytes) -> None:
    with pytest.raises(FormatError, match="the file is"):
        all_rows(magic)


@given(st.lists(st.dictionaries(TEXTS, JSON | TEXTS, max_size=3), max_size=12), st.data())
@settings(max_examples=examples(400), deadline=None)
def test_arrays_are_cut_where_they_should(items: list[object], data: st.DataObject) -> None:
    indent = data.draw(st.sampled_from([None, 0, 2]))
    ascii_only = data.draw(st.booleans())
    body = json.dumps(items, indent=indent, ensure_ascii=ascii_only).encode()
    size = data.draw(st.integers(1, 90))
    before = array_module._BLOCK
    array_module._BLOCK = size
    try:
        assert values(body) == items
    finally:
        array_module._BLOCK = before


@given(st.lists(JSON, max_size=8), st.integers(1, 40))
@settings(max_examples=examples(200), deadline=None)
def test_arrays_of_anything(items: list[object], size: int) -> None:
    before = array_module._BLOCK
    array_module._BLOCK = size
    try:
        assert values(json.dumps(items).encode()) == items
    finally:
        array_module._BLOCK = before


def test_seams_inside_texts(block: int) -> None:
    items = [{"a": 'x},{"a":1},{"a":2' + '"},{"a"' * n} for n in range(30)]
    assert values(json.dumps(items).encode()) == items


@pytest.mark.parametrize(
    ("body", "row", "words"),
    [
        (b"[", None, None),
        (b'[{"a":1}', 1, "middle"),
        (b'[{"a":1},', 2, "middle"),
        (b'[{"a":1},]', 2, "missing"),
        (b"[,]", 1, "missing"),
        (b'[{"a":1} {"a":2}]', 1, "comma"),
        (b'[{"a":1}}', 1, "comma"),
        (b'[{"a":"x]', 1, "middle"),
        (b'[{"a":1},"x', 2, "middle"),
        (b'[{"a":1}] []', None, "follows"),
        (b'[{"a":1}]\n{"a":2}', None, "follows"),
    ],
)
def test_broken_arrays(block: int, body: bytes, row: int | None, words: str | None) -> None:
    with pytest.raises(FormatError, match=words) as caught:
        all_rows(body)
    assert words is None or caught.value.row == row


def test_long_rows(block: int) -> None:
    limits = ItemLimits(item_bytes=100)
    body = b'{"a":1}\n{"b":"' + b"x" * 5000 + b'"}\n{"a":2}\n{"c":"' + b"y" * 5000
    found = all_rows(body, limits)
    assert [number for number, _ in found] == [1, 2, 3, 4]
    assert [isinstance(raw, RowFault) for _, raw in found] == [False, True, False, True]
    for array in (b'[{"a":"' + b"x" * 5000 + b'"}]', b'["' + b"x" * 5000, b"[" + b"[" * 5000):
        with pytest.raises(FormatError, match="longer"):
            all_rows(array, limits)


def test_a_line_at_the_cap_passes() -> None:
    limits = ItemLimits(item_bytes=7)
    assert values(b'{"a":1}\n{"a":2}') == [{"a": 1}, {"a": 2}]
    assert all(isinstance(raw, bytes) for _, raw in all_rows(b'{"a":1}\n{"a":2}', limits))


def test_a_200_mb_line_is_read_past() -> None:
    class Long(io.RawIOBase):
        """A line of 200 MB, then a short one; never in memory."""

        def __init__(self) -> None:
            self.left = 200 << 20
            self.tail = io.BytesIO(b'\n{"a":1}\n')

        def seek(self, offset: int, whence: int = 0) -> int:
            self.__init__()  # type: ignore[misc]
            return 0

        def read(self, size: int = -1) -> bytes:
            given = min(size, self.left)
            self.left -= given
            return b"x" * given if given else self.tail.read(size)

    found = list(Rows(Long(), ItemLimits()))  # type: ignore[arg-type]
    assert [number for number, _ in found] == [1, 2]
    assert isinstance(found[0][1], RowFault)


def test_hostile_seams_stay_linear() -> None:
    """Every element's text ends in a false seam: each window may be tried whole but once."""
    element = b'{"a":"' + b'},{\\"a\\"' * 20 + b'},{"}'
    assert len(values(b"[" + b",".join([element] * 4000) + b"]")) == 4000


def test_rows_come_as_the_file_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(array_module, "_BLOCK", 64)
    file = io.BytesIO(json.dumps([{"a": n} for n in range(200)]).encode())
    places = [file.tell() for _ in Rows(file, ItemLimits())]
    assert places[0] < places[-1]
    assert all(before <= after for before, after in pairwise(places))
