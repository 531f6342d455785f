"""What every source must provide. A source is a kind of file that items come in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from ..errors import RowFault
from ..limits import ItemLimits

RawRow = tuple[int, bytes | RowFault]
"""A row's number, counted from 1 as its sender would, and the JSON of its item, or what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Start:
    """How a file starts: its first bytes, and where the first visible one stands and which it is."""

    head: bytes
    offset: int
    mark: bytes


class Source(Protocol):
    """One kind of file, fulfilled by a module."""

    @property
    def ENDS_ITSELF(self) -> bool:
        """Whether reading it tells a whole file from one that was cut off."""

    @property
    def IS_ONE_TEXT(self) -> bool:
        """Whether a row that cannot be parsed makes all later rows doubtful."""

    def recognizes(self, file: BinaryIO, start: Start, limits: ItemLimits, /) -> bool:
        """Whether `file` is of this kind. Its position may be moved."""

    def rows(self, file: BinaryIO, start: Start, limits: ItemLimits, /) -> Iterator[RawRow]:
        """Each row in its order, unparsed. Raises FormatError where the file cannot be read on."""
