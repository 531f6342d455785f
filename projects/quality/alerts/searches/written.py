"""The texts in answers that are long enough to tell something. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from projects.stats.near_texts import normalized

#: How many characters a text must have, without punctuation, to tell anything.
CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Written:
    """A text in the answer `annotation`, by the enrollment `who`."""

    annotation: str
    who: str
    text: str


def long_texts(answer: Mapping[str, Any]) -> list[str]:
    """Return the texts of a stored answer that have at least `CHARACTERS` characters."""
    texts = (value for value in answer.values() if isinstance(value, str))
    return [text for text in texts if len(normalized(text)) >= CHARACTERS]
