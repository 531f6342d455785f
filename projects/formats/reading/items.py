"""Items from raw JSON rows, fast: a typed decoder reads the common, well-formed case; whatever it
refuses or might misread goes the slow road, which alone words what is wrong."""

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
from .item_faults import ROLES, SPEAKING, explained_item
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
    """Row number and item, or row number and fault, for every row of `file`, in its order.
    A file that cannot be read on raises FormatError."""
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
                # A quote too many may have swallowed the rows that follow.
                raise FormatError("not_json", fault.message, number, fault.field) from fault
            yield number, fault


class ItemReader:
    """Reads one row at a time."""

    def __init__(self, rules: ItemRules, limits: ItemLimits | None = None) -> None:
        self.rules = rules
        self.limits = limits or ItemLimits()

    def item(self, raw: bytes) -> Item:
        """The item in `raw`; raises RowFault."""
        try:
            sent = _decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return self._explained(raw)
        if self._sound(sent):
            contents = contents_of(sent)
            joined = contents.joined()
            if _says_it_all(raw, sent, joined) and self._extras_fit(contents):
                return item_of(sent, contents, joined, warnings_in(sent, contents))
        return self._explained(raw)

    def _explained(self, raw: bytes) -> Item:
        sent = explained_item(raw, self.limits, self.rules)
        contents = contents_of(sent)
        return item_of(sent, contents, contents.joined(), warnings_in(sent, contents))

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
    """Whether sound responses can be told apart."""
    if len(responses) == 2:
        first, second = _only_text(responses[0]), _only_text(responses[1])
        if first is not None and second is not None:
            return not look_alike(first, second)
    return len({_canonical(each) for each in responses}) == len(responses)


def _only_text(sent: SentResponse) -> str | None:
    """The text of a sound response of one message, or None where it has more."""
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
    if _COLON_OR_NUL_ESCAPE.search(raw):
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
    for response in sent.responses or ():
        if isinstance(response.text, str):
            colons -= 2
            colons += response.messages is None
        else:
            colons += response.text is None
        colons += response.model is None
    return colons
