"""What the database gives of an item for a row, and the messages that rows are made of."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from rlhfhub.ground import canonical
from rlhfhub.ground.canonical import is_blank


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


def speaks(messages: list[Message]) -> bool:
    """Whether a reader sees anything of the last message."""
    return bool(messages) and not is_blank(messages[-1].content)


def look_alike(one: list[Message], other: list[Message]) -> bool:
    """Whether neither a reader nor a trainer's chat template can tell the messages apart."""
    if len(one) != len(other):
        return False
    for mine, yours in zip(one, other, strict=True):
        if mine.role != yours.role or not canonical.look_alike(mine.content, yours.content):
            return False
    return True
