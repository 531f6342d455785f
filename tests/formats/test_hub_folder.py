"""A finished folder: whole, unchanged, and packed."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from projects.formats.writing.hub_folder import pack_folder, verify_folder
from projects.formats.writing.manifest import MANIFEST_PATH
from tests.formats.pairs_of import pair, write


def test_verify_finds_what_was_changed(tmp_path: Path) -> None:
    folder, manifest = write(tmp_path, [pair(n) for n in range(20)])
    data = manifest.files[1].path

    def after(change: str) -> str:
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder, copy)
        path = copy / data
        if change == "cut":
            path.write_bytes(path.read_bytes()[:-1])
        elif change == "gone":
            path.unlink()
        elif change == "extra":
            shutil.copy(path, copy / "data" / "train-x.parquet")
        elif change == "manifest":
            (copy / MANIFEST_PATH).write_text("{}")
        else:
            text = (copy / MANIFEST_PATH).read_text()
            assert change in text
            (copy / MANIFEST_PATH).write_text(text.replace(change, change[:-2] + "19", 1))
        return " ".join(verify_folder(copy))

    assert "was changed" in after("cut")
    assert "is missing" in after("gone")
    assert "not in the manifest" in after("extra")
    assert "cannot be read" in after("manifest")
    assert "not 19" in after('"rows": 20')
    assert "not the 19 counted" in after('"counts": {\n    "rows": 20')
    assert "digest of the rows" in after(f'"rows_sha256": "{manifest.rows_sha256}'[:40])
    (tmp_path / "out.jsonl").write_bytes(b"")
    assert verify_folder(folder, jsonl=tmp_path / "out.jsonl") == ["out.jsonl was changed"]


def test_paths_outside_are_not_followed(tmp_path: Path) -> None:
    folder, _ = write(tmp_path, [pair(1)])
    path = folder / MANIFEST_PATH
    path.write_text(path.read_text().replace('"README.md"', '"../out.jsonl"'))
    assert "../out.jsonl is missing" in verify_folder(folder)


def test_the_zip_holds_the_folder(tmp_path: Path) -> None:
    folder, _ = write(tmp_path, [pair(n) for n in range(3)])
    with zipfile.ZipFile(pack_folder(folder, tmp_path / "a.zip", name="set")) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "again")
    assert verify_folder(tmp_path / "again" / "set") == []
