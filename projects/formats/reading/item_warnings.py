"""What is taken in and told: items that are sound, and that trainers or annotators may stumble over."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from .item_shape import Contents, Message, SentItem, stored_json

ASSISTANT_FIRST, ROLE_TWICE, LATE_SYSTEM, MODEL_NAMED = 1, 2, 4, 8

_SPEAKERS = frozenset({"user", "assistant"})
_NAMES_KEPT = 10_000
_LEAST_NAME = 2


@dataclass(frozen=True, slots=True)
class WarningKind:
    """One kind of warning: `code` for programs, `words` for people, `bit` where the reader finds it."""

    code: str
    words: str
    bit: int = 0


KINDS = (
    WarningKind(
        "assistant_first",
        "The conversation begins with the assistant. Many chat templates refuse that, so a trainer may stop there.",
        ASSISTANT_FIRST,
    ),
    WarningKind(
        "role_twice",
        "Two turns in a row have the same role. Many chat templates refuse that, so a trainer may stop there.",
        ROLE_TWICE,
    ),
    WarningKind(
        "late_system",
        "A system message comes after the first message. Many chat templates refuse it or drop it.",
        LATE_SYSTEM,
    ),
    WarningKind(
        "model_named",
        "The name of a response's model stands in the context or in a response. Annotators read it there and may "
        "judge the name.",
        MODEL_NAMED,
    ),
)
"""What the reader finds in a row by itself."""

SAME_CONTENT = WarningKind(
    "same_content",
    "The same prompt, context and responses, perhaps in another order, are there under another external id. "
    "Each of them is judged and paid for.",
)
"""What only a comparison of rows finds."""


def warnings_in(sent: SentItem, contents: Contents) -> int:
    """The bits of the warnings for a sound item; 0 for none."""
    found = 0
    if not isinstance(sent.prompt, str):
        found = _of_prompt(sent.prompt)
    models = None
    for response in sent.responses or ():
        if response.messages:
            found |= _of_turns(response.messages)
        if response.model:
            models = models or set()
            models.add(response.model)
    if models and _is_named(models, contents):
        found |= MODEL_NAMED
    return found


def _of_prompt(messages: list[Message]) -> int:
    found = _of_turns(messages)
    first = next((message.role for message in messages if message.role != "system"), "")
    if first == "assistant":
        found |= ASSISTANT_FIRST
    if any(message.role == "system" for message in messages[1:]):
        found |= LATE_SYSTEM
    return found


def _of_turns(messages: list[Message]) -> int:
    before = ""
    for message in messages:
        if message.role == before and before in _SPEAKERS:
            return ROLE_TWICE
        before = message.role
    return 0


def _is_named(models: Iterable[str], contents: Contents) -> bool:
    shown = b"\n".join((contents.context, *contents.turns)).lower()
    return any(
        needle in shown and pattern.search(shown)
        for model in models
        for needle, pattern in _needles(model)
    )


@lru_cache(_NAMES_KEPT)
def _needles(model: str) -> tuple[tuple[bytes, re.Pattern[bytes]], ...]:
    """The model's name, and the part after its last slash, as they would stand in lower-case JSON as words."""
    names = {model.strip(), model.rsplit("/", 1)[-1].strip()}
    found = []
    for name in sorted(names):
        if len(name) >= _LEAST_NAME:
            needle = stored_json(name)[1:-1].lower()
            # An escaped line end is written with a letter, which belongs to no word.
            word = rb"(?:(?<![0-9a-z_])|(?<=\\[nrt]))" + re.escape(needle) + rb"(?![0-9a-z_])"
            found.append((needle, re.compile(word)))
    return tuple(found)
