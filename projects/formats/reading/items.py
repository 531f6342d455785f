"""Read items from raw JSON rows, fast.

A typed decoder reads the common, valid case. Whatever it refuses or might misread is read again by the slow, strict
reader, which alone writes the error messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec
from msgspec import UNSET

from rlhfhub.ground.canonical import canonical, is_blank, look_alike
from rlhfhub.ground.strict_json import SAFE_INTEGER, exact_float

from ..errors import ROW, FormatError, RowFault
from ..limits import ItemLimits
from .item_faults import ROLES, SPEAKING, read_strictly
from .item_rules import ItemRules
from .item_shape import Contents, Item, Message, SentItem, SentResponse, contents_of, item_of
from .item_warnings import warnings_in
from .rows import Rows

ItemRow = tuple[int, Item | RowFault]

# "\u003a" is the colon.
_COLON_OR_NUL_ESCAPE = re.compile(rb"\\u00(?:00|3)")
_decode = msgspec.json.Decoder(SentItem, float_hook=exact_float).decode


def read_items(
    file: BinaryIO, rules: ItemRules, *, limits: ItemLimits | None = None
) -> Iterator[ItemRow]:
    """Read every row of `file` in order.

    Returns: (row number, item) for a valid row, (row number, fault) for any other.
    Raises:
        FormatError: if the file cannot be read, or cannot be read any further.
    """
    reader = ItemReader(rules, limits)
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
            if fault.syntax and source.is_one_text:
                # A superfluous quotation mark may have made the following rows part of a text.
                raise FormatError("not_json", fault.message, number, fault.field) from fault
            yield number, fault


class ItemReader:
    """Reads one row at a time."""

    def __init__(self, rules: ItemRules, limits: ItemLimits | None = None) -> None:
        self.rules = rules
        self.limits = limits or ItemLimits()

    def item(self, raw: bytes) -> Item:
        """The item in `raw`. Raises RowFault if it is not valid."""
        if self.rules.check_key:
            return self._read_strictly(raw)
        try:
            sent = _decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return self._read_strictly(raw)
        if self._sound(sent):
            contents = contents_of(sent)
            joined = contents.joined()
            if _lost_nothing(raw, sent, joined) and self._extras_fit(contents):
                return item_of(sent, contents, joined, warnings_in(sent, contents))
        return self._read_strictly(raw)

    def _read_strictly(self, raw: bytes) -> Item:
        sent, key = read_strictly(raw, self.limits, self.rules)
        contents = contents_of(sent)
        return item_of(sent, contents, contents.joined(), warnings_in(sent, contents), key)

    def _sound(self, sent: SentItem) -> bool:
        limits = self.limits
        identity = sent.external_id
        if isinstance(identity, str) and (
            len(identity) > limits.external_id_characters or is_blank(identity)
        ):
            return False
        return (
            self._prompt_sound(sent.prompt)
            and self._responses_sound(sent)
            and (not sent.context or _extra_sound(sent.context, limits))
            and (not sent.metadata or _extra_sound(sent.metadata, limits))
        )

    def _prompt_sound(self, prompt: str | list[Message]) -> bool:
        if isinstance(prompt, str):
            return not is_blank(prompt)
        return self._messages_sound(prompt) and prompt[-1].role in ("user", "tool")

    def _messages_sound(self, messages: list[Message]) -> bool:
        if not 0 < len(messages) <= self.limits.messages:
            return False
        for message in messages:
            role = message.role
            if role not in ROLES or (role in SPEAKING and is_blank(message.content)):
                return False
        return True

    def _responses_sound(self, sent: SentItem) -> bool:
        responses, rules = sent.responses, self.rules
        if responses is UNSET or not rules.least <= len(responses) <= rules.most:
            return False
        for response in responses:
            if not self._response_sound(response):
                return False
        return _all_differ(responses) and not (rules.check and rules.faults(sent))

    def _response_sound(self, sent: SentResponse) -> bool:
        model = sent.model
        if isinstance(model, str) and len(model) > self.limits.model_characters:
            return False
        text, messages = sent.text, sent.messages
        if isinstance(text, str):
            return not isinstance(messages, list) and not is_blank(text)
        if not isinstance(messages, list) or not self._messages_sound(messages):
            return False
        return messages[0].role == messages[-1].role == "assistant"

    def _extras_fit(self, contents: Contents) -> bool:
        return len(contents.context) <= self.limits.extra_bytes >= len(contents.metadata)


def _all_differ(responses: list[SentResponse]) -> bool:
    """Whether readers can tell these responses apart, which must be valid in every other respect."""
    if len(responses) == 2:
        first, second = _only_text(responses[0]), _only_text(responses[1])
        if first is not None and second is not None:
            return not look_alike(first, second)
    return len({_canonical(each) for each in responses}) == len(responses)


def _only_text(sent: SentResponse) -> str | None:
    """The text of a valid response of one message, or None if it has more messages."""
    if isinstance(sent.text, str):
        return sent.text
    messages = sent.messages or ()
    return messages[0].content if len(messages) == 1 else None


def _canonical(sent: SentResponse) -> tuple[str, ...]:
    if isinstance(sent.text, str):
        return ("assistant", canonical(sent.text))
    messages = sent.messages or ()
    return tuple(part for each in messages for part in (each.role, canonical(each.content)))


def _extra_sound(value: Any, limits: ItemLimits) -> bool:
    """Whether a double holds every integer exactly, and keys and nesting are within the limits."""
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


def _lost_nothing(raw: bytes, sent: SentItem, joined: bytes) -> bool:
    """Whether the decoder kept all of `raw`: of two equal keys it silently drops the first.

    Every key has a colon, and a dropped value can only hold more of them. So if nothing was dropped, `raw` has exactly
    as many colons as what was kept. A colon or a NUL written as an escape makes the answer False: then the strict
    reader decides.
    """
    if _COLON_OR_NUL_ESCAPE.search(raw):
        return False
    return raw.count(b":") == joined.count(b":") + _colons_added(sent)


def _colons_added(sent: SentItem) -> int:
    """How many more colons the sent form has than the stored form, apart from those within the contents."""
    colons = 2
    identity = sent.external_id
    if identity is not UNSET:
        colons += 1 + (identity.count(":") if isinstance(identity, str) else 0)
    colons += (sent.context is not UNSET) + (sent.metadata is not UNSET)
    if isinstance(sent.prompt, str):
        colons -= 2
    for response in sent.responses or ():
        if isinstance(response.text, str):
            colons -= 2
            colons += response.messages is None
        else:
            colons += response.text is None
        colons += response.model is None
    return colons
