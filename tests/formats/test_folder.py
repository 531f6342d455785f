from __future__ import annotations

import hashlib
import json
import os
import secrets
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from projects.formats.errors import FormatError
from projects.formats.limits import MIB
from projects.formats.writing import dpo
from projects.formats.writing.card import CardFacts, SplitFacts, card_text
from projects.formats.writing.hub_folder import pack_folder, verify_folder
from projects.formats.writing.manifest import MANIFEST_PATH, read_manifest
from projects.formats.writing.shards import ShardWriter, read_rows
from tests.formats.pairs_of import NASTY, pair, pairs_of, turn, write, write_pairs

LOADER = """
import json, sys
from datasets import load_dataset
for folder in sys.argv[2:]:
    data = load_dataset(folder, cache_dir=sys.argv[1])
    split = data["train"]
    print(json.dumps([sorted(data), str(split.features), [dict(row) for row in split]]))
"""


def loaded(tmp_path: Path, *folders: Path) -> list[Any]:
    """Load the folders with `datasets`, offline, in a new process. Returns splits, features and rows of each."""
    environment = os.environ | {
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
        "HF_HOME": str(tmp_path / "home"),
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", LOADER, str(tmp_path / "cache"), *map(str, folders)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.slow
def test_datasets_loads_what_the_manifest_promises(tmp_path: Path) -> None:
    rows = [pair(n) for n in range(57)]
    # The loader would read the rows twice, or stumble over the manifest, if either lay in its way.
    first, manifest = write(tmp_path, rows)
    one, _ = write(tmp_path, [pair(1, metadata="")], "one")
    (splits, features, got), (_, _, got_one) = loaded(tmp_path, first, one)
    assert splits == ["train"]
    assert got == [{name: row[name] for name in manifest.columns} for row in rows]
    assert len(got) == manifest.rows == manifest.files[1].rows
    assert "'metadata': Value('string')" in features
    assert got_one[0]["metadata"] == ""


@pytest.mark.slow
def test_the_shards_load_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projects.formats.writing.shards._BLOCK", 2000)
    monkeypatch.setattr(
        "projects.formats.writing.folder.ShardWriter",
        lambda *a, **k: ShardWriter(*a, **k, shard_bytes=5000),
    )
    rows = [pair(n) for n in range(60)]
    folder, manifest = write(tmp_path, rows)
    names = [file.path for file in manifest.files[1:]]
    assert len(names) > 2
    assert names[0] == f"data/train-00000-of-{len(names):05}.parquet"
    assert sum(file.rows or 0 for file in manifest.files) == 60
    assert verify_folder(folder) == []
    ((_, _, got),) = loaded(tmp_path, folder)
    assert [row["metadata"] for row in got] == [row["metadata"] for row in rows]


def test_jsonl_and_parquet_hold_the_same_rows(tmp_path: Path) -> None:
    rows = [pair(n) for n in range(9)]
    folder, manifest = write(tmp_path, rows)
    jsonl = tmp_path / "out.jsonl"
    assert [json.loads(line) for line in jsonl.read_bytes().splitlines()] == rows
    assert list(read_rows(folder / manifest.files[1].path)) == rows
    assert hashlib.sha256(jsonl.read_bytes()).hexdigest() == manifest.rows_sha256
    assert verify_folder(folder, jsonl=jsonl) == []
    assert read_manifest(folder) == manifest
    assert manifest.as_json()["jsonl"]["path"] == "out.jsonl"


def test_the_same_rows_make_the_same_bytes(tmp_path: Path) -> None:
    rows = [pair(n) for n in range(500)]
    first, one = write(tmp_path, rows, "first", together=1)
    second, two = write(
        tmp_path, [dict(sorted(row.items())) for row in rows], "second", together=500
    )
    assert one.files == two.files
    assert one.rows_sha256 == two.rows_sha256
    packed = [
        pack_folder(folder, tmp_path / "z", name="d").read_bytes() for folder in (first, first)
    ]
    assert packed[0] == packed[1]
    assert (second / "README.md").read_bytes() == (first / "README.md").read_bytes()


def test_no_pairs(tmp_path: Path) -> None:
    folder, manifest = write(tmp_path, [])
    assert manifest.rows == 0
    assert not (folder / "data").exists()
    assert (tmp_path / "out.jsonl").read_bytes() == b""
    card = (folder / "README.md").read_text()
    assert "no row" in card and "configs:" not in card
    assert verify_folder(folder) == []


def test_an_old_attempt_is_replaced(tmp_path: Path) -> None:
    write(tmp_path, [pair(n) for n in range(5)])
    (tmp_path / "out" / "data" / "train.0.part").write_bytes(b"left by a killed worker")
    folder, _ = write(tmp_path, [pair(1)])
    assert verify_folder(folder) == []
    assert len(list((folder / "data").iterdir())) == 1


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (pair(1, rejected=pair(1)["chosen"]), "the same"),
        (pair(1, rejected=[turn("assistant", f"  good 1 {NASTY}\r\n")]), "the same"),
        (
            pair(
                1,
                chosen=[turn("assistant", "caf\u00e9")],
                rejected=[turn("assistant", "cafe\u0301")],
            ),
            "the same",
        ),
        (pair(1, chosen=[turn("assistant", "\u200b\ufeff")]), "empty"),
        (
            pair(1, chosen=[turn("assistant", "é\n")], rejected=[turn("assistant", "e\u0301")]),
            "same",
        ),
        (pair(1, chosen=[turn("assistant", "\u200b")]), "empty"),
        (pair(1, prompt=[]), "empty"),
        (pair(1, chosen=[]), "empty"),
        (pair(1, rejected=[turn("assistant", " \n")]), "empty"),
        (pair(1, chosen=[turn("assistant", "")]), "empty"),
    ],
)
def test_what_trainers_swallow_is_refused(tmp_path: Path, row: dict[str, Any], words: str) -> None:
    with pytest.raises(FormatError, match=words) as caught:
        write(tmp_path, [*(pair(n) for n in range(4)), row], together=3)
    assert caught.value.row == 5


def test_a_failing_source_leaves_no_thread_or_file_open(tmp_path: Path) -> None:
    def source() -> Any:
        yield pairs_of([pair(n) for n in range(10)])
        raise ConnectionError

    with pytest.raises(ConnectionError):
        write_pairs(source(), tmp_path, "f")
    assert not (tmp_path / "f" / MANIFEST_PATH).exists()


def test_the_card_survives_any_title() -> None:
    text = card_text(
        dpo, dpo.columns([]), CardFacts("x\n---\n\x07: 'y'"), SplitFacts(1, 10, 5), {"rows": 1}
    )
    head = text.split("\n---\n")[0]
    assert "pretty_name: \"x --- : 'y'\"" in head
    assert "num_examples: 1" in head


def test_the_long_steps_beat(tmp_path: Path) -> None:
    """Hashing a data file and packing the folder write the heartbeat at every block; no other step shows life then."""
    told: list[str] = []
    folder = tmp_path / "f"
    pairs = pairs_of([pair(n, prompt=[turn("user", secrets.token_hex(5000))]) for n in range(300)])
    write_pairs([pairs], tmp_path, "f", heartbeat=lambda: told.append("hash"))
    (data,) = (folder / "data").iterdir()
    blocks = -(-data.stat().st_size // MIB)
    assert blocks > 1
    assert len(told) == blocks
    pack_folder(folder, tmp_path / "z", name="d", heartbeat=lambda: told.append("zip"))
    assert told.count("zip") >= blocks


def test_memory_stays_flat(tmp_path: Path) -> None:
    """Python's own memory; Arrow holds one block besides."""
    block = pairs_of([pair(1, prompt=[turn("user", "word " * 400)])])
    tracemalloc.start()
    write_pairs((block for _ in range(20_000)), tmp_path, "f")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "f.jsonl").stat().st_size > 40 << 20
    assert peak < 24 << 20
