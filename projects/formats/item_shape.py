"""The shape of an item as it is sent, and the one form it is stored in.

Stored, a prompt is always a list of messages and a response always `{"messages", "model"?}`, keys
in alphabetical order, without spaces: the same content has the same bytes and the same digest
whichever way it was sent. Texts are kept character for character.
"""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET, Struct, UnsetType


class Message(Struct, forbid_unknown_fields=True):
    """One turn of a conversation."""

    content: str
    role: str


class SentResponse(Struct, forbid_unknown_fields=True):
    """A response as sent: text or messages, perhaps the model that wrote it."""

    text: str | None | UnsetType = UNSET
    messages: list[Message] | None | UnsetType = UNSET
    model: str | None | UnsetType = UNSET


class SentItem(Struct, forbid_unknown_fields=True):
    """An item as sent."""

    prompt: str | list[Message]
    responses: list[SentResponse]
    external_id: str | None | UnsetType = UNSET
    context: dict[str, Any] | None | UnsetType = UNSET
    metadata: dict[str, Any] | None | UnsetType = UNSET


class Item(NamedTuple):
    """A valid item in its stored form. The four contents are JSON in UTF-8; `sha256` is over them.
    `external_id` is derived from the content where none was sent."""

    external_id: str
    prompt: bytes
    responses: bytes
    context: bytes
    metadata: bytes
    sha256: str


_encode = msgspec.json.Encoder(order="deterministic").encode

_PROMPT_HEAD = b'[{"content":'
_PROMPT_TAIL = b',"role":"user"}]'
_RESPONSE_HEAD = b'{"messages":[{"content":'
_RESPONSE_TAIL = b',"role":"assistant"}]'


def contents(sent: SentItem) -> tuple[bytes, bytes, bytes, bytes]:
    """Prompt, responses, context and metadata of `sent`, which must be sound, as they are stored."""
    prompt = sent.prompt
    if isinstance(prompt, str):
        prompt_json = _PROMPT_HEAD + _encode(prompt) + _PROMPT_TAIL
    else:
        prompt_json = _encode(prompt)
    return (
        prompt_json,
        b"[" + b",".join([_stored_response(each) for each in sent.responses]) + b"]",
        _extra(sent.context) if sent.context else b"{}",
        _extra(sent.metadata) if sent.metadata else b"{}",
    )


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


def stored_item(sent: SentItem) -> Item:
    """The stored form of `sent`, which must be sound."""
    parts = contents(sent)
    return item_of(sent, parts, b"\n".join(parts))


def item_of(sent: SentItem, parts: tuple[bytes, bytes, bytes, bytes], joined: bytes) -> Item:
    """The item of which `parts` are the contents; `joined` is them with newlines between."""
    sha256 = hashlib.sha256(joined).hexdigest()
    return Item(sent.external_id or f"sha256:{sha256[:32]}", *parts, sha256)


def content_sha256(prompt: bytes, responses: bytes, context: bytes, metadata: bytes) -> str:
    """The digest of an item's content: sha256 over the four stored JSON texts joined by newlines."""
    return hashlib.sha256(b"\n".join((prompt, responses, context, metadata))).hexdigest()


def stored_json(value: Any) -> bytes:
    """`value` as it is stored: keys sorted, no spaces, UTF-8."""
    return _encode(value)


def _stored_response(sent: SentResponse) -> bytes:
    if isinstance(sent.text, str):
        body = _RESPONSE_HEAD + _encode(sent.text) + _RESPONSE_TAIL
    else:
        body = b'{"messages":' + _encode(sent.messages)
    if isinstance(sent.model, str):
        return body + b',"model":' + _encode(sent.model) + b"}"
    return body + b"}"
