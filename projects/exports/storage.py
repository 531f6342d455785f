"""Where exports stand: each attempt writes a folder of its own, and the row of a finished export names one.

A folder is written under a name that never was before and is read by nobody until the row says so, in
one statement; so a download finds all of it or the export unfinished, and never a part.
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
    """What the folder inside the zip is called."""
    return f"{export.workspace.slug}-{export.project_id.hex[:8]}-{export.number}"


def root() -> Path:
    """The folder of all exports: `<workspace>/<export>/<attempt>`."""
    return Path(settings.STORAGE_DIR) / "exports"


def folder(export: Export) -> Path:
    """A finished export's folder. One finished before folders had names stands a level higher."""
    return root() / str(export.workspace_id) / str(export.pk) / export.folder


@contextmanager
def being_made(export: Export) -> Iterator[Path]:
    """A new folder to write into; an error takes it away again."""
    making = root() / str(export.workspace_id) / str(export.pk) / uuid.uuid4().hex
    making.mkdir(parents=True)
    try:
        yield making
    except BaseException:
        discard(making)
        raise


def settle(made: Path, beat: Callable[[], None]) -> None:
    """Onto the disk, names and all: what a row calls finished is there also after a power cut."""
    for path in (*sorted(made.rglob("*")), made, made.parent, made.parent.parent, root()):
        beat()
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def discard(made: Path) -> None:
    """Take away a folder that no row names."""
    shutil.rmtree(made, ignore_errors=True)


def quiet_attempts(parent: Path, *, seconds: float) -> list[Path]:
    """The attempts in an export's folder that nobody has written into for so long."""
    before = files_now(root()) - seconds
    return [made for made in _folders(parent) if _written_at(made) < before and _is_attempt(made)]


def _is_attempt(made: Path) -> bool:
    # What stood a level higher once holds folders too, and their names are no digits of a UUID.
    return len(made.name) == 32 and not made.name.strip("0123456789abcdef")


def _written_at(made: Path) -> float:
    return max(_times([made, *made.rglob("*")]), default=0.0)


def _times(paths: Iterable[Path]) -> Iterator[float]:
    for path in paths:
        try:
            yield path.stat().st_mtime
        except FileNotFoundError:
            # Its worker has just finished with it; that counts as a sign of life.
            yield math.inf


def _folders(parent: Path) -> list[Path]:
    return sorted(path for path in parent.iterdir() if path.is_dir()) if parent.is_dir() else []


def export_folders() -> Iterator[tuple[uuid.UUID, Path]]:
    """Every export's folder in this storage: (export, folder)."""
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
