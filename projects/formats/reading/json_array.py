"""Split a JSON array of any size into its elements by counting the brackets outside strings."""

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
# Everything up to the next bracket outside a string. The quantifiers are possessive, so that a string without an end
# costs one pass and no backtracking.
_NEXT_BRACKET = re.compile(
    rb'[^"\[\]{}]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^"\[\]{}]*+)*+([\[\]{}])', re.DOTALL
)
_SCALAR = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[^\s,\[\]{}"]++', re.DOTALL)
_SPACE = re.compile(rb"[ \t\r\n]*+")
# What separates two elements: the end of one, a comma, and the start of the next with its first key.
_SEPARATOR = re.compile(rb'[ \t\r\n]*+,[ \t\r\n]*+\{[ \t\r\n]*+"[^"\\]{1,40}"')
_OPENING = (b"{", b"[")

_split = msgspec.json.Decoder(list[msgspec.Raw]).decode


def recognizes(file: BinaryIO, start: Start, limits: ItemLimits) -> bool:
    """A file whose first visible byte is `[`."""
    return start.mark == b"["


def rows(file: BinaryIO, start: Start, limits: ItemLimits) -> Iterator[RawRow]:
    """The elements of the array, numbered from 1.

    Raises:
        FormatError: if the array is broken. Where brackets do not match, no later element can be trusted to be a row,
            so the file as a whole is refused.
    """
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
            raise _broken(number - 1, "this row must be followed by a comma or the closing ]", mark)
        window.take(b",")
    window.take(b"]")
    if window.peek():
        raise FormatError("not_json", "other data follows the end of the array")


def container_end(data: bytes, at: int) -> int | None:
    """The offset behind the object or array that begins at `at`; None if it does not end within `data`."""
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
    """The part of the file that is in memory: never more than one element and one block.

    `at` is the position in `data`. `separator` is the text between the last two elements, and `refilled` is whether a
    block was read since the window was last searched for it.
    """

    def __init__(self, file: BinaryIO, limits: ItemLimits) -> None:
        self.file = file
        self.limits = limits
        self.data = b""
        self.at = 0
        self.separator = b""
        self.refilled = False

    def more(self) -> bool:
        """Read a block and forget what lies before the position. Returns whether there was one."""
        block = self.file.read(_BLOCK)
        self.data = self.data[self.at :] + block
        self.at = 0
        self.refilled = True
        return bool(block)

    def peek(self) -> bytes:
        """Skip white space and return the byte after it, or no byte at the end of the file."""
        while True:
            space = _SPACE.match(self.data, self.at)
            self.at = space.end() if space else self.at
            if self.at < len(self.data):
                return self.data[self.at : self.at + 1]
            if not self.more():
                return b""

    def take(self, mark: bytes) -> None:
        """Step over `mark` if it is the next visible byte."""
        if self.peek() == mark:
            self.at += 1

    def elements(self, number: int) -> list[bytes]:
        """At least one more element; many at once where elements begin alike."""
        if self.separator and self.refilled:
            # Once for each block: a text full of separators must not make this search quadratic.
            self.refilled = False
            elements = self._many()
            if elements:
                return elements
        raw = self._one(number)
        separator = _SEPARATOR.match(self.data, self.at)
        self.separator = separator[0] if separator else b""
        return [raw]

    def _many(self) -> list[bytes]:
        """All elements up to the last occurrence of the separator in the window; none if that cannot be told.

        If the bytes before that occurrence parse as whole elements, their brackets and quotes are closed, so it does
        separate two elements. Otherwise it is inside a text, and the caller looks for the elements one by one.
        """
        end = self.data.rfind(self.separator, self.at)
        if end < 0:
            return []
        try:
            elements = [bytes(raw) for raw in _split(b"[%b]" % self.data[self.at : end])]
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
        # A number at the end of the window may continue in the next block.
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
