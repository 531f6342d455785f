"""Verify a hub-style folder against its manifest, and pack it into one zip file."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import msgspec
import pyarrow as pa

from projects.formats.limits import MIB

from .manifest import (
    MANIFEST_PATH,
    Heartbeat,
    Manifest,
    ManifestFile,
    manifest_file,
    no_heartbeat,
    read_manifest,
)
from .shards import read_rows, shard_rows

# The earliest date that a zip file can hold. With the real times, every packing would have other bytes.
_NO_DATE = (1980, 1, 1, 0, 0, 0)
_PACKED_ALREADY = (".parquet",)
_encoder = msgspec.json.Encoder()


def verify_folder(folder: Path, *, jsonl: Path | None = None) -> list[str]:
    """Compare every byte of the folder's files with the manifest, and hash every row of the data files again.

    `jsonl`, if given, is compared, too.

    Returns: what differs, in words; an empty list if nothing does.
    """
    try:
        manifest = read_manifest(folder)
    except (OSError, msgspec.MsgspecError) as error:
        return [f"the manifest cannot be read: {error}"]
    problems = _listed_files(folder, manifest)
    if not problems:
        problems += _rows(folder, manifest)
    if jsonl is not None:
        problems += _same(manifest.jsonl, _found(jsonl, jsonl.parent, manifest.rows))
    return problems


def _listed_files(folder: Path, manifest: Manifest) -> list[str]:
    listed = {file.path: file for file in manifest.files}
    problems = []
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if name not in listed and name != MANIFEST_PATH:
            problems.append(f"{name} is not in the manifest")
    for name, expected in listed.items():
        inside = (folder / name).resolve().is_relative_to(folder.resolve())
        found = _found(folder / name, folder, expected.rows) if inside else None
        problems += _same(expected, found)
    return problems


def _found(path: Path, root: Path, rows: int | None) -> ManifestFile | None:
    return manifest_file(path, root, rows) if path.is_file() else None


def _same(expected: ManifestFile, found: ManifestFile | None) -> list[str]:
    if found is None:
        return [f"{expected.path} is missing"]
    if (found.bytes, found.sha256) != (expected.bytes, expected.sha256):
        return [f"{expected.path} was changed"]
    return []


def _rows(folder: Path, manifest: Manifest) -> list[str]:
    digest = hashlib.sha256()
    problems = []
    total = 0
    for file in manifest.files:
        if file.rows is None:
            continue
        path = folder / file.path
        try:
            if shard_rows(path) != file.rows:
                problems.append(f"{file.path} holds {shard_rows(path)} rows, not {file.rows}")
            for row in read_rows(path):
                digest.update(_encoder.encode(row) + b"\n")
                total += 1
        except (pa.ArrowException, msgspec.MsgspecError, TypeError) as error:
            problems.append(f"{file.path} cannot be read: {error}")
    if total != manifest.rows:
        problems.append(f"there are {total} rows, not {manifest.rows}")
    if digest.hexdigest() != manifest.rows_sha256:
        problems.append("the digest of the rows is not that of the manifest")
    if manifest.counts.get("rows", total) != total:
        problems.append(f"there are {total} rows, not the {manifest.counts['rows']} counted")
    return problems


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def pack_folder(
    folder: Path, target: Path, *, name: str, heartbeat: Heartbeat = no_heartbeat
) -> Path:
    """Pack `folder` as `name/` into the zip file `target`. The same folder always makes the same bytes.

    `heartbeat` is called after every block that is read.
    """
    with zipfile.ZipFile(target, "w") as archive:
        for path in _files(folder):
            entry = zipfile.ZipInfo(f"{name}/{path.relative_to(folder).as_posix()}", _NO_DATE)
            packed = path.suffix in _PACKED_ALREADY
            entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            entry.file_size = path.stat().st_size
            with path.open("rb") as source, archive.open(entry, "w") as packed_file:
                while block := source.read(MIB):
                    packed_file.write(block)
                    heartbeat()
    return target
