"""Whole numbers that people and programs write as text: ASCII digits, and nothing else.

Python's own reading takes `1_000`, `1e3`, `٣` and blanks: what a person meant by them is a guess.
"""

import re

WHOLE = re.compile(r"[0-9]+", re.ASCII)
_DIGITS = 9


def whole(text: str | None) -> int | None:
    """The number below a thousand million that `text` writes, or None for any other text."""
    if text is None or len(text) > _DIGITS or not WHOLE.fullmatch(text):
        return None
    return int(text)
