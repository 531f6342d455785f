"""Whole numbers written as text: ASCII digits only.

Python also accepts `1_000`, `1e3`, `٣` and blanks, whose intended meaning could only be guessed.
"""

import re

WHOLE = re.compile(r"[0-9]+", re.ASCII)
_DIGITS = 9


def whole(text: str | None) -> int | None:
    """Return the number that `text` writes if it is below a thousand million, else None."""
    if text is None or len(text) > _DIGITS or not WHOLE.fullmatch(text):
        return None
    return int(text)
