"""Finds how far a paragraph's lines are indented in the source, which the parser drops."""

import re

_BEFORE_WORDS = re.compile(rb"[ \t>]*")
_TAB = 4


class Lines:
    """Returns the indentation of lines of one text, whose paragraphs are read in order."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._first: int | None = None
        self._base: int | None = None
        self._nested = False

    def forget(self, *, nested: bool) -> None:
        """Start a new paragraph; `nested` if it is in a quotation or a list, whose markers indent it."""
        self._first = self._base = None
        self._nested = nested

    def begin(self, start: int) -> None:
        """Record that text of the paragraph is at byte `start`. The first such call sets where its lines begin."""
        if self._first is None:
            self._first = start

    def indentation(self, end: int) -> int:
        """Return how many columns the line after the line break at byte `end` is indented."""
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
