"""Preference pairs with all that JSON and parquet could trip over, and folders of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from projects.formats.card import CardFacts
from projects.formats.dpo import write_dpo
from projects.formats.manifest import Manifest

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


def body(rows: list[dict[str, Any]], **style: Any) -> bytes:
    return b"".join(json.dumps(row, **style).encode() + b"\n" for row in rows)


def write(
    tmp_path: Path, rows: list[dict[str, Any]], name: str = "out", cut: int = 1000
) -> tuple[Path, Manifest]:
    data = body(rows, ensure_ascii=False)
    chunks = [data[at : at + cut] for at in range(0, len(data), cut)]
    folder = tmp_path / name
    manifest = write_dpo(
        chunks,
        folder=folder,
        jsonl=tmp_path / f"{name}.jsonl",
        facts=CardFacts('A "title": \n---\né', license="cc-by-4.0", languages=("en",)),
        counts={"pairs": len(rows), "items_tied": 3, "something_else": 1},
        created_at="2026-01-01T00:00:00Z",
        source={"export": "e-1"},
    )
    return folder, manifest
