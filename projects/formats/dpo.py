"""Writes preference pairs as a hub-style folder and as one JSONL file, in one pass."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .card import CardFacts, SplitFacts, card_text, one_line
from .limits import MIB
from .manifest import (
    MANIFEST_VERSION,
    Beat,
    Manifest,
    ManifestFile,
    manifest_file,
    unheard,
    write_manifest,
)
from .pairs import pair_lines
from .shards import Shard, ShardWriter

COLUMNS = {
    "prompt": "list<{role, content}>",
    "chosen": "list<{role, content}>",
    "rejected": "list<{role, content}>",
    "metadata": "JSON text",
}
SPLIT = "train"


def write_dpo(
    chunks: Iterable[bytes],
    *,
    folder: Path,
    jsonl: Path,
    facts: CardFacts,
    counts: dict[str, int],
    created_at: str,
    source: dict[str, Any] | None = None,
    beat: Beat = unheard,
) -> Manifest:
    """Write the pairs in `chunks` (JSON lines, cut anywhere) to `folder` and `jsonl`.

    Whatever stood in `folder` is replaced. `jsonl` must lie outside it, or the folder would hold
    the rows twice. `beat` is called now and then once the rows are written; while they come, whoever
    makes `chunks` is called often enough. Raises FormatError for a row that is no pair.
    """
    shutil.rmtree(folder, ignore_errors=True)
    data = folder / "data"
    data.mkdir(parents=True)
    with ShardWriter(data, SPLIT) as shards:
        rows, digest = _write_rows(chunks, jsonl, shards)
        files = _listed(shards.finish(), folder, beat)
        memory_bytes = shards.memory_bytes
    if not rows:
        data.rmdir()
    split = SplitFacts(rows, memory_bytes, sum(file.bytes for file in files))
    card = folder / "README.md"
    card.write_text(card_text(facts, split, counts), encoding="utf-8")
    manifest = Manifest(
        version=MANIFEST_VERSION,
        format="dpo",
        name=one_line(facts.title),
        created_at=created_at,
        rows=rows,
        rows_sha256=digest,
        columns=COLUMNS,
        counts=counts,
        source=source or {},
        files=[manifest_file(card, folder), *files],
        jsonl=ManifestFile(jsonl.name, jsonl.stat().st_size, digest, rows),
    )
    write_manifest(manifest, folder)
    return manifest


def _write_rows(chunks: Iterable[bytes], jsonl: Path, shards: ShardWriter) -> tuple[int, str]:
    digest = hashlib.sha256()
    rows = 0
    with jsonl.open("wb", buffering=MIB) as file:
        for line in pair_lines(chunks):
            rows += 1
            file.write(line)
            digest.update(line)
            shards.add(line)
    return rows, digest.hexdigest()


def _listed(shards: list[Shard], folder: Path, beat: Beat) -> list[ManifestFile]:
    return [manifest_file(shard.path, folder, shard.rows, beat=beat) for shard in shards]
