"""The demo's items and, apart from them, which answer is truly better (see README.md beside this)."""

import json
from pathlib import Path

ITEMS = Path(__file__).with_name("items.ndjson")
_TRUTH = Path(__file__).with_name("truth.json")


def better_responses() -> dict[str, int]:
    """External id → stored index of the better response; for simulated annotators only."""
    truth: dict[str, int] = json.loads(_TRUTH.read_text())
    return truth
