"""What changed from one guideline text to another, line by line, with the changed words marked. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal

# Unchanged lines that are shown before and after a change.
_CONTEXT = 1
# The time that matching takes grows with the square of the length. A longer text is removed and added as a whole,
# and words are compared for so many pairs of words in all: about a second at worst.
_MAX_LINES = 3_000
_MAX_PAIRS_OF_WORDS = 4_000_000
# Two lines with less in common than this are one line removed and another added, not one line changed.
_ALIKE = 0.4
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")

Mark = Literal["same", "removed", "added"]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the comparison. A changed line holds removed and added parts; a gap stands for unchanged lines."""

    kind: Literal["same", "removed", "added", "changed", "gap"]
    parts: tuple[Part, ...] = ()
    lines: int = 0


def changes(before: str, now: str) -> list[Line]:
    """Compare two texts.

    Returns: the lines of both in reading order, without blank ones; runs of unchanged lines far from a change are
    one line of kind "gap" that says how many they are. Empty when the texts differ in blank lines at most.
    """
    old, new = _lines(before), _lines(now)
    if old == new:
        return []
    if max(len(old), len(new)) > _MAX_LINES:
        return [*_whole("removed", old), *_whole("added", new)]
    found: list[Line] = []
    words = _Words()
    opcodes = SequenceMatcher(None, old, new).get_opcodes()
    for number, (tag, a, a_end, b, b_end) in enumerate(opcodes):
        if tag == "equal":
            found += _context(old[a:a_end], first=number == 0, last=number == len(opcodes) - 1)
        else:
            found += _replaced(old[a:a_end], new[b:b_end], words)
    return found


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def _context(lines: Sequence[str], *, first: bool, last: bool) -> list[Line]:
    """Unchanged lines: those next to a change, and a gap for the others."""
    head = 0 if first else _CONTEXT
    tail = 0 if last else _CONTEXT
    hidden = len(lines) - head - tail
    if hidden <= 1:
        return _whole("same", lines)
    kept = len(lines) - tail
    return [*_whole("same", lines[:head]), Line("gap", lines=hidden), *_whole("same", lines[kept:])]


class _Words:
    """Compares lines word by word while the effort allowed for the whole text lasts."""

    def __init__(self) -> None:
        self._left = _MAX_PAIRS_OF_WORDS

    def compare(self, before: str, now: str) -> tuple[Part, ...] | None:
        """One line as a change of another; None where they have too little in common, or the effort is spent."""
        old, new = _WORDS.findall(before), _WORDS.findall(now)
        self._left -= len(old) * len(new)
        if self._left < 0:
            return None
        matcher = SequenceMatcher(None, old, new)
        kept = sum(_count(old[at : at + size]) for at, _, size in matcher.get_matching_blocks())
        if 2 * kept < _ALIKE * (_count(old) + _count(new)):
            return None
        return _parts(matcher, old, new)


def _count(pieces: Sequence[str]) -> int:
    """How many of them are not blanks."""
    return sum(not piece.isspace() for piece in pieces)


def _replaced(old: Sequence[str], new: Sequence[str], words: _Words) -> Iterator[Line]:
    """Lines that were replaced by others, each with the one that stands at its place."""
    for before, now in zip_longest(old, new):
        parts = words.compare(before, now) if before is not None and now is not None else None
        if parts:
            yield Line("changed", parts)
            continue
        if before is not None:
            yield from _whole("removed", [before])
        if now is not None:
            yield from _whole("added", [now])


def _parts(
    matcher: SequenceMatcher[str], old: Sequence[str], new: Sequence[str]
) -> tuple[Part, ...]:
    parts: list[Part] = []
    for tag, a, a_end, b, b_end in matcher.get_opcodes():
        if tag == "equal":
            parts.append(Part("same", "".join(old[a:a_end])))
            continue
        if a_end > a:
            parts.append(Part("removed", "".join(old[a:a_end])))
        if b_end > b:
            parts.append(Part("added", "".join(new[b:b_end])))
    return tuple(parts)


def _whole(mark: Mark, lines: Sequence[str]) -> list[Line]:
    return [Line(mark, (Part(mark, line),)) for line in lines]
