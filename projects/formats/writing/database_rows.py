"""The messages and responses of items as the database sends them for rows, and checks of them."""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec import Struct

from rlhfhub.ground import canonical
from rlhfhub.ground.canonical import is_blank


class Message(Struct, forbid_unknown_fields=True, gc=False):
    """One turn of a conversation, with its keys in the order that datasets use."""

    role: str
    content: str


class Response(Struct, gc=False):
    """A response as it is stored."""

    messages: list[Message]
    model: str | None = None


class Adjudicated(Struct, array_like=True, gc=False):
    """The judgments of an item's final answer: `judged` has the value of each of `units`."""

    units: list[str]
    judged: list[int]


class Provenance(StrEnum):
    """Whose answer a value of a row is."""

    ANNOTATORS = "annotators"
    ADJUDICATED = "adjudicated"


_encode = msgspec.json.Encoder().encode


def json_text(about: Struct) -> str:
    """The JSON text for a row's `metadata` column."""
    return _encode(about).decode()


def has_visible_end(messages: list[Message]) -> bool:
    """Whether there is a last message with something a reader can see."""
    return bool(messages) and not is_blank(messages[-1].content)


def look_alike(one: list[Message], other: list[Message]) -> bool:
    """Whether neither a reader nor a trainer's chat template can tell the two lists of messages apart."""
    if len(one) != len(other):
        return False
    for mine, yours in zip(one, other, strict=True):
        if mine.role != yours.role or not canonical.look_alike(mine.content, yours.content):
            return False
    return True
