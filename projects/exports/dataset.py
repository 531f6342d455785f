"""Writes the files of a frozen export: the hub-style folder, its zip, and the same rows as JSON Lines."""

from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from projects.exports import asked, storage, stream
from projects.exports.models import Export
from projects.exports.pulse import Pulse
from projects.exports.storage import ARCHIVE, FOLDER, JSONL
from projects.formats import writing
from projects.formats.writing.card import CardFacts
from projects.formats.writing.folder import Description, write_folder
from projects.formats.writing.hub_folder import pack_folder, verify_folder
from projects.formats.writing.manifest import manifest_file
from projects.formats.writing.protocol import Dataset
from projects.items.selectors import warnings_of
from rlhfhub.tenancy import planes

_ABOUT = "Judged by people, each of whom saw the responses in an order drawn for them. Rejected work is not in it."
_UNDECIDED = (
    " Annotations that were not decided yet were asked for; each row says how many it rests on."
)


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
    dataset = writing.get(export.dataset)
    with planes.in_workspace(export.workspace_id):
        forms, warnings = asked.forms_of(export), _warnings(export)
    rows = stream.rows(export, dataset.reader(forms), pulse)
    with storage.being_made(export) as attempt, closing(rows):
        manifest = write_folder(
            dataset,
            dataset.columns(forms),
            rows,
            folder=attempt / FOLDER,
            jsonl=attempt / JSONL,
            description=_description(export, dataset, warnings),
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


def _warnings(export: Export) -> dict[str, int]:
    """How many items in scope were imported with which warning."""
    return {total.code: total.count for total in warnings_of(export.project_id, export.batch_id)}


def _description(export: Export, dataset: Dataset, warnings: dict[str, int]) -> Description:
    return Description(
        facts=_facts(export, dataset),
        counts=export.counts,
        created_at=_frozen_at(export),
        warnings=warnings,
        source=_source(export, dataset),
    )


def _source(export: Export, dataset: Dataset) -> dict[str, Any]:
    return {
        "export": str(export.pk),
        "workspace": export.workspace.slug,
        "project": str(export.project_id),
        "project_name": export.project.name,
        "batch": str(export.batch_id) if export.batch_id else None,
        "frozen_at": _frozen_at(export),
        "rule": dataset.RULE,
        "include_undecided": export.include_undecided,
    }


def _facts(export: Export, dataset: Dataset) -> CardFacts:
    scope = f", batch {export.batch.number}" if export.batch else ""
    return CardFacts(
        title=f"{export.project.name}{scope}: {dataset.TITLE}",
        description=_ABOUT + (_UNDECIDED if export.include_undecided else ""),
    )
