"""What every source must provide. A source is a kind of file that items can be imported from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from ..errors import RowFault
from ..limits import ItemLimits

RawRow = tuple[int, bytes | RowFault]
"""A row's number, counted from 1 as the sender would count, and its item's JSON or what is wrong with the row."""


@dataclass(frozen=True, slots=True)
class Start:
    """How a file starts: `head` is its first bytes, `mark` the first visible byte, and `offset` where that is."""

    head: bytes
    offset: int
    mark: bytes


class Source(Protocol):
    """One kind of file. A module fulfills this protocol."""

    @property
    def ENDS_ITSELF(self) -> bool:
        """Whether such a file shows its own end, so that a truncated one is noticed."""

    @property
    def IS_ONE_TEXT(self) -> bool:
        """Whether the file is one JSON text, so that a row with a syntax error makes all later rows doubtful."""

    def recognizes(self, file: BinaryIO, start: Start, limits: ItemLimits, /) -> bool:
        """Whether `file` is of this kind. May move the file's position."""

    def rows(self, file: BinaryIO, start: Start, limits: ItemLimits, /) -> Iterator[RawRow]:
        """Each row in order, unparsed. Raises FormatError where the file cannot be read any further."""
