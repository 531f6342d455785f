"""Writes preference pairs as a hub-style folder and as one JSONL file, in one pass."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from .card import CardFacts, SplitFacts, card_text, one_line
from .manifest import (
    MANIFEST_VERSION,
    Beat,
    Manifest,
    ManifestFile,
    manifest_file,
    unheard,
    write_manifest,
)
from .pairs import Pair, pair_lines
from .shards import Shard, ShardWriter

COLUMNS = {
    "prompt": "list<{role, content}>",
    "chosen": "list<{role, content}>",
    "rejected": "list<{role, content}>",
    "metadata": "JSON text",
}
SPLIT = "train"


def write_dpo(
    blocks: Iterable[Sequence[Pair]],
    *,
    folder: Path,
    jsonl: Path,
    facts: CardFacts,
    counts: dict[str, int],
    created_at: str,
    source: dict[str, Any] | None = None,
    beat: Beat = unheard,
) -> Manifest:
    """Write the pairs in `blocks` to `folder` and `jsonl`.

    Whatever stood in `folder` is replaced. `jsonl` must lie outside it, or the folder would hold
    the rows twice. `beat` is called now and then once the rows are written; while they come, whoever
    makes `blocks` is called often enough. Raises FormatError for a pair that teaches nothing.
    """
    shutil.rmtree(folder, ignore_errors=True)
    data = folder / "data"
    data.mkdir(parents=True)
    digest = hashlib.sha256()
    with jsonl.open("wb") as lines, ShardWriter(data, SPLIT, also=_both(lines, digest)) as shards:
        taken = 0
        for block in blocks:
            shards.add(pair_lines(block, taken))
            taken += len(block)
        finished = shards.finish()
    files = _listed(finished, folder, beat)
    rows = sum(shard.rows for shard in finished)
    if not rows:
        data.rmdir()
    split = SplitFacts(rows, shards.memory_bytes, sum(file.bytes for file in files))
    card = folder / "README.md"
    card.write_text(card_text(facts, split, counts), encoding="utf-8")
    manifest = Manifest(
        version=MANIFEST_VERSION,
        format="dpo",
        name=one_line(facts.title),
        created_at=created_at,
        rows=rows,
        rows_sha256=digest.hexdigest(),
        columns=COLUMNS,
        counts=counts,
        source=source or {},
        files=[manifest_file(card, folder), *files],
        jsonl=ManifestFile(jsonl.name, jsonl.stat().st_size, digest.hexdigest(), rows),
    )
    write_manifest(manifest, folder)
    return manifest


def _both(file: BinaryIO, digest: hashlib._Hash) -> Callable[[bytes], None]:
    def write(block: bytes) -> None:
        file.write(block)
        digest.update(block)

    return write


def _listed(shards: list[Shard], folder: Path, beat: Beat) -> list[ManifestFile]:
    return [manifest_file(shard.path, folder, shard.rows, beat=beat) for shard in shards]
