"""Remember which external ids a file has used so far and with what content, in 16 bytes an id."""

from __future__ import annotations

from array import array
from enum import Enum

_START_SLOTS = 1 << 12
_WORD = (1 << 64) - 1


class IdStatus(Enum):
    """Whether a file used an id before, and if so, whether with the same content."""

    NEW = "new"
    SAME_CONTENT = "same content"
    OTHER_CONTENT = "other content"


class SeenIds:
    """An open-addressing hash table in two flat arrays.

    A million ids take 32 MB; a dictionary of strings takes five times that. An id is kept as Python's keyed 64-bit
    hash of its text, so the chance that any two of a million ids are mistaken for each other is about 1 in 40 million.
    """

    def __init__(self) -> None:
        self._mask = _START_SLOTS - 1
        self._ids = array("Q", bytes(8 * _START_SLOTS))
        self._contents = array("Q", bytes(8 * _START_SLOTS))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def record(self, external_id: str, sha256: str) -> IdStatus:
        """Remember the id and its content's digest, and return what was known of the id before."""
        identity = hash(external_id) & _WORD or 1
        content = int(sha256[:16], 16)
        at = self._find(identity)
        if self._ids[at]:
            same = self._contents[at] == content
            return IdStatus.SAME_CONTENT if same else IdStatus.OTHER_CONTENT
        self._ids[at] = identity
        self._contents[at] = content
        self._count += 1
        if self._count * 3 > self._mask * 2:
            self._grow()
        return IdStatus.NEW

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
