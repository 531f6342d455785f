"""The manifest of an export: what it contains, where that comes from, and the digest of every file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from projects.formats.limits import MIB

Heartbeat = Callable[[], object]
"""Called regularly during long steps, so that the caller can record that they make progress."""
MANIFEST_VERSION = 2
# In a hidden folder, because loaders would take a JSON file beside the data files for one of them.
MANIFEST_PATH = ".rlhfhub/manifest.json"


class ManifestFile(Struct, frozen=True):
    """A file of the folder. `path` is relative to the folder; `rows` is set only for data files."""

    path: str
    bytes: int
    sha256: str
    rows: int | None = None


class Manifest(Struct, frozen=True):
    """What an export contains.

    `rows_sha256` is the digest of all rows in their order, each as its line of `jsonl`. It does not depend on how the
    rows are split into files, and equals the digest of `jsonl`. `warnings` is how many items in scope were imported
    with each warning.
    """

    version: int
    dataset: str
    name: str
    created_at: str
    rows: int
    rows_sha256: str
    columns: dict[str, str]
    counts: dict[str, int]
    warnings: dict[str, int]
    source: dict[str, Any]
    files: list[ManifestFile]
    jsonl: ManifestFile

    def as_json(self) -> dict[str, Any]:
        """The manifest as plain values, to be stored as JSON."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


def no_heartbeat() -> None:
    """Do nothing: the heartbeat for callers that need none."""


def manifest_file(
    path: Path, root: Path, rows: int | None = None, *, heartbeat: Heartbeat = no_heartbeat
) -> ManifestFile:
    """The manifest's entry for the file `path`, relative to `root`. `heartbeat` is called after every block read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(MIB):
            digest.update(block)
            heartbeat()
    name = path.relative_to(root).as_posix()
    return ManifestFile(name, path.stat().st_size, digest.hexdigest(), rows)


def write_manifest(manifest: Manifest, folder: Path) -> Path:
    """Write the manifest to MANIFEST_PATH in `folder`."""
    path = folder / MANIFEST_PATH
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    return path


def read_manifest(folder: Path) -> Manifest:
    """The manifest in `folder`.

    Raises:
        OSError: if the file cannot be read.
        msgspec.MsgspecError: if it is not a manifest.
    """
    return msgspec.json.decode((folder / MANIFEST_PATH).read_bytes(), type=Manifest)
