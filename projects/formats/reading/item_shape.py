"""The shape of an item as it is sent, and the one form it is stored in.

Stored, a prompt is always a list of messages and a response always `{"messages", "model"?}`, keys
in alphabetical order, without spaces: the same content has the same bytes and the same digest
whichever way it was sent. Texts are kept character for character. None of the
structures can be part of a cycle, so the garbage collector need not visit them (`gc=False`).
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType
from xxhash import xxh3_128_digest


class Message(Struct, forbid_unknown_fields=True, gc=False):
    """One turn of a conversation."""

    content: str
    role: str


class SentResponse(Struct, forbid_unknown_fields=True, gc=False):
    """A response as sent: text or messages, perhaps the model that wrote it."""

    text: str | None | UnsetType = UNSET
    messages: list[Message] | None | UnsetType = UNSET
    model: str | None | UnsetType = UNSET


class SentItem(Struct, forbid_unknown_fields=True, gc=False):
    """An item as sent."""

    prompt: str | list[Message]
    responses: list[SentResponse] | UnsetType = UNSET
    external_id: str | None | UnsetType = UNSET
    context: dict[str, Any] | None | UnsetType = UNSET
    metadata: dict[str, Any] | None | UnsetType = UNSET


class Contents(Struct, frozen=True, gc=False):
    """What an item holds, as JSON in UTF-8. `turns` are the messages of each response."""

    prompt: bytes
    turns: list[bytes]
    responses: bytes
    context: bytes
    metadata: bytes

    def joined(self) -> bytes:
        """The four stored texts, joined by newlines: what the digest is over."""
        return b"\n".join((self.prompt, self.responses, self.context, self.metadata))


class Item(Struct, frozen=True, gc=False):
    """A valid item in its stored form. The four contents are JSON in UTF-8; `sha256` is over them.
    `external_id` is derived from the content where none was sent. `content_key` is `content_key(…)`;
    `warnings` is a sum of the bits of `item_warnings`."""

    external_id: str
    prompt: bytes
    responses: bytes
    context: bytes
    metadata: bytes
    sha256: str
    content_key: bytes
    warnings: int


_encode = msgspec.json.Encoder(order="deterministic").encode

_TEXT_HEAD = b'[{"content":'
_USER_TAIL = b',"role":"user"}]'
_ASSISTANT_TAIL = b',"role":"assistant"}]'


def contents_of(sent: SentItem) -> Contents:
    """The contents of `sent`, which must be sound, as they are stored."""
    prompt = sent.prompt
    if isinstance(prompt, str):
        prompt_json = b"".join((_TEXT_HEAD, _encode(prompt), _USER_TAIL))
    else:
        prompt_json = _encode(prompt)
    turns, responses = _both_forms(sent.responses or [])
    return Contents(
        prompt_json,
        turns,
        responses,
        _extra(sent.context) if sent.context else b"{}",
        _extra(sent.metadata) if sent.metadata else b"{}",
    )


def _both_forms(responses: list[SentResponse]) -> tuple[list[bytes], bytes]:
    """The messages of each response, and all responses as they are stored."""
    turns: list[bytes] = []
    # Joined once: each sum of bytes would copy the texts again.
    stored = [b"["]
    between = b'{"messages":'
    for sent in responses:
        text, model = sent.text, sent.model
        if isinstance(text, str):
            messages = b"".join((_TEXT_HEAD, _encode(text), _ASSISTANT_TAIL))
        else:
            messages = _encode(sent.messages)
        turns.append(messages)
        stored += (between, messages)
        if isinstance(model, str):
            stored += (b',"model":', _encode(model))
        between = b'},{"messages":'
    stored.append(b"}]" if turns else b"]")
    return turns, b"".join(stored)


def _extra(value: Any) -> bytes:
    text = _encode(value)
    # jsonb has no negative zero. Stored as the zero it would become, the content keeps its digest.
    return _encode(_without_negative_zero(value)) if b"-0.0" in text else text


def _without_negative_zero(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_negative_zero(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_negative_zero(inner) for inner in value]
    return 0.0 if isinstance(value, float) and value == 0 else value


def item_of(sent: SentItem, contents: Contents, joined: bytes, warnings: int) -> Item:
    """The item of which `contents` are the contents; `joined` is `contents.joined()`."""
    sha256 = hashlib.sha256(joined).hexdigest()
    return Item(
        sent.external_id or f"sha256:{sha256[:32]}",
        contents.prompt,
        contents.responses,
        contents.context,
        contents.metadata,
        sha256,
        content_key(contents),
        warnings,
    )


def content_sha256(prompt: bytes, responses: bytes, context: bytes, metadata: bytes) -> str:
    """The digest of an item's content: sha256 over the four stored JSON texts joined by newlines."""
    return hashlib.sha256(b"\n".join((prompt, responses, context, metadata))).hexdigest()


def content_key(contents: Contents) -> bytes:
    """16 bytes: the same for items that ask annotators the same: prompt, context and responses, these in any order.

    Models, metadata and external ids do not count: annotators see none of them. The hash is fast and not secret: who
    makes two contents collide is warned of a repetition that is none.
    """
    asked = (contents.prompt, contents.context, *sorted(contents.turns))
    return xxh3_128_digest(b"\n".join(asked))


def stored_json(value: Any) -> bytes:
    """`value` as it is stored: keys sorted, no spaces, UTF-8."""
    return _encode(value)
