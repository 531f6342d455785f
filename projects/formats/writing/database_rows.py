"""What the database gives of an item for a row, and the messages that rows are made of."""

from __future__ import annotations

import msgspec
from msgspec import Raw, Struct

from rlhfhub.ground.canonical import is_blank

from .read_back import doubles


class Message(Struct, forbid_unknown_fields=True, gc=False):
    """One turn, in the key order datasets show."""

    role: str
    content: str


class Response(Struct, gc=False):
    """A stored response."""

    messages: list[Message]
    model: str | None = None


_encode = msgspec.json.Encoder().encode


def json_text(about: Struct) -> str:
    """A row's `metadata`: one JSON text."""
    return _encode(about).decode()


def stored(metadata: Raw) -> Raw:
    """An item's metadata as it was sent."""
    return doubles(metadata)


def speaks(messages: list[Message]) -> bool:
    """Whether the last message says anything."""
    return bool(messages) and not is_blank(messages[-1].content)
