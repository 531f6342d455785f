"""What reading guidelines pays: as much for the time that the text takes as an hour of answers pays. Pure."""

import math
import re

from projects.plan.changes import changes

#: How fast people read a text by which they will be judged.
WORDS_A_MINUTE = 180
#: Reading that takes less is not paid by itself: the price of an answer covers it.
LEAST_SECONDS = 30
# Two characters of Chinese or Japanese, which are written without blanks, count as one word.
_IDEOGRAPHS = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
# So do ten letters of anything longer: other scripts without blanks, and very long words.
_LETTERS_A_WORD = 10


def seconds_for(text: str) -> float:
    """Return how many seconds reading the text takes."""
    return sum(map(_words, text.split())) * 60 / WORDS_A_MINUTE


def _words(piece: str) -> float:
    """Return as how many words a piece of text without blanks counts."""
    rest, ideographs = _IDEOGRAPHS.subn("", piece)
    if not any(map(str.isalnum, rest)):
        return ideographs / 2
    return ideographs / 2 + max(1.0, len(rest) / _LETTERS_A_WORD)


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
