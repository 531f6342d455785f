"""Where the files of exports are: each attempt writes a folder of its own, and a finished export's row names one.

The folder has a new, random name, and nobody reads it until one statement writes that name to the row. So a download
finds either an unfinished export or all of its files, never a part of them.
"""

import math
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from django.conf import settings

from projects.exports.models import Export
from projects.formats.writing.manifest import ManifestFile
from rlhfhub.ground.clock import files_now

JSONL = "train.jsonl"
ARCHIVE = "dataset.zip"
FOLDER = "dataset"


def folder_name(export: Export) -> str:
    """The name of the folder inside the zip file."""
    return f"{export.workspace.slug}-{export.project_id.hex[:8]}-{export.number}"


def root() -> Path:
    """The folder of all exports. Those of attempts are `<workspace>/<export>/<attempt>` below it."""
    return Path(settings.STORAGE_DIR) / "exports"


def folder(export: Export) -> Path:
    """A finished export's folder. For an export without a folder name it is the export's own, one level higher."""
    return root() / str(export.workspace_id) / str(export.pk) / export.folder


@contextmanager
def new_attempt(export: Export) -> Iterator[Path]:
    """Make a new folder to write into; an error in the block removes it."""
    making = root() / str(export.workspace_id) / str(export.pk) / uuid.uuid4().hex
    making.mkdir(parents=True)
    try:
        yield making
    except BaseException:
        discard(making)
        raise


def sync_to_disk(attempt: Path, heartbeat: Callable[[], None]) -> None:
    """Flush all files and directory entries to disk, so that they outlive a power failure once the row names them."""
    for path in (
        *sorted(attempt.rglob("*")),
        attempt,
        attempt.parent,
        attempt.parent.parent,
        root(),
    ):
        heartbeat()
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def discard(attempt: Path) -> None:
    """Remove a folder that no row names."""
    shutil.rmtree(attempt, ignore_errors=True)


def idle_attempts(parent: Path, *, seconds: float) -> list[Path]:
    """The attempts in an export's folder `parent` whose files have not changed for `seconds`."""
    before = files_now(root()) - seconds
    return [
        attempt
        for attempt in _folders(parent)
        if _written_at(attempt) < before and _is_attempt(attempt)
    ]


def _is_attempt(attempt: Path) -> bool:
    # Attempts are named by the 32 digits of a UUID; a folder of files that lies beside them is not.
    return len(attempt.name) == 32 and not attempt.name.strip("0123456789abcdef")


def _written_at(attempt: Path) -> float:
    return max(_times([attempt, *attempt.rglob("*")]), default=0.0)


def _times(paths: Iterable[Path]) -> Iterator[float]:
    for path in paths:
        try:
            yield path.stat().st_mtime
        except FileNotFoundError:
            # The worker has just removed the file, so it is still at work.
            yield math.inf


def _folders(parent: Path) -> list[Path]:
    return sorted(path for path in parent.iterdir() if path.is_dir()) if parent.is_dir() else []


def export_folders() -> Iterator[tuple[uuid.UUID, Path]]:
    """Yield (export id, folder) for every export in this storage."""
    for workspace in _folders(root()):
        for parent in _folders(workspace):
            try:
                yield uuid.UUID(parent.name), parent
            except ValueError:
                continue


def files(export: Export) -> list[ManifestFile]:
    """Return the downloadable files as the manifest lists them; none before the export is finished."""
    return msgspec.convert((export.manifest or {}).get("downloads", []), list[ManifestFile])


def open_file(export: Export, name: str) -> Path | None:
    """The path of a downloadable file by its exact listed name, or None."""
    if any(file.path == name for file in files(export)):
        path = folder(export) / name
        return path if path.is_file() else None
    return None
