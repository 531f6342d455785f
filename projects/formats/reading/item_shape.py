"""The shape of an item as it is sent, and the one form in which it is stored.

A stored prompt is always a list of messages and a stored response always `{"messages", "model"?}`, with keys in
alphabetical order and without spaces, so that the same content has the same bytes and the same digest whichever way it
was sent. Texts are kept character for character. None of the structures can be part of a reference cycle, so the
garbage collector need not visit them (`gc=False`).
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
    """A response as sent: text or messages, and optionally the model that wrote it."""

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
    """The content of an item as JSON in UTF-8. `turns` holds the messages of each response."""

    prompt: bytes
    turns: list[bytes]
    responses: bytes
    context: bytes
    metadata: bytes

    def joined(self) -> bytes:
        """The four stored texts joined by newlines: the input of the digest."""
        return b"\n".join((self.prompt, self.responses, self.context, self.metadata))


class Item(Struct, frozen=True, gc=False):
    """A valid item in its stored form.

    Prompt, responses, context and metadata are JSON in UTF-8, and `sha256` is their digest. `external_id` is derived
    from the content if none was sent. `content_key` comes from the function of that name; `warnings` is a sum of the
    bits of `item_warnings`. `key` is the right answer as it was sent, None unless rows have one.
    """

    external_id: str
    prompt: bytes
    responses: bytes
    context: bytes
    metadata: bytes
    sha256: str
    content_key: bytes
    warnings: int
    key: Any = None


_encode = msgspec.json.Encoder(order="deterministic").encode

_TEXT_HEAD = b'[{"content":'
_USER_TAIL = b',"role":"user"}]'
_ASSISTANT_TAIL = b',"role":"assistant"}]'


def contents_of(sent: SentItem) -> Contents:
    """The contents of `sent` in their stored form. `sent` must be valid."""
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
    """The messages of each response, and the JSON list of all responses in stored form."""
    turns: list[bytes] = []
    # Joined once at the end: adding bytes to bytes would copy the texts each time.
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
    # PostgreSQL's jsonb turns -0.0 into 0.0. Doing so here keeps the digest equal to that of the stored content.
    return _encode(_without_negative_zero(value)) if b"-0.0" in text else text


def _without_negative_zero(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_negative_zero(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_negative_zero(inner) for inner in value]
    return 0.0 if isinstance(value, float) and value == 0 else value


def item_of(
    sent: SentItem, contents: Contents, joined: bytes, warnings: int, key: Any = None
) -> Item:
    """The item with these contents. `joined` is `contents.joined()`, which callers have at hand."""
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
        key,
    )


def content_sha256(prompt: bytes, responses: bytes, context: bytes, metadata: bytes) -> str:
    """The hexadecimal sha256 of an item's content: of its four stored JSON texts joined by newlines."""
    return hashlib.sha256(b"\n".join((prompt, responses, context, metadata))).hexdigest()


def content_key(contents: Contents) -> bytes:
    """A hash of 16 bytes that is equal for items that show annotators the same prompt, context and responses.

    The order of the responses does not matter. Models, metadata and external ids are left out because annotators see
    none of them. The hash is fast and not collision-proof: whoever makes two contents collide on purpose only gets a
    false warning of a repetition.
    """
    asked = (contents.prompt, contents.context, *sorted(contents.turns))
    return xxh3_128_digest(b"\n".join(asked))


def stored_json(value: Any) -> bytes:
    """`value` as JSON in its stored form: keys sorted, no spaces, UTF-8."""
    return _encode(value)
