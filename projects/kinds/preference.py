"""The preference kind: which of two responses is better and, on a graded scale, by how much.

A client's answer is ``{"choice": key}`` with the lease's key of the better response,
``{"choice": "tie"}`` or ``{"choice": "both_bad"}``. On a graded scale a chosen response also has a
strength from 1 upwards: ``{"choice": key, "strength": 2}``. The stored answer has the response's
index in the item in place of its key. An answer makes one judgment, about the pair: its value is
negative if the first stored response is better.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from projects.kinds import positions
from projects.kinds import responses as item_responses
from projects.kinds.problems import Problem, problem, unknown_fields
from projects.kinds.protocol import Category, Facet, Level, Question, Scale, Side

SETTINGS: frozenset[str] = frozenset({"scale", "allow_tie", "allow_both_bad"})
CHECKS_ITEM_CONTENT = False

CHOICE = "choice"
TIE = "tie"
BOTH_BAD = "both_bad"

#: For each scale, the words for strength 1, 2, … of the chosen response.
_STRENGTHS = {
    CHOICE: ("better",),
    "likert5": ("slightly better", "much better"),
    "seven": ("slightly better", "better", "much better"),
    "eight": ("barely better", "slightly better", "better", "much better"),
}
_GRADED_WITH_TIE = frozenset({"likert5", "seven"})
_BOTH_ARE_BAD = "Both are bad"
_BOTH_BAD_VALUE = 2
_PAIR = Facet("pair", (0, 1))
_STRENGTH = re.compile(r"(.*):([0-9]{1,2})", re.DOTALL | re.ASCII)


def _scale_name(question: Question) -> str:
    return str(question.get("scale", CHOICE))


def _allows_tie(question: Question) -> bool:
    return _scale_name(question) in _GRADED_WITH_TIE or bool(question.get("allow_tie", False))


def _neutral_choices(question: Question) -> tuple[str, ...]:
    """Return the allowed choices that prefer neither response."""
    tie = (TIE,) if _allows_tie(question) else ()
    return (*tie, BOTH_BAD) if question.get("allow_both_bad", False) else tie


def _is_graded(question: Question) -> bool:
    return _scale_name(question) != CHOICE


def check_config(question: Question) -> list[Problem]:
    """Check `scale`, and `allow_tie` and `allow_both_bad`, which only the plain choice may set."""
    scale_name = question.get("scale", CHOICE)
    if not isinstance(scale_name, str) or scale_name not in _STRENGTHS:
        return [problem("scale", f"This must be one of: {', '.join(_STRENGTHS)}.")]
    problems: list[Problem] = []
    for field in ("allow_tie", "allow_both_bad"):
        if not isinstance(question.get(field, False), bool):
            problems.append(problem(field, "This must be true or false."))
        elif field in question and scale_name != CHOICE:
            message = f"Leave this out: it can be set only with the scale {CHOICE}."
            problems.append(problem(field, message))
    return problems


def responses(question: Question) -> tuple[int, int]:
    """Return (2, 2): a preference compares exactly two responses."""
    return 2, 2


def check_item(question: Question, item: object) -> list[Problem]:
    """Check that the item has two responses that a reader can distinguish."""
    problems = item_responses.check_count(item, *responses(question))
    if problems:
        return problems
    if item_responses.are_same(*item_responses.listed(item) or ()):
        message = "This response is the same as the first one, so neither can be preferred."
        return [problem("responses[1]", message)]
    return []


def check_answer(question: Question, answer: object, keys: Sequence[str]) -> list[Problem]:
    """Check that the choice is one of `keys`, with a strength on a graded scale, or an allowed tie."""
    if not isinstance(answer, dict):
        return [problem("", 'This must be an object such as {"choice": "…"}.')]
    graded = _is_graded(question)
    problems = unknown_fields(answer, frozenset({"choice", "strength"} if graded else {"choice"}))
    choice = answer.get("choice")
    if not isinstance(choice, str):
        problems.append(problem("choice", "This must be the key of a response."))
    elif choice in (TIE, BOTH_BAD):
        if choice not in _neutral_choices(question):
            word = "A tie is" if choice == TIE else "“Both are bad” is"
            problems.append(problem("choice", f"{word} not allowed here."))
        if graded and "strength" in answer:
            problems.append(problem("strength", "Only a chosen response has a strength."))
    elif choice not in keys:
        problems.append(problem("choice", "No response has this key."))
    elif graded and _strength(question, answer) is None:
        most = len(_STRENGTHS[_scale_name(question)])
        problems.append(problem("strength", f"This must be a whole number from 1 to {most}."))
    return problems


def _strength(question: Question, given: Mapping[str, Any]) -> int | None:
    """Return the strength in an answer, or None if it is not one of the scale's."""
    strength = given.get("strength") if _is_graded(question) else None
    most = len(_STRENGTHS[_scale_name(question)])
    return strength if type(strength) is int and 1 <= strength <= most else None


def read_form(question: Question, fields: Mapping[str, str], keys: Sequence[str]) -> Any | None:
    """Read the question's one form field: a key, ``key:strength``, ``tie`` or ``both_bad``."""
    value = fields.get(question["name"], "")
    found = _STRENGTH.fullmatch(value) if _is_graded(question) else None
    if found:
        return {"choice": found[1], "strength": int(found[2])}
    return {"choice": value} if value else None


def present(question: Question) -> dict[str, Any]:
    """Return the scale and its steps, ordered from the response shown first to the one shown second.

    A step either chooses the response at `position` (with `strength` if the scale is graded), or it
    gives the answer `choice`, such as a tie.
    """
    return {
        "scale": _scale_name(question),
        "allow_tie": _allows_tie(question),
        "allow_both_bad": BOTH_BAD in _neutral_choices(question),
        "picks_response": not _is_graded(question),
        "picked_words": "better",
        "steps": _steps(question),
    }


def _steps(question: Question) -> list[dict[str, Any]]:
    graded = _is_graded(question)
    strengths = list(enumerate(_STRENGTHS[_scale_name(question)], 1))
    first, second = (
        [
            {
                "choice": None,
                "position": position,
                "strength": strength if graded else None,
                "words": f"{positions.letter(position)} is {words}",
            }
            for strength, words in strengths
        ]
        for position in (0, 1)
    )
    neither = {
        name: {"choice": name, "position": None, "strength": None, "words": words}
        for name, words in ((TIE, _words_of_tie(_scale_name(question))), (BOTH_BAD, _BOTH_ARE_BAD))
        if name in _neutral_choices(question)
    }
    placed = {name: [step] for name, step in neither.items()}
    return [*reversed(first), *placed.get(TIE, []), *second, *placed.get(BOTH_BAD, [])]


def _words_of_tie(scale: str) -> str:
    return "Tie" if scale == CHOICE else "About the same"


def restore(
    question: Question, answer: Any, keys: Sequence[str], shown: Sequence[int]
) -> dict[str, Any] | None:
    """Replace the chosen key by the stored index of the response that it names."""
    choice = answer.get("choice") if isinstance(answer, dict) else None
    if isinstance(choice, str) and choice in _neutral_choices(question):
        return {"choice": choice}
    index = positions.index_of(choice, keys, shown)
    return None if index is None else _chosen(question, index, answer)


def recall(
    question: Question, stored: Any, keys: Sequence[str], shown: Sequence[int]
) -> dict[str, Any] | None:
    """Replace the stored index of the chosen response by its key."""
    choice = stored.get("choice") if isinstance(stored, dict) else None
    if isinstance(choice, str) and choice in _neutral_choices(question):
        return {"choice": choice}
    key = positions.key_of(choice, keys, shown)
    return None if key is None else _chosen(question, key, stored)


def _chosen(question: Question, choice: int | str, given: Mapping[str, Any]) -> dict[str, Any]:
    strength = _strength(question, given)
    return {"choice": choice} if strength is None else {"choice": choice, "strength": strength}


def scale(question: Question) -> Scale:
    """Return the scale: values below 0 mean the first stored response is better, above 0 the second."""
    return _scale(_scale_name(question), _neutral_choices(question))


@functools.cache
def _scale(name: str, neutral: tuple[str, ...]) -> Scale:
    sides: tuple[tuple[Side, str], ...] = ((-1, "A is"), (1, "B is"))
    first, second = (
        [
            Category(side * strength, f"{who} {words}", side)
            for strength, words in enumerate(_STRENGTHS[name], 1)
        ]
        for side, who in sides
    )
    tie = [Category(0, _words_of_tie(name), 0)] if TIE in neutral else []
    # "Both are bad" has no place in the order of the others, so the scale becomes nominal.
    both_bad = [Category(_BOTH_BAD_VALUE, _BOTH_ARE_BAD, 0)] if BOTH_BAD in neutral else []
    level: Level = "nominal" if both_bad else "ordinal"
    return Scale(level, (*reversed(first), *tie, *second, *both_bad))


def _category(question: Question, stored: Any) -> Category | None:
    choice = stored.get("choice") if isinstance(stored, dict) else None
    if isinstance(choice, str):
        value = {TIE: 0, BOTH_BAD: _BOTH_BAD_VALUE}.get(choice)
        allowed = choice in _neutral_choices(question)
        return scale(question).category(value) if value is not None and allowed else None
    if type(choice) is not int or choice not in (0, 1):
        return None
    strength = _strength(question, stored) if _is_graded(question) else 1
    return None if strength is None else scale(question).category((-1, 1)[choice] * strength)


def judgments(question: Question, stored: Any) -> list[tuple[Facet, int]]:
    """Return one judgment about the pair, or none for an incomplete answer."""
    category = _category(question, stored)
    return [] if category is None else [(_PAIR, category.value)]


def hit(question: Question, stored: Any, reference: Any) -> bool | None:
    """Return whether both answers prefer the same response. Only a tie hits a tie, only both bad both bad."""
    given, wanted = _category(question, stored), _category(question, reference)
    if given is None or wanted is None:
        return None
    return given == wanted if wanted.side == 0 else given.side == wanted.side


def constants(question: Question, keys: Sequence[str]) -> list[tuple[str, Any]]:
    """Return each step of the scale, as shown: A is the response at position 0."""
    return [(step["words"], _client_answer(step, keys)) for step in _steps(question)]


def _client_answer(step: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    if step["position"] is None:
        return {"choice": step["choice"]}
    chosen = {"choice": keys[step["position"]]}
    return chosen if step["strength"] is None else {**chosen, "strength": step["strength"]}


def agree(question: Question, stored: Any, reference: Any) -> float | None:
    """Return 1 minus the distance on the scale as a share of its length; on a nominal scale 1 or 0."""
    given, wanted = _category(question, stored), _category(question, reference)
    if given is None or wanted is None:
        return None
    steps = scale(question)
    if steps.level == "nominal":
        return float(given == wanted)
    length = steps.categories[-1].value - steps.categories[0].value
    return 1 - abs(given.value - wanted.value) / length


def summarize(question: Question, stored: Any, shown: Sequence[int]) -> str:
    """Describe the answer, as in "A is much better"."""
    category = _category(question, stored)
    if category is None:
        return ""
    if category.side == 0:
        return _words_of_tie(_scale_name(question)) if category.value == 0 else "Both are bad"
    index = 0 if category.side == -1 else 1
    return f"{positions.letter_of(index, shown)} is {_degree(question, category)}"


def _degree(question: Question, category: Category) -> str:
    return _STRENGTHS[_scale_name(question)][abs(category.value) - 1]


def marks(question: Question, stored: Any) -> dict[int, str]:
    """Label the chosen response with how much better it is, or both responses if neither is preferred."""
    category = _category(question, stored)
    if category is None:
        return {}
    if category.side == 0:
        word = _words_of_tie(_scale_name(question)).lower() if category.value == 0 else "bad"
        return {0: word, 1: word}
    return {0 if category.side == -1 else 1: _degree(question, category)}


def datasets(question: Question) -> tuple[str, ...]:
    """Return the pairs for direct preference optimization, and the answers themselves."""
    return "dpo", "annotations"
