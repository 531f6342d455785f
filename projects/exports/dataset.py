"""Writes the files of a frozen export: the hub-style folder, its zip, and the same rows as JSON Lines."""

from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from projects.exports import storage, stream
from projects.exports.models import Export
from projects.exports.pulse import Pulse
from projects.exports.storage import ARCHIVE, FOLDER, JSONL
from projects.formats.card import CardFacts
from projects.formats.dpo import write_dpo
from projects.formats.hub_folder import pack_folder, verify_folder
from projects.formats.manifest import manifest_file


class Made(NamedTuple):
    """What an attempt wrote: its folder, the manifest (with `downloads`), the sha256 over the rows."""

    folder: Path
    manifest: dict[str, Any]
    sha256: str


def write(export: Export, pulse: Pulse) -> Made:
    """Write all files into a new folder of storage.

    Raises RuntimeError when what was written differs from what was frozen. However it ends, the connection is free
    again and a folder that was not finished is gone.
    """
    with storage.being_made(export) as attempt, closing(stream.pairs(export, pulse)) as pairs:
        manifest = write_dpo(
            pairs,
            folder=attempt / FOLDER,
            jsonl=attempt / JSONL,
            facts=_facts(export),
            counts=export.counts,
            created_at=_frozen_at(export),
            source=_source(export),
            beat=pulse,
        )
        if manifest.rows != export.rows:
            raise RuntimeError(f"{manifest.rows} rows written, {export.rows} frozen")
        pack_folder(
            attempt / FOLDER, attempt / ARCHIVE, name=storage.folder_name(export), beat=pulse
        )
        downloads = [
            msgspec.to_builtins(manifest_file(attempt / ARCHIVE, attempt, beat=pulse)),
            msgspec.to_builtins(manifest.jsonl),
            *({**msgspec.to_builtins(f), "path": f"{FOLDER}/{f.path}"} for f in manifest.files),
        ]
        storage.settle(attempt, pulse)
    return Made(attempt, {**manifest.as_json(), "downloads": downloads}, manifest.rows_sha256)


def check(export: Export) -> list[str]:
    """What differs between a finished export's files and its manifest; nothing when all holds."""
    folder = storage.folder(export)
    return verify_folder(folder / FOLDER, jsonl=folder / JSONL)


def _frozen_at(export: Export) -> str:
    if export.frozen_at is None:
        raise RuntimeError("an export is frozen before it is written")
    return export.frozen_at.isoformat()


def _source(export: Export) -> dict[str, Any]:
    return {
        "export": str(export.pk),
        "workspace": export.workspace.slug,
        "project": str(export.project_id),
        "project_name": export.project.name,
        "batch": str(export.batch_id) if export.batch_id else None,
        "frozen_at": _frozen_at(export),
        "rule": "one pair an item: the response most accepted annotations prefer, more than chose a tie",
    }


def _facts(export: Export) -> CardFacts:
    scope = f", batch {export.batch.number}" if export.batch else ""
    return CardFacts(
        title=f"{export.project.name}{scope}: preference pairs",
        description=(
            "Pairs judged by human annotators. The order of the two responses was drawn for each of them; "
            "only accepted work is counted, and ties make no pair."
        ),
    )
