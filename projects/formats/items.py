"""Items from raw JSON rows, fast: a typed decoder reads the common, well-formed case; whatever it
refuses or might misread goes the slow road, which alone words what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec
from msgspec import UNSET

from .errors import ROW, FormatError, RowFault
from .item_faults import ROLES, explained_item
from .item_shape import Item, Message, SentItem, SentResponse, contents, item_of, stored_item
from .json_text import exact_float
from .limits import SAFE_INTEGER, ItemLimits
from .rows import Rows

ItemRow = tuple[int, Item | RowFault]

_decode = msgspec.json.Decoder(SentItem, float_hook=exact_float).decode
_SPEAKING = frozenset({"user", "assistant"})


def read_items(
    file: BinaryIO, *, limits: ItemLimits | None = None, exact_responses: int | None = None
) -> Iterator[ItemRow]:
    """Row number and item, or row number and fault, for every row of `file`, in its order.
    A file that cannot be read on raises FormatError."""
    reader = ItemReader(limits or ItemLimits(), exact_responses)
    source = Rows(file, reader.limits)
    for count, (number, raw) in enumerate(source, 1):
        if count > reader.limits.rows:
            message = f"the file holds more than {reader.limits.rows} rows; send several files"
            raise FormatError("too_many", message, number, ROW)
        if isinstance(raw, RowFault):
            yield number, raw
            continue
        try:
            yield number, reader.item(raw)
        except RowFault as fault:
            if fault.syntax and source.is_array:
                # A quote too many may have swallowed the rows that follow.
                raise FormatError("not_json", fault.message, number, fault.field) from fault
            yield number, fault


class ItemReader:
    """Reads one row at a time."""

    def __init__(self, limits: ItemLimits, exact_responses: int | None = None) -> None:
        self.limits = limits
        self.exact_responses = exact_responses

    def item(self, raw: bytes) -> Item:
        """The item in `raw`; raises RowFault."""
        try:
            sent = _decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return self._explained(raw)
        if self._sound(sent):
            parts = contents(sent)
            joined = b"\n".join(parts)
            if _says_it_all(raw, sent, joined) and self._extras_fit(parts):
                return item_of(sent, parts, joined)
        return self._explained(raw)

    def _explained(self, raw: bytes) -> Item:
        return stored_item(explained_item(raw, self.limits, self.exact_responses))

    def _sound(self, sent: SentItem) -> bool:
        limits = self.limits
        identity = sent.external_id
        if isinstance(identity, str) and (
            len(identity) > limits.external_id_characters or _blank(identity)
        ):
            return False
        return (
            self._prompt_sound(sent.prompt)
            and self._responses_sound(sent.responses)
            and (not sent.context or _extra_sound(sent.context, limits))
            and (not sent.metadata or _extra_sound(sent.metadata, limits))
        )

    def _prompt_sound(self, prompt: str | list[Message]) -> bool:
        if isinstance(prompt, str):
            return not _blank(prompt)
        return self._messages_sound(prompt) and prompt[-1].role in ("user", "tool")

    def _messages_sound(self, messages: list[Message]) -> bool:
        if not 0 < len(messages) <= self.limits.messages:
            return False
        for message in messages:
            role = message.role
            if role not in ROLES or (role in _SPEAKING and _blank(message.content)):
                return False
        return True

    def _responses_sound(self, responses: list[SentResponse]) -> bool:
        count = len(responses)
        if not 2 <= count <= self.limits.responses:
            return False
        if self.exact_responses not in (None, count):
            return False
        contents = [self._response_content(each) for each in responses]
        if None in contents:
            return False
        return contents[0] != contents[1] if count == 2 else len(set(contents)) == count

    def _response_content(self, sent: SentResponse) -> tuple[str, ...] | None:
        """What is compared to find equal responses, or nothing where the response is doubtful."""
        model = sent.model
        if isinstance(model, str) and len(model) > self.limits.model_characters:
            return None
        text, messages = sent.text, sent.messages
        if isinstance(text, str):
            return None if isinstance(messages, list) or _blank(text) else ("assistant", text)
        if not isinstance(messages, list) or not self._messages_sound(messages):
            return None
        if messages[0].role != "assistant" or messages[-1].role != "assistant":
            return None
        return tuple(part for each in messages for part in (each.role, each.content))

    def _extras_fit(self, parts: tuple[bytes, bytes, bytes, bytes]) -> bool:
        return len(parts[2]) <= self.limits.extra_bytes >= len(parts[3])


def _blank(text: str) -> bool:
    return not text or text.isspace()


def _extra_sound(value: Any, limits: ItemLimits) -> bool:
    """Whether every number keeps its value and nothing is too many or too deep."""
    keys = 0
    level = [value]
    for _ in range(limits.depth - 1):
        below: list[Any] = []
        for container in level:
            if type(container) is dict:
                keys += len(container)
                container = container.values()
            for inner in container:
                kind = type(inner)
                if kind is dict or kind is list:
                    below.append(inner)
                elif kind is int and not -SAFE_INTEGER <= inner <= SAFE_INTEGER:
                    return False
        if not below:
            return keys <= limits.keys
        level = below
    return False


def _says_it_all(raw: bytes, sent: SentItem, joined: bytes) -> bool:
    """Whether the decoder dropped nothing: it keeps the last of two equal keys in silence.

    A key needs a colon, and a dropped key's value can only hold more. So `raw` has exactly as many
    colons as what was kept, unless a colon or a NUL was written as an escape; then the slow road
    decides.
    """
    if b"\\u0" in raw and (b"\\u0000" in raw or b"\\u003" in raw):
        return False
    return raw.count(b":") == joined.count(b":") + _colons_added(sent)


def _colons_added(sent: SentItem) -> int:
    """Colons of the sent form less those of the stored form, outside the contents."""
    colons = 2
    identity = sent.external_id
    if identity is not UNSET:
        colons += 1 + (identity.count(":") if isinstance(identity, str) else 0)
    colons += (sent.context is not UNSET) + (sent.metadata is not UNSET)
    if isinstance(sent.prompt, str):
        colons -= 2
    for response in sent.responses:
        if isinstance(response.text, str):
            colons -= 2
            colons += response.messages is None
        else:
            colons += response.text is None
        colons += response.model is None
    return colons
