"""The manifest of an export: what it holds, how it came about, and the digest of every file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from projects.formats.limits import MIB

Beat = Callable[[], object]
MANIFEST_VERSION = 2
# In a folder with a dot: beside data files of JSON, loaders would take it for one.
MANIFEST_PATH = ".rlhfhub/manifest.json"


class ManifestFile(Struct, frozen=True):
    """A file of the folder; `rows` where it holds data."""

    path: str
    bytes: int
    sha256: str
    rows: int | None = None


class Manifest(Struct, frozen=True):
    """What an export promises. `rows_sha256` is over the rows in their order, each as its line of
    `jsonl`, however they are split into files; so it is also the digest of that file. `warnings` count
    what the items in scope were warned of when they were imported."""

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
        """Plain values, to store in a database."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


def no_beat() -> None:
    """Does nothing."""


def manifest_file(
    path: Path, root: Path, rows: int | None = None, *, beat: Beat = no_beat
) -> ManifestFile:
    """`path` as the manifest lists it, relative to `root`. `beat` is called after every block read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(MIB):
            digest.update(block)
            beat()
    name = path.relative_to(root).as_posix()
    return ManifestFile(name, path.stat().st_size, digest.hexdigest(), rows)


def write_manifest(manifest: Manifest, folder: Path) -> Path:
    """Write the manifest into its place in `folder`."""
    path = folder / MANIFEST_PATH
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    return path


def read_manifest(folder: Path) -> Manifest:
    """The manifest in `folder`; msgspec.MsgspecError or OSError where there is none to read."""
    return msgspec.json.decode((folder / MANIFEST_PATH).read_bytes(), type=Manifest)
