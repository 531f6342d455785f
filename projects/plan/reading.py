"""What reading guidelines pays: as much for the time that the text takes as an hour of answers pays. Pure."""

import math
import re

from projects.plan.changes import changes

#: How fast people read a text by which they will be judged.
WORDS_A_MINUTE = 180
#: Reading that takes less is not paid by itself: the price of an answer covers it.
LEAST_SECONDS = 30
# In scripts without blanks a run of letters is many words: two characters of Chinese or Japanese count as one word, and
# ten letters of any other run.
_IDEOGRAPH = "\u3040-\u30ff\u3400-\u9fff"
_PIECES = re.compile(rf"[{_IDEOGRAPH}]+|[^\W{_IDEOGRAPH}]+")
_LETTERS_A_WORD = 10


def seconds_for(text: str) -> float:
    """Return how many seconds reading the text takes."""
    return sum(map(_words, _PIECES.findall(text))) * 60 / WORDS_A_MINUTE


def _words(piece: str) -> float:
    if piece[0] >= "\u3040" and re.match(f"[{_IDEOGRAPH}]", piece):
        return len(piece) / 2
    return max(1.0, len(piece) / _LETTERS_A_WORD)


def seconds_for_changes(before: str, now: str) -> float:
    """Return how many seconds reading the lines that are new or changed takes."""
    lines = (line for line in changes(before, now) if line.kind in {"added", "changed"})
    parts = (part.text for line in lines for part in line.parts if part.mark != "removed")
    return seconds_for("\n".join(parts))


def pay_minor(seconds: float, hourly_minor: int) -> int:
    """Return what reading for so long pays, in whole minor units, rounded up; 0 for less than `LEAST_SECONDS`."""
    if seconds < LEAST_SECONDS:
        return 0
    return math.ceil(seconds * hourly_minor / 3600)
