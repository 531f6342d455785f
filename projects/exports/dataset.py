"""Write the files of a frozen export: the hub-style folder, its zip file, and the same rows as JSON Lines."""

from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from projects.exports import asked, storage, stream
from projects.exports.heartbeat import ExportHeartbeat
from projects.exports.models import Export
from projects.exports.storage import ARCHIVE, FOLDER, JSONL
from projects.formats import writing
from projects.formats.writing.card import CardFacts
from projects.formats.writing.folder import ExportDetails, write_folder
from projects.formats.writing.hub_folder import pack_folder, verify_folder
from projects.formats.writing.manifest import manifest_file
from projects.formats.writing.protocol import Dataset
from projects.items.selectors import warnings_of
from rlhfhub.tenancy import planes

_ABOUT = "People judged these items, each of whom saw the responses in a random order. Rejected work is not included."
_UNDECIDED = " Annotations that were not decided yet are included; each row says how many of them it rests on."


class WrittenExport(NamedTuple):
    """What an attempt wrote: its folder, the manifest with the list of `downloads`, and the sha256 of the rows."""

    folder: Path
    manifest: dict[str, Any]
    sha256: str


def write(export: Export, heartbeat: ExportHeartbeat) -> WrittenExport:
    """Write all files into a new folder of storage.

    If it fails, it removes the folder and frees the database connection.

    Raises:
        RuntimeError: if the number of rows written differs from the number frozen.
        Overtaken: if another worker took the export, or it ended.
    """
    dataset = writing.get(export.dataset)
    with planes.in_workspace(export.workspace_id):
        forms, warnings = asked.forms_of(export), _warnings(export)
    rows = stream.rows(export, dataset.reader(forms), heartbeat)
    with storage.new_attempt(export) as attempt, closing(rows):
        manifest = write_folder(
            dataset,
            dataset.columns(forms),
            rows,
            folder=attempt / FOLDER,
            jsonl=attempt / JSONL,
            details=_details(export, dataset, warnings),
            heartbeat=heartbeat,
        )
        if manifest.rows != export.rows:
            raise RuntimeError(f"{manifest.rows} rows written, {export.rows} frozen")
        pack_folder(
            attempt / FOLDER,
            attempt / ARCHIVE,
            name=storage.folder_name(export),
            heartbeat=heartbeat,
        )
        downloads = [
            msgspec.to_builtins(manifest_file(attempt / ARCHIVE, attempt, heartbeat=heartbeat)),
            msgspec.to_builtins(manifest.jsonl),
            *({**msgspec.to_builtins(f), "path": f"{FOLDER}/{f.path}"} for f in manifest.files),
        ]
        storage.sync_to_disk(attempt, heartbeat)
    return WrittenExport(
        attempt, {**manifest.as_json(), "downloads": downloads}, manifest.rows_sha256
    )


def check(export: Export) -> list[str]:
    """What differs between a finished export's files and its manifest, in words; an empty list if nothing does."""
    folder = storage.folder(export)
    return verify_folder(folder / FOLDER, jsonl=folder / JSONL)


def _frozen_at(export: Export) -> str:
    if export.frozen_at is None:
        raise RuntimeError("an export must be frozen before it is written")
    return export.frozen_at.isoformat()


def _warnings(export: Export) -> dict[str, int]:
    """How many items in scope were imported with each warning, by the warning's code."""
    return {total.code: total.count for total in warnings_of(export.project_id, export.batch_id)}


def _details(export: Export, dataset: Dataset, warnings: dict[str, int]) -> ExportDetails:
    return ExportDetails(
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
