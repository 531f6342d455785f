"""Compares two guideline texts line by line and marks the changed words. Pure: imports nothing of ours."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal

# The number of unchanged lines shown before and after a change.
_CONTEXT = 1
# Matching takes time quadratic in the length. These limits keep it to about a second: with more lines, the whole text
# is shown as removed and added; after so many pairs of words, lines are no longer compared word by word.
_MAX_LINES = 3_000
_MAX_PAIRS_OF_WORDS = 4_000_000
# Two lines that share fewer of their words are shown as one removed and one added, not as one changed line.
_MIN_SIMILARITY = 0.4
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")

Mark = Literal["same", "removed", "added"]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the comparison. A changed line has removed and added parts; a gap replaces `lines` unchanged lines."""

    kind: Literal["same", "removed", "added", "changed", "gap"]
    parts: tuple[Part, ...] = ()
    lines: int = 0


def changes(before: str, now: str) -> list[Line]:
    """Compare two texts.

    Returns: the lines of both in reading order, without blank ones. Unchanged lines that are not next to a change
    are replaced by one line of kind "gap" with their number. Empty if the texts differ at most in blank lines.
    """
    old, new = _lines(before), _lines(now)
    if old == new:
        return []
    if max(len(old), len(new)) > _MAX_LINES:
        return [*_whole_lines("removed", old), *_whole_lines("added", new)]
    found: list[Line] = []
    words = _WordComparer()
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
    """Return the unchanged lines next to a change, and one gap in place of the others."""
    head = 0 if first else _CONTEXT
    tail = 0 if last else _CONTEXT
    hidden = len(lines) - head - tail
    if hidden <= 1:
        return _whole_lines("same", lines)
    kept = len(lines) - tail
    return [
        *_whole_lines("same", lines[:head]),
        Line("gap", lines=hidden),
        *_whole_lines("same", lines[kept:]),
    ]


class _WordComparer:
    """Compares lines word by word, up to a total number of word pairs for the whole text."""

    def __init__(self) -> None:
        self._pairs_left = _MAX_PAIRS_OF_WORDS

    def compare(self, before: str, now: str) -> tuple[Part, ...] | None:
        """Return the parts of a changed line; None if the lines share too few words or no pairs are left."""
        old, new = _WORDS.findall(before), _WORDS.findall(now)
        self._pairs_left -= len(old) * len(new)
        if self._pairs_left < 0:
            return None
        matcher = SequenceMatcher(None, old, new)
        kept = sum(_count(old[at : at + size]) for at, _, size in matcher.get_matching_blocks())
        if 2 * kept < _MIN_SIMILARITY * (_count(old) + _count(new)):
            return None
        return _parts(matcher, old, new)


def _count(pieces: Sequence[str]) -> int:
    """Return how many of the pieces are not whitespace."""
    return sum(not piece.isspace() for piece in pieces)


def _replaced(old: Sequence[str], new: Sequence[str], words: _WordComparer) -> Iterator[Line]:
    """Yield the replaced lines, each compared with the new line at the same position."""
    for before, now in zip_longest(old, new):
        parts = words.compare(before, now) if before is not None and now is not None else None
        if parts:
            yield Line("changed", parts)
            continue
        if before is not None:
            yield from _whole_lines("removed", [before])
        if now is not None:
            yield from _whole_lines("added", [now])


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


def _whole_lines(mark: Mark, lines: Sequence[str]) -> list[Line]:
    return [Line(mark, (Part(mark, line),)) for line in lines]
