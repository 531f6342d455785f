"""How far the lines of a paragraph are indented in its source, which the parser drops."""

import re

_BEFORE_WORDS = re.compile(rb"[ \t>]*")
_TAB = 4


class Lines:
    """Tells the indentation of the lines of one text, whose paragraphs come one after the other."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._first: int | None = None
        self._base: int | None = None
        self._nested = False

    def forget(self, *, nested: bool) -> None:
        """A paragraph begins; `nested` in a quotation or a list, whose own markers indent it."""
        self._first = self._base = None
        self._nested = nested

    def begin(self, start: int) -> None:
        """Words of the paragraph stand at byte `start`; the first of them say where its lines begin."""
        if self._first is None:
            self._first = start

    def indentation(self, end: int) -> int:
        """Return by how many columns the line is indented that follows the line break at byte `end`."""
        begins = self._source.find(b"\n", end) + 1
        before = _BEFORE_WORDS.match(self._source, begins)
        assert before is not None
        return max(_columns(before[0]) - self._margin(), 0)

    def _margin(self) -> int:
        if self._base is None:
            self._base = 0
            if self._nested and self._first is not None:
                line = self._source.rfind(b"\n", 0, self._first) + 1
                self._base = _columns(self._source[line : self._first])
        return self._base


def _columns(before: bytes) -> int:
    return len(before.expandtabs(_TAB))
