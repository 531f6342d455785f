"""Which of two responses is better, and on a graded scale by how much.

An answer is ``{"choice": key}`` with the lease's key of the better response, ``{"choice": "tie"}`` or
``{"choice": "both_bad"}``; on a graded scale a chosen response has a strength from 1 upwards:
``{"choice": key, "strength": 2}``. Stored, the key is the response's index in the item. The one
judgment is about the pair: negative if the first stored response is better.
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
LOOKS_INTO_ITEMS = False

CHOICE = "choice"
TIE = "tie"
BOTH_BAD = "both_bad"

#: What a response is that was chosen with strength 1, 2, … on each scale.
_STRENGTHS = {
    CHOICE: ("better",),
    "likert5": ("slightly better", "much better"),
    "seven": ("slightly better", "better", "much better"),
    "eight": ("barely better", "slightly better", "better", "much better"),
}
_GRADED_WITH_TIE = frozenset({"likert5", "seven"})
_BOTH_BAD_VALUE = 2
_PAIR = Facet("pair", (0, 1))
_STRENGTH = re.compile(r"(.*):([0-9]{1,2})", re.DOTALL | re.ASCII)


def _scale_name(question: Question) -> str:
    return str(question.get("scale", CHOICE))


def _allows_tie(question: Question) -> bool:
    return _scale_name(question) in _GRADED_WITH_TIE or bool(question.get("allow_tie", False))


def _sideless(question: Question) -> tuple[str, ...]:
    """The answers that prefer neither response."""
    tie = (TIE,) if _allows_tie(question) else ()
    return (*tie, BOTH_BAD) if question.get("allow_both_bad", False) else tie


def _is_graded(question: Question) -> bool:
    return _scale_name(question) != CHOICE


def check_config(question: Question) -> list[Problem]:
    """The scale; and, where the answer is a plain choice, whether it may be a tie or both bad."""
    scale_name = question.get("scale", CHOICE)
    if not isinstance(scale_name, str) or scale_name not in _STRENGTHS:
        return [problem("scale", f"This must be one of: {', '.join(_STRENGTHS)}.")]
    problems: list[Problem] = []
    for field in ("allow_tie", "allow_both_bad"):
        if not isinstance(question.get(field, False), bool):
            problems.append(problem(field, "This must be true or false."))
        elif field in question and scale_name != CHOICE:
            problems.append(problem(field, f"The scale {scale_name} settles this by itself."))
    return problems


def responses(question: Question) -> tuple[int, int]:
    """Two."""
    return 2, 2


def check_item(question: Question, item: object) -> list[Problem]:
    """Two responses that can be told apart."""
    problems = item_responses.check_count(item, *responses(question))
    if problems:
        return problems
    if item_responses.are_same(*item_responses.listed(item) or ()):
        return [
            problem("responses[1]", "The two responses are the same; nothing can be preferred.")
        ]
    return []


def check_answer(question: Question, answer: object, keys: Sequence[str]) -> list[Problem]:
    """One of the lease's keys, with its strength on a graded scale, or what else is allowed."""
    if not isinstance(answer, dict):
        return [problem("", 'This must be an object such as {"choice": "…"}.')]
    graded = _is_graded(question)
    problems = unknown_fields(answer, frozenset({"choice", "strength"} if graded else {"choice"}))
    choice = answer.get("choice")
    if not isinstance(choice, str):
        problems.append(problem("choice", "This must be the key of a response."))
    elif choice in (TIE, BOTH_BAD):
        if choice not in _sideless(question):
            word = "A tie is" if choice == TIE else "“Both are bad” is"
            problems.append(problem("choice", f"{word} not allowed here."))
        if graded and "strength" in answer:
            problems.append(problem("strength", "Only a chosen response has a strength."))
    elif choice not in keys:
        problems.append(problem("choice", "This is not the key of a response of this lease."))
    elif graded and _strength(question, answer) is None:
        most = len(_STRENGTHS[_scale_name(question)])
        problems.append(problem("strength", f"This must be a whole number from 1 to {most}."))
    return problems


def _strength(question: Question, given: Mapping[str, Any]) -> int | None:
    """The strength in an answer, if it is one of the scale's."""
    strength = given.get("strength") if _is_graded(question) else None
    most = len(_STRENGTHS[_scale_name(question)])
    return strength if type(strength) is int and 1 <= strength <= most else None


def read_form(question: Question, fields: Mapping[str, str], keys: Sequence[str]) -> Any | None:
    """One field: a key, ``key:strength``, ``tie`` or ``both_bad``."""
    value = fields.get(question["name"], "")
    found = _STRENGTH.fullmatch(value) if _is_graded(question) else None
    if found:
        return {"choice": found[1], "strength": int(found[2])}
    return {"choice": value} if value else None


def present(question: Question) -> dict[str, Any]:
    """The scale, and its steps in a row from the response shown first to the one shown second.

    A step chooses the response at `position` (with `strength`, if the scale is graded), or it is the
    answer named by `choice`.
    """
    return {
        "scale": _scale_name(question),
        "allow_tie": _allows_tie(question),
        "allow_both_bad": BOTH_BAD in _sideless(question),
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
        for name, words in ((TIE, _tie_words(question)), (BOTH_BAD, "Both are bad"))
        if name in _sideless(question)
    }
    tie = [neither[TIE]] if TIE in neither else []
    both_bad = [neither[BOTH_BAD]] if BOTH_BAD in neither else []
    return [*reversed(first), *tie, *second, *both_bad]


def _tie_words(question: Question) -> str:
    return "About the same" if _is_graded(question) else "Tie"


def restore(
    question: Question, answer: Any, keys: Sequence[str], shown: Sequence[int]
) -> dict[str, Any] | None:
    """The chosen key turned into the index of the response that stood there."""
    choice = answer.get("choice") if isinstance(answer, dict) else None
    if isinstance(choice, str) and choice in _sideless(question):
        return {"choice": choice}
    index = positions.index_of(choice, keys, shown)
    return None if index is None else _chosen(question, index, answer)


def recall(
    question: Question, stored: Any, keys: Sequence[str], shown: Sequence[int]
) -> dict[str, Any] | None:
    """The index of the chosen response turned into its key."""
    choice = stored.get("choice") if isinstance(stored, dict) else None
    if isinstance(choice, str) and choice in _sideless(question):
        return {"choice": choice}
    key = positions.key_of(choice, keys, shown)
    return None if key is None else _chosen(question, key, stored)


def _chosen(question: Question, choice: int | str, given: Mapping[str, Any]) -> dict[str, Any]:
    strength = _strength(question, given)
    return {"choice": choice} if strength is None else {"choice": choice, "strength": strength}


def scale(question: Question) -> Scale:
    """From the first stored response is (much) better, below zero, to the second is, above it."""
    return _scale(_scale_name(question), _sideless(question))


@functools.cache
def _scale(name: str, sideless: tuple[str, ...]) -> Scale:
    sides: tuple[tuple[Side, str], ...] = ((-1, "the first is"), (1, "the second is"))
    first, second = (
        [
            Category(side * strength, f"{who} {words}", side)
            for strength, words in enumerate(_STRENGTHS[name], 1)
        ]
        for side, who in sides
    )
    tie = [Category(0, "about the same", 0)] if TIE in sideless else []
    # Nothing orders "both are bad" among the others.
    both_bad = [Category(_BOTH_BAD_VALUE, "both are bad", 0)] if BOTH_BAD in sideless else []
    level: Level = "nominal" if both_bad else "ordinal"
    return Scale(level, (*reversed(first), *tie, *second, *both_bad))


def _category(question: Question, stored: Any) -> Category | None:
    choice = stored.get("choice") if isinstance(stored, dict) else None
    if isinstance(choice, str):
        value = {TIE: 0, BOTH_BAD: _BOTH_BAD_VALUE}.get(choice)
        allowed = choice in _sideless(question)
        return scale(question).category(value) if value is not None and allowed else None
    if type(choice) is not int or choice not in (0, 1):
        return None
    strength = _strength(question, stored) if _is_graded(question) else 1
    return None if strength is None else scale(question).category((-1, 1)[choice] * strength)


def judgments(question: Question, stored: Any) -> list[tuple[Facet, int]]:
    """One judgment, about the pair."""
    category = _category(question, stored)
    return [] if category is None else [(_PAIR, category.value)]


def hit(question: Question, stored: Any, reference: Any) -> bool | None:
    """Whether both prefer the same response; a tie is hit by a tie only, both bad by both bad."""
    given, wanted = _category(question, stored), _category(question, reference)
    if given is None or wanted is None:
        return None
    return given == wanted if wanted.side == 0 else given.side == wanted.side


def agree(question: Question, stored: Any, reference: Any) -> float | None:
    """1 less the distance on the scale, as a share of its length; of a nominal scale 1 or 0."""
    given, wanted = _category(question, stored), _category(question, reference)
    if given is None or wanted is None:
        return None
    steps = scale(question)
    if steps.level == "nominal":
        return float(given == wanted)
    length = steps.categories[-1].value - steps.categories[0].value
    return 1 - abs(given.value - wanted.value) / length


def summarize(question: Question, stored: Any, shown: Sequence[int]) -> str:
    """Such as "A is much better"."""
    category = _category(question, stored)
    if category is None:
        return ""
    if category.side == 0:
        return _tie_words(question) if category.value == 0 else "Both are bad"
    index = 0 if category.side == -1 else 1
    return f"{positions.letter_of(index, shown)} is {_degree(question, category)}"


def _degree(question: Question, category: Category) -> str:
    return _STRENGTHS[_scale_name(question)][abs(category.value) - 1]


def marks(question: Question, stored: Any) -> dict[int, str]:
    """How much better the chosen response is; of neither the same word on both."""
    category = _category(question, stored)
    if category is None:
        return {}
    if category.side == 0:
        word = _tie_words(question).lower() if category.value == 0 else "bad"
        return {0: word, 1: word}
    return {0 if category.side == -1 else 1: _degree(question, category)}


def datasets(question: Question) -> tuple[str, ...]:
    """Pairs for direct preference optimization, and the answers themselves."""
    return "dpo", "annotations"
