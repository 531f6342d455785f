"""Short ways to feed the reader in tests."""

from __future__ import annotations

import io
import json
from typing import Any

from projects.formats.errors import RowFault
from projects.formats.item_shape import Item
from projects.formats.items import ItemReader, read_items
from projects.formats.limits import ItemLimits


def item(**changes: Any) -> dict[str, Any]:
    """A good item, as sent, with `changes`."""
    good: dict[str, Any] = {
        "external_id": "a-1",
        "prompt": "Why is the sky blue?",
        "responses": [{"text": "Rayleigh: short waves scatter more."}, {"text": "It reflects."}],
    }
    good.update(changes)
    return {key: value for key, value in good.items() if value is not ...}


def read(body: bytes, limits: ItemLimits | None = None) -> list[tuple[int, Item | RowFault]]:
    """Everything the reader finds in `body`."""
    return list(read_items(io.BytesIO(body), limits=limits))


def fault(sent: bytes | dict[str, Any], exact: int | None = None) -> RowFault:
    """The fault of one row that must have one."""
    raw = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    try:
        found = ItemReader(ItemLimits(), exact).item(raw)
    except RowFault as row_fault:
        return row_fault
    raise AssertionError(f"was taken: {found}")


def accepted(sent: bytes | dict[str, Any]) -> Item:
    """One row that must be good."""
    raw = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    return ItemReader(ItemLimits()).item(raw)


def turns(*roles: str) -> list[dict[str, str]]:
    """Messages of these roles."""
    return [{"role": role, "content": "c"} for role in roles]
