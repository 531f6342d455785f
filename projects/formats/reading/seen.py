"""Which external ids a file has named already, and with what content: 16 bytes an id."""

from __future__ import annotations

from array import array
from enum import Enum

_START_SLOTS = 1 << 12
_WORD = (1 << 64) - 1


class Sight(Enum):
    """What a file has said of an id before."""

    NEW = "new"
    SAME = "same"
    OTHER = "other"


class SeenIds:
    """An open-addressing table in two flat arrays: a million ids in 32 MB, where a set of objects
    takes five times that. Ids are kept as Python's keyed 64-bit hash of the text, so two of a
    million ids are taken for one with a chance of about 1 in 40 million."""

    def __init__(self) -> None:
        self._mask = _START_SLOTS - 1
        self._ids = array("Q", bytes(8 * _START_SLOTS))
        self._contents = array("Q", bytes(8 * _START_SLOTS))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def see(self, external_id: str, sha256: str) -> Sight:
        """Whether the id is new here, and if not, whether it came with this content."""
        identity = hash(external_id) & _WORD or 1
        content = int(sha256[:16], 16)
        at = self._find(identity)
        if self._ids[at]:
            return Sight.SAME if self._contents[at] == content else Sight.OTHER
        self._ids[at] = identity
        self._contents[at] = content
        self._count += 1
        if self._count * 3 > self._mask * 2:
            self._grow()
        return Sight.NEW

    def _find(self, identity: int) -> int:
        ids, mask = self._ids, self._mask
        at = identity & mask
        while ids[at] and ids[at] != identity:
            at = (at + 1) & mask
        return at

    def _grow(self) -> None:
        old = self._ids, self._contents
        slots = (self._mask + 1) * 2
        self._mask = slots - 1
        self._ids = array("Q", bytes(8 * slots))
        self._contents = array("Q", bytes(8 * slots))
        for identity, content in zip(*old, strict=True):
            if identity:
                at = self._find(identity)
                self._ids[at] = identity
                self._contents[at] = content
