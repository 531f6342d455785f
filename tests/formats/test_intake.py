from __future__ import annotations

import json
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from projects.formats.errors import FormatError
from projects.formats.reading.copy_file import COLUMNS, copy_sql, create_table_sql
from projects.formats.reading.intake import Intake, OnError, copy_items
from projects.formats.reading.item_rules import ItemRules
from projects.formats.reading.seen import IdStatus, SeenIds

from .rows_of import accepted, item


def run(tmp_path: Path, body: bytes, on_error: OnError = "abort") -> tuple[Intake, list[list[Any]]]:
    (tmp_path / "source").write_bytes(body)
    blocks: list[bytes] = []
    intake = copy_items(tmp_path / "source", blocks.append, ItemRules(2, 2), on_error=on_error)
    return intake, copied(b"".join(blocks))


def copied(data: bytes) -> list[list[Any]]:
    """Reads a binary COPY file back."""
    assert data.startswith(b"PGCOPY\n\xff\r\n\x00" + bytes(8))
    assert data.endswith(b"\xff\xff")
    at = 19
    rows = []
    while (count := struct.unpack_from(">h", data, at)[0]) != -1:
        assert count == len(COLUMNS)
        at += 2
        row: list[Any] = []
        for _, kind in COLUMNS:
            length = struct.unpack_from(">I", data, at)[0]
            value = data[at + 4 : at + 4 + length]
            at += 4 + length
            row.append(_value(kind, value))
        rows.append(row)
    assert at + 2 == len(data)
    return rows


def _value(kind: str, value: bytes) -> Any:
    if kind in ("integer", "smallint"):
        return int.from_bytes(value, "big")
    if kind == "uuid":
        return value
    if kind == "jsonb":
        assert value[0] == 1
        return json.loads(value[1:])
    return value.decode()


def lines(*items: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in items)


def test_valid_rows_are_written(tmp_path: Path) -> None:
    sent = [
        item(external_id="é", metadata={"a": {"b": "x"}}),
        item(external_id=...),
    ]
    intake, rows = run(tmp_path, lines(*sent))
    assert (intake.received, intake.written, intake.duplicates, intake.rejected) == (2, 2, 0, 0)
    assert [row[0] for row in rows] == [1, 2]
    for row, each in zip(rows, sent, strict=True):
        got = accepted(each)
        contents = [
            json.loads(part) for part in (got.prompt, got.responses, got.context, got.metadata)
        ]
        assert row[1:] == [got.external_id, *contents, got.sha256, got.content_key, 0]


def test_repeats_within_the_file(tmp_path: Path) -> None:
    body = lines(
        item(),
        item(prompt=[{"content": "Why is the sky blue?", "role": "user"}]),
        item(prompt="Other?"),
        item(external_id=...),
        item(external_id=...),
    )
    intake, rows = run(tmp_path, body, "skip")
    assert (intake.received, intake.written, intake.duplicates, intake.rejected) == (5, 2, 2, 1)
    assert [row[0] for row in rows] == [1, 4]
    assert intake.rejections[0].as_error() == {
        "row": 3,
        "field": "external_id",
        "message": "was used in an earlier row with different content",
    }


def test_abort_and_skip(tmp_path: Path) -> None:
    sent = [item(external_id=str(n), prompt="" if n % 2 else "p") for n in range(3000)]
    skipped, rows = run(tmp_path, lines(*sent), "skip")
    assert (skipped.written, skipped.rejected, len(skipped.rejections)) == (1500, 1500, 1000)
    assert len(rows) == 1500 and not skipped.stopped and not skipped.clean
    aborted, rows = run(tmp_path, lines(*sent), "abort")
    assert (aborted.written, aborted.rejected, aborted.stopped) == (1, 1000, True)
    assert len(rows) == 1


def test_an_array_that_breaks_off(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="middle of the array") as caught:
        run(tmp_path, json.dumps([item(), item(external_id="b")]).encode()[:-5], "skip")
    assert caught.value.row == 2


def test_sql() -> None:
    assert 'COPY "t" ("row", "external_id"' in copy_sql("t")
    assert '"prompt" jsonb NOT NULL' in create_table_sql("t")


def test_seen_ids_against_a_dictionary() -> None:
    seen = SeenIds()
    known: dict[str, str] = {}
    for n in range(20_000):
        identity = str(n * 7919 % 9000)
        content = f"{n * 104729 % 3:016x}{'0' * 48}"
        expected = IdStatus.NEW
        if identity in known:
            expected = (
                IdStatus.SAME_CONTENT if known[identity] == content else IdStatus.OTHER_CONTENT
            )
        known.setdefault(identity, content)
        assert seen.record(identity, content) is expected
    assert len(seen) == len(known) == 9000


@pytest.mark.slow
def test_memory_stays_flat(tmp_path: Path) -> None:
    text = "word " * 100
    path = tmp_path / "many"
    with path.open("wb") as file:
        for n in range(40_000):
            file.write(lines(item(external_id=str(n), prompt=text)))
    tracemalloc.start()
    with (tmp_path / "out").open("wb") as out:
        copy_items(path, out.write, ItemRules())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert path.stat().st_size > 20 << 20
    assert peak < 12 << 20
