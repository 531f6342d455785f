"""What is taken in and told: items that are sound, and that trainers or annotators may stumble over."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct

from .item_shape import Contents, Message, SentItem, stored_json

ASSISTANT_FIRST, ROLE_TWICE, LATE_SYSTEM, MODEL_NAMED = 1, 2, 4, 8

_SPEAKERS = frozenset({"user", "assistant"})
_NAMES_KEPT = 10_000
_ROLES_KEPT = 1000
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
        found = _of_prompt(_roles(sent.prompt))
    models: list[str] = []
    for response in sent.responses or ():
        if response.messages and len(response.messages) > 1:
            found |= _of_turns(_roles(response.messages))
        if response.model:
            models.append(response.model)
    if models and _is_named(tuple(models), contents):
        found |= MODEL_NAMED
    return found


def _roles(messages: list[Message]) -> tuple[str, ...]:
    return tuple([message.role for message in messages])


@lru_cache(_ROLES_KEPT)
def _of_prompt(roles: tuple[str, ...]) -> int:
    found = _of_turns(roles)
    first = next((role for role in roles if role != "system"), "")
    if first == "assistant":
        found |= ASSISTANT_FIRST
    if "system" in roles[1:]:
        found |= LATE_SYSTEM
    return found


@lru_cache(_ROLES_KEPT)
def _of_turns(roles: tuple[str, ...]) -> int:
    twice = any(one == other and one in _SPEAKERS for one, other in pairwise(roles))
    return ROLE_TWICE if twice else 0


def _is_named(models: tuple[str, ...], contents: Contents) -> bool:
    shown = b"\n".join((contents.context, *contents.turns))
    lower = b""
    for name in _names(models):
        if _all_in(name.marks, shown):
            lower = lower or shown.lower()
            if name.needle in lower and name.word.search(lower):
                return True
    return False


def _all_in(marks: Iterable[bytes], shown: bytes) -> bool:
    for mark in marks:  # noqa: SIM110  all() with a generator costs more than the searches
        if mark not in shown:
            return False
    return True


class _Name(Struct, frozen=True):
    """A model's name in lower-case JSON: `needle` is its text, `word` finds it as a word.

    `marks` are its characters that have no case. Most texts lack one of them, and need no search for the name.
    """

    needle: bytes
    word: re.Pattern[bytes]
    marks: tuple[bytes, ...]


@lru_cache(_NAMES_KEPT)
def _names(models: tuple[str, ...]) -> tuple[_Name, ...]:
    # Few models answer together, and one look finds the names of all of them.
    return tuple([name for name in map(_name, dict.fromkeys(models)) if name])


@lru_cache(_NAMES_KEPT)
def _name(model: str) -> _Name | None:
    """The part of the name after the last slash; the whole name, which ends with it, only where it is too short."""
    part = model.rsplit("/", 1)[-1].strip()
    name = part if len(part) >= _LEAST_NAME else model.strip()
    if len(name) < _LEAST_NAME:
        return None
    needle = stored_json(name)[1:-1].lower()
    # An escaped line end is written with a letter, which belongs to no word.
    word = rb"(?:(?<![0-9a-z_])|(?<=\\[nrt]))" + re.escape(needle) + rb"(?![0-9a-z_])"
    # Digits before dots and hyphens, which more texts have.
    marks = sorted(set(needle) - set(b"abcdefghijklmnopqrstuvwxyz"), reverse=True)
    return _Name(needle, re.compile(word), tuple(bytes([mark]) for mark in marks))
