"""The text form of a unit, under which one judgment is stored: the question's name and the facet.

For a question ``q``: the whole item ``q``, a response ``q@1``, a pair ``q@0-1``, a choice ``q=math``,
a step ``q#4``, a criterion ``q/accuracy``.
"""

import re

from projects.kinds.positions import letter
from projects.kinds.protocol import Facet

_UNIT = re.compile(r"([a-z][a-z0-9_]*)(?:@([0-9]+)(?:-([0-9]+))?|#([0-9]+)|([=/])(.+))?", re.DOTALL)


def unit(question_name: str, facet: Facet) -> str:
    """Return the text form of a question's facet."""
    at = facet.at
    match facet.shape:
        case "item":
            return question_name
        case "response":
            return f"{question_name}@{at[0]}"
        case "pair":
            return f"{question_name}@{at[0]}-{at[1]}"
        case "choice":
            return f"{question_name}={at[0]}"
        case "step":
            return f"{question_name}#{at[0]}"
        case "criterion":
            return f"{question_name}/{at[0]}"


def parsed(text: str) -> tuple[str, Facet]:
    """Return the question's name and the facet. Raises ValueError if `text` is not a unit."""
    found = _UNIT.fullmatch(text)
    if found is None:
        raise ValueError(f"not a unit: {text!r}")
    name, first, second, step, mark, word = found.groups()
    if second is not None:
        return name, Facet("pair", (int(first), int(second)))
    if first is not None:
        return name, Facet("response", (int(first),))
    if step is not None:
        return name, Facet("step", (int(step),))
    if mark is not None:
        return name, Facet("choice" if mark == "=" else "criterion", (word,))
    return name, Facet("item")


def in_words(facet: Facet) -> str:
    """Return the name of a facet for people, such as "Response A", "A against B" or "Step 4"; "" for the whole item."""
    match facet.shape:
        case "response":
            return f"Response {letter(int(facet.at[0]))}"
        case "pair":
            return f"{letter(int(facet.at[0]))} against {letter(int(facet.at[1]))}"
        case "step":
            return f"Step {facet.at[0]}"
        case _:
            return str(facet.at[0]) if facet.at else ""
