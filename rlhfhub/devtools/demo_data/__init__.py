"""The demo's items, and separately which answer is truly better (see README.md in this folder)."""

import json
from pathlib import Path

ITEMS = Path(__file__).with_name("items.ndjson")
_TRUTH = Path(__file__).with_name("truth.json")


def better_responses() -> dict[str, int]:
    """Return the stored index of the better response by external id. For simulated annotators only."""
    truth: dict[str, int] = json.loads(_TRUTH.read_text())
    return truth
