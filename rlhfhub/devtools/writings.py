"""Long reasons of simulated annotators: some paste each of theirs, some hand in the same ones. Pure and seeded."""

from typing import Literal

import numpy as np

#: How somebody comes by their reasons: by writing short notes, by pasting whole texts, or from one sheet with others.
Writes = Literal["notes", "pasted", "copied"]
_WORDS = """
    the answer gives each step a source and names what it leaves out while other one only repeats question in longer
    sentences without example so reader cannot check its claim about numbers dates or people it mentions
"""
_VOCABULARY = _WORDS.split()
_LENGTH = 24
_ENDINGS = ("", " indeed", " again", " overall", " here")


def reason_of(
    writes: Writes, quality: float, rng: np.random.Generator, *, sheet: int
) -> tuple[str, int]:
    """Return a reason of some 24 words about the item whose responses differ by `quality`, and its percentage pasted.

    Those who copy have the same text about the same item, but for its end. A pasted text is like no other one.
    """
    if writes == "copied":
        shared = np.random.default_rng([sheet, int(abs(quality) * 2**40)])
        return _text(shared) + _ENDINGS[int(rng.integers(len(_ENDINGS)))] + ".", 0
    return _text(rng) + ".", 100


def _text(rng: np.random.Generator) -> str:
    return " ".join(
        _VOCABULARY[int(at)] for at in rng.integers(len(_VOCABULARY), size=_LENGTH)
    ).capitalize()
