"""The label kind: one of a question's own choices, of the whole item, such as whether an answer is good enough.

A client's answer and the stored answer are the choice's value, as in ``"accept"``. An answer makes one
judgment, of the whole item: the position of its choice among the question's choices, from 0. The
choices have no order.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from projects.kinds.problems import Problem, problem, quoted, text_problem, unknown_fields
from projects.kinds.protocol import Category, Facet, Question, Scale
from projects.kinds.responses import MOST_RESPONSES, check_count

SETTINGS: frozenset[str] = frozenset({"choices"})
CHECKS_ITEM_CONTENT = False

LEAST_CHOICES = 2
MOST_CHOICES = 50
#: Annotators choose these many by a digit key.
KEYED_CHOICES = 9
_WORDS_CHARS = 200
_VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}", re.ASCII)


def _values(question: Question) -> list[str]:
    return [choice["value"] for choice in question["choices"]]


def _words(question: Question) -> dict[str, str]:
    """Return the words of each choice by its value."""
    return {choice["value"]: choice["words"] for choice in question["choices"]}


def _value(question: Question, answer: Any) -> str | None:
    """Return the answer if it is the value of a choice, else None."""
    return answer if isinstance(answer, str) and answer in _values(question) else None


def check_config(question: Question) -> list[Problem]:
    """Check the choices: how many there are, their words, and that each value is given once."""
    choices = question.get("choices")
    if not isinstance(choices, list) or not LEAST_CHOICES <= len(choices) <= MOST_CHOICES:
        return [problem("choices", f"Give {LEAST_CHOICES} to {MOST_CHOICES} choices.")]
    problems: list[Problem] = []
    seen: set[str] = set()
    for index, choice in enumerate(choices):
        here = f"choices[{index}]"
        problems += _check_choice(here, choice)
        value = choice.get("value") if isinstance(choice, dict) else None
        if isinstance(value, str) and value in seen:
            message = "Another choice already has this value. Choose a different one."
            problems.append(problem(f"{here}.value", message))
        elif isinstance(value, str):
            seen.add(value)
    return problems


def _check_choice(here: str, choice: object) -> list[Problem]:
    if not isinstance(choice, dict):
        return [problem(here, 'A choice must be an object such as {"value": "ok", "words": "OK"}.')]
    problems = [
        problem(f"{here}.{one['field']}", one["message"])
        for one in unknown_fields(choice, frozenset({"value", "words"}))
    ]
    value = choice.get("value")
    if not isinstance(value, str) or not _VALUE.fullmatch(value):
        message = "Use at most 40 letters, digits, _, . and -; the first must be a letter or digit."
        problems.append(problem(f"{here}.value", message))
    wrong = text_problem(choice.get("words"), _WORDS_CHARS, blank=False)
    if wrong:
        problems.append(problem(f"{here}.words", wrong))
    return problems


def responses(question: Question) -> tuple[int, int]:
    """Return (0, `MOST_RESPONSES`): an item can be labeled with or without responses."""
    return 0, MOST_RESPONSES


def check_item(question: Question, item: object) -> list[Problem]:
    """Check only that the item does not have too many responses."""
    return check_count(item, *responses(question))


def check_answer(question: Question, answer: object, keys: Sequence[str]) -> list[Problem]:
    """Check that the answer is the value of a choice."""
    if _value(question, answer) is None:
        message = f"This must be one of: {', '.join(_values(question))}. It is {quoted(answer)}."
        return [problem("", message)]
    return []


def read_form(question: Question, fields: Mapping[str, str], keys: Sequence[str]) -> Any | None:
    """Return the field's value."""
    return fields.get(question["name"]) or None


def present(question: Question) -> dict[str, Any]:
    """Return the choices, each with its value, its words, and the digit key that chooses it, if any."""
    return {
        "choices": [
            {**choice, "key": str(number) if number <= KEYED_CHOICES else ""}
            for number, choice in enumerate(question["choices"], start=1)
        ]
    }


def restore(
    question: Question, answer: Any, keys: Sequence[str], shown: Sequence[int]
) -> str | None:
    """Return the value unchanged, or None if no choice has it."""
    return _value(question, answer)


def recall(
    question: Question, stored: Any, keys: Sequence[str], shown: Sequence[int]
) -> str | None:
    """Return the value unchanged, or None if no choice has it."""
    return _value(question, stored)


def scale(question: Question) -> Scale:
    """Return the choices as categories without an order; a category's value is the choice's position."""
    return _scale(tuple(_words(question).values()))


@functools.lru_cache(maxsize=512)
def _scale(words: tuple[str, ...]) -> Scale:
    return Scale("nominal", tuple(Category(at, each) for at, each in enumerate(words)))


def judgments(question: Question, stored: Any) -> list[tuple[Facet, int]]:
    """Return one judgment of the whole item."""
    value = _value(question, stored)
    return [] if value is None else [(Facet("item"), _values(question).index(value))]


def hit(question: Question, stored: Any, reference: Any) -> bool | None:
    """Return whether both are the same choice."""
    given, wanted = _value(question, stored), _value(question, reference)
    return None if given is None or wanted is None else given == wanted


def constants(question: Question, keys: Sequence[str]) -> list[tuple[str, Any]]:
    """Return each choice: any can be given to every item."""
    return [(words, value) for value, words in _words(question).items()]


def agree(question: Question, stored: Any, reference: Any) -> float | None:
    """Return 1 for the same choice and 0 for another."""
    same = hit(question, stored, reference)
    return None if same is None else float(same)


def summarize(question: Question, stored: Any, shown: Sequence[int]) -> str:
    """Return the words of the choice."""
    value = _value(question, stored)
    return "" if value is None else _words(question)[value]


def marks(question: Question, stored: Any) -> dict[int, str]:
    """Return no labels: the choice is about no response in particular."""
    return {}


def datasets(question: Question) -> tuple[str, ...]:
    """Return the dataset of the answers themselves."""
    return ("annotations",)
