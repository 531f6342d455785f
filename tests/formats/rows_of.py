"""Short ways to feed the reader in tests."""

from __future__ import annotations

import io
import json
from typing import Any

from projects.formats.errors import RowFault
from projects.formats.limits import ItemLimits
from projects.formats.reading.item_rules import ItemRules
from projects.formats.reading.item_shape import Item
from projects.formats.reading.items import ItemReader, read_items


def item(**changes: Any) -> dict[str, Any]:
    """A good item, as sent, with `changes`."""
    good: dict[str, Any] = {
        "external_id": "a-1",
        "prompt": "Why is the sky blue?",
        "responses": [{"text": "Rayleigh: short waves scatter more."}, {"text": "It reflects."}],
    }
    good.update(changes)
    return {key: value for key, value in good.items() if value is not ...}


# Two or more responses, as forms want them that compare.
SOME = ItemRules(2, 10)


def read(body: bytes, limits: ItemLimits | None = None) -> list[tuple[int, Item | RowFault]]:
    """Everything the reader finds in `body`."""
    return list(read_items(io.BytesIO(body), SOME, limits=limits))


def fault(sent: bytes | dict[str, Any], rules: ItemRules = SOME) -> RowFault:
    """The fault of one row that must have one."""
    raw = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    try:
        found = ItemReader(rules).item(raw)
    except RowFault as row_fault:
        return row_fault
    raise AssertionError(f"was taken: {found}")


def accepted(sent: bytes | dict[str, Any], rules: ItemRules = SOME) -> Item:
    """One row that must be good."""
    raw = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    return ItemReader(rules).item(raw)


def turns(*roles: str) -> list[dict[str, str]]:
    """Messages of these roles."""
    return [{"role": role, "content": "c"} for role in roles]


def pair(*responses: Any) -> dict[str, Any]:
    return item(responses=list(responses))
