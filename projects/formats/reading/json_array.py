"""Cuts a JSON array of any size into its elements by counting brackets outside strings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from ..errors import ROW, FormatError
from ..limits import MIB, ItemLimits
from .source import RawRow, Start

ENDS_ITSELF = True
IS_ONE_TEXT = True

_BLOCK = 1 * MIB
# Up to the next bracket that stands outside a string. Possessive, so that a string without an end
# costs one pass and no stack.
_NEXT_BRACKET = re.compile(
    rb'[^"\[\]{}]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^"\[\]{}]*+)*+([\[\]{}])', re.DOTALL
)
_SCALAR = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[^\s,\[\]{}"]++', re.DOTALL)
_SPACE = re.compile(rb"[ \t\r\n]*+")
# From one element to the next, with the next one's first key.
_SEAM = re.compile(rb'[ \t\r\n]*+,[ \t\r\n]*+\{[ \t\r\n]*+"[^"\\]{1,40}"')
_OPENING = (b"{", b"[")

_cut = msgspec.json.Decoder(list[msgspec.Raw]).decode


def recognizes(file: BinaryIO, start: Start, limits: ItemLimits) -> bool:
    """A file whose first visible byte is `[`."""
    return start.mark == b"["


def rows(file: BinaryIO, start: Start, limits: ItemLimits) -> Iterator[RawRow]:
    """The elements of the array, numbered from 1. Where brackets do not match, no later row can be
    trusted to be one, so that is an error of the file."""
    file.seek(start.offset)
    window = _Window(file, limits)
    window.take(b"[")
    number = 0 if window.peek() == b"]" else 1
    while number:
        for raw in window.elements(number):
            yield number, raw
            number += 1
        mark = window.peek()
        if mark == b"]":
            break
        if mark != b",":
            raise _broken(number - 1, "a comma or the closing ] should follow this row", mark)
        window.take(b",")
    window.take(b"]")
    if window.peek():
        raise FormatError("not_json", "other data follows the end of the array")


def container_end(data: bytes, at: int) -> int | None:
    """Where the object or array that begins at `at` ends, if it does in `data`."""
    depth = 0
    match = _NEXT_BRACKET.match
    while found := match(data, at):
        at = found.end()
        depth += 1 if found[1] in _OPENING else -1
        if depth == 0:
            return at
    return None


def _broken(number: int, message: str, mark: bytes = b" ") -> FormatError:
    if not mark:
        return FormatError("truncated", "the file ends in the middle of the array", number, ROW)
    return FormatError("not_json", message, number, ROW)


class _Window:
    """The part of the file being looked at: never more than one element and one block."""

    def __init__(self, file: BinaryIO, limits: ItemLimits) -> None:
        self.file = file
        self.limits = limits
        self.data = b""
        self.at = 0
        self.seam = b""
        self.fresh = False

    def more(self) -> bool:
        """Read on, forgetting what lies before the position."""
        block = self.file.read(_BLOCK)
        self.data = self.data[self.at :] + block
        self.at = 0
        self.fresh = True
        return bool(block)

    def peek(self) -> bytes:
        """The next visible byte, or none at the end of the file."""
        while True:
            space = _SPACE.match(self.data, self.at)
            self.at = space.end() if space else self.at
            if self.at < len(self.data):
                return self.data[self.at : self.at + 1]
            if not self.more():
                return b""

    def take(self, mark: bytes) -> None:
        """Step over `mark`, which `peek` has seen."""
        if self.peek() == mark:
            self.at += 1

    def elements(self, number: int) -> list[bytes]:
        """At least one more element, many where they are alike."""
        if self.seam and self.fresh:
            # Once a window: a text full of seams must not make this a quadratic search.
            self.fresh = False
            elements = self._many()
            if elements:
                return elements
        raw = self._one(number)
        seam = _SEAM.match(self.data, self.at)
        self.seam = seam[0] if seam else b""
        return [raw]

    def _many(self) -> list[bytes]:
        """All elements up to the last place in the window that looks like the seam just seen.

        If what lies between parses as whole elements, its brackets and quotes are closed, so that
        place is a seam in truth; else (it stood inside a text) they are looked for one by one.
        """
        end = self.data.rfind(self.seam, self.at)
        if end < 0:
            return []
        try:
            elements = [bytes(raw) for raw in _cut(b"[%b]" % self.data[self.at : end])]
        except (msgspec.MsgspecError, RecursionError):
            return []
        if max(map(len, elements), default=0) > self.limits.item_bytes:
            return []
        self.at = end
        return elements

    def _one(self, number: int) -> bytes:
        mark = self.peek()
        while True:
            is_container = mark in _OPENING
            end = container_end(self.data, self.at) if is_container else self._scalar_end(number)
            if end is not None:
                break
            self._grow(number)
        if end - self.at > self.limits.item_bytes:
            raise self._too_long(number)
        raw = self.data[self.at : end]
        self.at = end
        return raw

    def _scalar_end(self, number: int) -> int | None:
        found = _SCALAR.match(self.data, self.at)
        if found is None:
            mark = self.data[self.at : self.at + 1]
            if mark == b'"':
                return None
            raise _broken(number, "a row is missing here", mark)
        # At the window's end a number may go on in the next block.
        return found.end() if found.end() < len(self.data) else None

    def _grow(self, number: int) -> None:
        if len(self.data) - self.at > self.limits.item_bytes:
            raise self._too_long(number)
        if not self.more():
            raise _broken(number, "", b"")

    def _too_long(self, number: int) -> FormatError:
        return FormatError(
            "too_large", f"the row is longer than {self.limits.item_bytes} bytes", number, ROW
        )
