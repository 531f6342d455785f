"""Short functions that call the reader of items."""

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
    """Return a valid item, as clients send it, with `changes`."""
    good: dict[str, Any] = {
        "external_id": "a-1",
        "prompt": "Why is the sky blue?",
        "responses": [{"text": "Rayleigh: short waves scatter more."}, {"text": "It reflects."}],
    }
    good.update(changes)
    return {key: value for key, value in good.items() if value is not ...}


# Two to ten responses, as forms that compare need.
SOME = ItemRules(2, 10)


def read(body: bytes, limits: ItemLimits | None = None) -> list[tuple[int, Item | RowFault]]:
    """Return everything that the reader finds in `body`."""
    return list(read_items(io.BytesIO(body), SOME, limits=limits))


def fault(sent: bytes | dict[str, Any], rules: ItemRules = SOME) -> RowFault:
    """Return the fault of one row, which must have one."""
    raw = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    try:
        found = ItemReader(rules).item(raw)
    except RowFault as row_fault:
        return row_fault
    raise AssertionError(f"was taken: {found}")


def accepted(sent: bytes | dict[str, Any], rules: ItemRules = SOME) -> Item:
    """Return the item of one row, which must be valid."""
    raw = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    return ItemReader(rules).item(raw)


def turns(*roles: str) -> list[dict[str, str]]:
    """Return a message of each role."""
    return [{"role": role, "content": "c"} for role in roles]


def pair(*responses: Any) -> dict[str, Any]:
    return item(responses=list(responses))
