"""Where finished exports stand: a folder each, made beside its place and moved there whole."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from projects.exports.models import Export

JSONL = "train.jsonl"
ARCHIVE = "dataset.zip"
FOLDER = "dataset"


def folder_name(export: Export) -> str:
    """What the folder inside the zip is called."""
    return f"{export.workspace.slug}-{export.project_id.hex[:8]}-{export.number}"


def folder(export: Export) -> Path:
    """The export's folder; it exists when the export is finished."""
    return Path(settings.STORAGE_DIR) / "exports" / str(export.workspace_id) / str(export.pk)


@contextmanager
def being_made(export: Export) -> Iterator[Path]:
    """A folder to write into; on leaving without an error it becomes the export's folder."""
    place = folder(export)
    making = place.with_name(f".{place.name}.{uuid.uuid4().hex[:8]}")
    making.mkdir(parents=True)
    try:
        yield making
        # A worker that lost its lease on this export may have been here first: same rows, same bytes.
        if place.exists():
            shutil.rmtree(place)
        making.rename(place)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def files(export: Export) -> list[dict[str, object]]:
    """Name, bytes and sha256 of each downloadable file, as the manifest says."""
    return list((export.manifest or {}).get("downloads", []))


def open_file(export: Export, name: str) -> Path | None:
    """The path of a downloadable file by its exact listed name, or None."""
    if any(entry["path"] == name for entry in files(export)):
        path = folder(export) / name
        return path if path.is_file() else None
    return None
