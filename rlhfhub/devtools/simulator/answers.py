"""Makes an answer to a form from a simulated annotator's impression of the responses.

Like a client that knows no kinds of questions, it uses only the steps that each question offers, and whether it is
about each response or about all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Question = dict[str, Any]
# How much better, in logits, a response must seem for each further step of a graded scale.
_LOGITS_A_STEP = 1.2
_SPREAD = 0.4


@dataclass(frozen=True, slots=True)
class Impression:
    """A simulated annotator's impression of a lease's responses.

    `leans[p]` is how much better the response at position p seems than the first, in logits. `tied`: the first two seem
    equal. `reason`: the text to write, or "", of which `pasted` percent are pasted.
    """

    leans: Sequence[float]
    tied: bool
    reason: str
    pasted: int = 0


def allows_tie(questions: Sequence[Question]) -> bool:
    """Return whether some question can be answered with neither response."""
    return any(_tie(question) for question in questions)


def answer_of(
    questions: Sequence[Question],
    keys: Sequence[str],
    impression: Impression,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Return the answer to a lease's questions; `keys` are its response keys. Texts need a reason, or are left out."""
    found: dict[str, Any] = {}
    for question in questions:
        if question.get("of_each_response"):
            found[question["name"]] = _each(question, keys, impression, rng)
        elif "steps" in question:
            found[question["name"]] = _compared(question, keys, impression)
        elif impression.reason or question["required"]:
            found[question["name"]] = impression.reason or "No particular reason."
    return found


def _each(
    question: Question, keys: Sequence[str], impression: Impression, rng: np.random.Generator
) -> dict[str, Any]:
    """Return a step for each response: the middle step for one that seems as good as the average."""
    values = [step["value"] for step in question["steps"]]
    middle, usual = (len(values) - 1) / 2, float(np.mean(impression.leans))
    steps = [
        middle + (lean - usual) / _LOGITS_A_STEP + _SPREAD * float(rng.standard_normal())
        for lean in impression.leans
    ]
    return {
        key: values[min(len(values) - 1, max(0, round(step)))]
        for key, step in zip(keys, steps, strict=True)
    }


def _compared(question: Question, keys: Sequence[str], impression: Impression) -> dict[str, Any]:
    """Return the step that fits the difference between the first response and the second."""
    if impression.tied and (tie := _tie(question)):
        return {"choice": tie["choice"]}
    lean = impression.leans[1] - impression.leans[0]
    side = [step for step in question["steps"] if step["position"] == int(lean > 0)]
    side.sort(key=lambda step: step["strength"] or 0)
    step = side[min(len(side) - 1, int(abs(lean) / _LOGITS_A_STEP))]
    chosen = {"choice": keys[step["position"]]}
    return chosen if step["strength"] is None else {**chosen, "strength": step["strength"]}


def _tie(question: Question) -> dict[str, Any] | None:
    """Return the step that calls the responses equal, or None if the question has none."""
    steps = question.get("steps", ())
    return next((step for step in steps if step.get("choice") == "tie"), None)
