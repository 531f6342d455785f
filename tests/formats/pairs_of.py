"""Preference pairs with texts that JSON and parquet may handle wrongly, and folders written from them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from projects.formats.writing import dpo
from projects.formats.writing.card import CardFacts
from projects.formats.writing.folder import ExportDetails, write_folder
from projects.formats.writing.manifest import Manifest

NASTY = 'line\nbreak "quoted" \\ back\u2028 é 😀 \u202e\t\x7f 2024-01-01T00:00:00Z'


def turn(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def pair(n: int, **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "chosen": [turn("assistant", f"good {n} {NASTY}")],
        "prompt": [turn("system", ""), turn("user", f"why {n}?")],
        "metadata": json.dumps({"item": n, "votes": [2, 0, 1]}),
        "rejected": [
            turn("assistant", f"bad {n}"),
            turn("tool", ""),
            turn("assistant", "2024-01-01"),
        ],
    }
    return row | changes


def pairs_of(rows: list[dict[str, Any]]) -> list[dpo.Pair]:
    return msgspec.convert(rows, list[dpo.Pair])


def details(title: str = "t", **more: Any) -> ExportDetails:
    return ExportDetails(CardFacts(title, license="cc-by-4.0", languages=("en",)), {}, "", **more)


def write_pairs(
    blocks: Iterable[list[dpo.Pair]], tmp_path: Path, name: str, **more: Any
) -> Manifest:
    return write_folder(
        dpo,
        dpo.columns([]),
        blocks,
        folder=tmp_path / name,
        jsonl=tmp_path / f"{name}.jsonl",
        **{"details": details(), **more},
    )


def write(
    tmp_path: Path, rows: list[dict[str, Any]], name: str = "out", together: int = 3
) -> tuple[Path, Manifest]:
    pairs = pairs_of(rows)
    about = ExportDetails(
        CardFacts('A "title": \n---\né', license="cc-by-4.0", languages=("en",)),
        {"rows": len(rows), "items_tied": 3, "something_else": 1},
        "2026-01-01T00:00:00Z",
        {"role_twice": 2},
        {"export": "e-1"},
    )
    blocks = (pairs[at : at + together] for at in range(0, len(pairs), together))
    return tmp_path / name, write_pairs(blocks, tmp_path, name, details=about)
