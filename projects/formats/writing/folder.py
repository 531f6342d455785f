"""Writes a dataset as a hub-style folder and as one JSONL file, in one pass."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from .card import CardFacts, SplitFacts, card_text, one_line
from .manifest import (
    MANIFEST_VERSION,
    Beat,
    Manifest,
    ManifestFile,
    manifest_file,
    no_beat,
    write_manifest,
)
from .protocol import Column, Dataset, Rows
from .shards import Shard, ShardWriter
from .types import words

SPLIT = "train"
_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Description:
    """What the card and the manifest say of an export beside its rows. `warnings` counts its items' import warnings."""

    facts: CardFacts
    counts: dict[str, int]
    created_at: str
    warnings: dict[str, int] = field(default_factory=dict)
    source: dict[str, Any] = field(default_factory=dict)


def write_folder(
    dataset: Dataset,
    columns: tuple[Column, ...],
    blocks: Iterable[Rows],
    *,
    folder: Path,
    jsonl: Path,
    description: Description,
    beat: Beat = no_beat,
) -> Manifest:
    """Write the rows in `blocks` to `folder` and `jsonl`.

    Whatever is in `folder` is replaced. `jsonl` must lie outside it, or the folder would hold the rows twice. `beat` is
    called now and then once the rows are written; while they come, whoever makes `blocks` is called often enough.

    Raises:
        FormatError: for a row that the dataset's check refuses.
    """
    shutil.rmtree(folder, ignore_errors=True)
    data = folder / "data"
    data.mkdir(parents=True)
    digest = hashlib.sha256()
    with (
        jsonl.open("wb") as lines,
        ShardWriter(data, SPLIT, columns, also=_both(lines, digest)) as shards,
    ):
        _add(dataset, blocks, shards)
        finished = shards.finish()
    files = _listed(finished, folder, beat)
    rows = sum(shard.rows for shard in finished)
    if not rows:
        data.rmdir()
    split = SplitFacts(rows, shards.memory_bytes, sum(file.bytes for file in files))
    card = folder / "README.md"
    card.write_text(
        card_text(dataset, columns, description.facts, split, description.counts), encoding="utf-8"
    )
    manifest = Manifest(
        version=MANIFEST_VERSION,
        dataset=dataset.NAME,
        name=one_line(description.facts.title),
        created_at=description.created_at,
        rows=rows,
        rows_sha256=digest.hexdigest(),
        columns={column.name: words(column.type) for column in columns},
        counts=description.counts,
        warnings=description.warnings,
        source=description.source,
        files=[manifest_file(card, folder), *files],
        jsonl=ManifestFile(jsonl.name, jsonl.stat().st_size, digest.hexdigest(), rows),
    )
    write_manifest(manifest, folder)
    return manifest


def _add(dataset: Dataset, blocks: Iterable[Rows], shards: ShardWriter) -> None:
    taken = 0
    for rows in blocks:
        dataset.check(rows, taken)
        shards.add(_encoder.encode_lines(rows))
        taken += len(rows)


def _both(file: BinaryIO, digest: hashlib._Hash) -> Callable[[bytes], None]:
    def write(block: bytes) -> None:
        file.write(block)
        digest.update(block)

    return write


def _listed(shards: list[Shard], folder: Path, beat: Beat) -> list[ManifestFile]:
    return [manifest_file(shard.path, folder, shard.rows, beat=beat) for shard in shards]
