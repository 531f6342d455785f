"""The rating kind: a number for each response, such as how helpful it is.

A client's answer is ``{key: number}`` with a number for each of the lease's keys. The stored answer is
a list of the numbers in the order of the item's responses, with null where none was given yet. An
answer makes one judgment for each response.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from projects.kinds import positions
from projects.kinds.problems import (
    MOST_PROBLEMS,
    Problem,
    problem,
    quoted,
    text_problem,
)
from projects.kinds.protocol import Category, Facet, Question, Scale
from projects.kinds.responses import MOST_RESPONSES, check_count

SETTINGS: frozenset[str] = frozenset({"low", "high", "low_words", "high_words"})
CHECKS_ITEM_CONTENT = False

DEFAULT_LOW = 1
DEFAULT_HIGH = 5
#: Annotators answer with one digit key, of which there are ten.
MOST_STEPS = 10
_WORDS_CHARS = 60
_NUMBER = re.compile(r"[0-9]{1,2}", re.ASCII)


def _ends(question: Question) -> tuple[int, int]:
    return int(question.get("low", DEFAULT_LOW)), int(question.get("high", DEFAULT_HIGH))


def _end_words(question: Question) -> tuple[str, str]:
    return question.get("low_words", ""), question.get("high_words", "")


def check_config(question: Question) -> list[Problem]:
    """Check the lowest and the highest number, and the words for them."""
    problems: list[Problem] = []
    low, high = question.get("low", DEFAULT_LOW), question.get("high", DEFAULT_HIGH)
    if type(low) is not int or low not in (0, 1):
        problems.append(problem("low", "This must be 0 or 1."))
    elif type(high) is not int or not low < high < low + MOST_STEPS:
        most = low + MOST_STEPS - 1
        problems.append(problem("high", f"This must be a whole number from {low + 1} to {most}."))
    for field in ("low_words", "high_words"):
        if field in question:
            wrong = text_problem(question[field], _WORDS_CHARS, blank=False)
            problems += [problem(field, wrong)] if wrong else []
    return problems


def responses(question: Question) -> tuple[int, int]:
    """Return (1, `MOST_RESPONSES`): there must be a response to rate."""
    return 1, MOST_RESPONSES


def check_item(question: Question, item: object) -> list[Problem]:
    """Check that the item has at least one response and not too many."""
    return check_count(item, *responses(question))


def check_answer(question: Question, answer: object, keys: Sequence[str]) -> list[Problem]:
    """Check that each of the lease's keys, and no other, has a number on the scale."""
    if not isinstance(answer, dict):
        return [problem("", 'This must be an object such as {"…": 4}, with every response\'s key.')]
    unknown = [key for key in answer if key not in keys]
    problems = [
        problem(quoted(key), "No response has this key.") for key in unknown[:MOST_PROBLEMS]
    ]
    low, high = _ends(question)
    for position, key in enumerate(keys):
        name = f"Response {positions.letter(position)}"
        if answer.get(key) is None:
            problems.append(problem(key, f"{name} is not rated yet."))
        elif _number(question, answer[key]) is None:
            message = f"{name} must be rated with a whole number from {low} to {high}."
            problems.append(problem(key, message))
    return problems


def _number(question: Question, value: object) -> int | None:
    """Return the value if it is a number on the scale, else None."""
    low, high = _ends(question)
    return value if type(value) is int and low <= value <= high else None


def read_form(question: Question, fields: Mapping[str, str], keys: Sequence[str]) -> Any | None:
    """Read one form field for each response, ``name.key``."""
    given = {key: fields.get(f"{question['name']}.{key}", "") for key in keys}
    answer = {
        key: int(value) if _NUMBER.fullmatch(value) else value
        for key, value in given.items()
        if value
    }
    return answer or None


def present(question: Question) -> dict[str, Any]:
    """Return the ends of the scale, and its steps with their words."""
    low, high = _ends(question)
    low_words, high_words = _end_words(question)
    return {
        "low": low,
        "high": high,
        "low_words": low_words,
        "high_words": high_words,
        "of_each_response": True,
        "steps": [{"value": one.value, "words": one.words} for one in scale(question).categories],
    }


def restore(
    question: Question, answer: Any, keys: Sequence[str], shown: Sequence[int]
) -> list[int | None] | None:
    """Return the numbers in the order of the item's responses."""
    given = answer if isinstance(answer, dict) else {}
    stored: list[int | None] = [None] * len(shown)
    for key, index in zip(keys, shown, strict=True):
        stored[index] = _number(question, given.get(key))
    return stored if any(number is not None for number in stored) else None


def recall(
    question: Question, stored: Any, keys: Sequence[str], shown: Sequence[int]
) -> dict[str, int] | None:
    """Return the numbers by the keys of the responses that they were given to."""
    numbers = _numbers(question, stored)
    pairs = zip(keys, shown, strict=True)
    return {key: numbers[index] for key, index in pairs if index in numbers} or None


def _numbers(question: Question, stored: Any) -> dict[int, int]:
    """Return the numbers given so far, by the response's stored index."""
    given = enumerate(stored) if isinstance(stored, list) else ()
    found = ((index, _number(question, value)) for index, value in given)
    return {index: number for index, number in found if number is not None}


def scale(question: Question) -> Scale:
    """Return the numbers in ascending order, the two ends with their words."""
    return _scale(_ends(question), _end_words(question))


@functools.lru_cache(maxsize=512)
def _scale(ends: tuple[int, int], end_words: tuple[str, str]) -> Scale:
    words = dict(zip(ends, end_words, strict=True))
    return Scale(
        "ordinal",
        tuple(
            Category(value, f"{value} ({words[value]})" if words.get(value) else str(value))
            for value in range(ends[0], ends[1] + 1)
        ),
    )


def judgments(question: Question, stored: Any) -> list[tuple[Facet, int]]:
    """Return one judgment for each rated response."""
    numbers = _numbers(question, stored)
    return [(Facet("response", (index,)), number) for index, number in numbers.items()]


def _compared(question: Question, stored: Any, reference: Any) -> list[tuple[int, int]] | None:
    """Return (given, wanted) for each response that the reference rates; None if one has no rating."""
    given, wanted = _numbers(question, stored), _numbers(question, reference)
    if not wanted or not wanted.keys() <= given.keys():
        return None
    return [(given[index], number) for index, number in wanted.items()]


def hit(question: Question, stored: Any, reference: Any) -> bool | None:
    """Return whether each rating is in the same half of the scale as the reference's.

    A reference in the exact middle of the scale is hit only by the middle.
    """
    compared = _compared(question, stored, reference)
    if compared is None:
        return None
    middle = sum(_ends(question)) / 2
    return all(_half(given, middle) == _half(wanted, middle) for given, wanted in compared)


def _half(number: int, middle: float) -> int:
    return (number > middle) - (number < middle)


def constants(question: Question, keys: Sequence[str]) -> list[tuple[str, Any]]:
    """Return each number of the scale, given to all responses."""
    return [
        (f"{one.words} for every response", dict.fromkeys(keys, one.value))
        for one in scale(question).categories
    ]


def agree(question: Question, stored: Any, reference: Any) -> float | None:
    """Return 1 minus the mean distance from the reference as a share of the scale's length."""
    compared = _compared(question, stored, reference)
    if compared is None:
        return None
    low, high = _ends(question)
    distance = sum(abs(given - wanted) for given, wanted in compared)
    return 1 - distance / (high - low) / len(compared)


def summarize(question: Question, stored: Any, shown: Sequence[int]) -> str:
    """Describe the answer, as in "A: 4 of 5, B: 2 of 5"."""
    words = marks(question, stored)
    if len(shown) == 1:
        return words.get(shown[0], "")
    rated = [index for index in shown if index in words]
    return ", ".join(f"{positions.letter_of(index, shown)}: {words[index]}" for index in rated)


def marks(question: Question, stored: Any) -> dict[int, str]:
    """Label each rated response, as in "4 of 5"."""
    _, high = _ends(question)
    return {index: f"{number} of {high}" for index, number in _numbers(question, stored).items()}


def datasets(question: Question) -> tuple[str, ...]:
    """Return the ratings of each response, and the answers themselves."""
    return "ratings", "annotations"
