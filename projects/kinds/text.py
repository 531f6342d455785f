"""Free text, such as the reason for a choice. The answer is the text itself, stored as given."""

from collections.abc import Sequence
from typing import Any

from projects.kinds.problems import Problem, problem, text_problem
from projects.kinds.protocol import Level, Question

SETTINGS: frozenset[str] = frozenset({"max_chars"})
LOOKS_INTO_ITEMS = False
LEVEL: Level | None = None

DEFAULT_CHARS = 4_000
MOST_CHARS = 100_000


def check_config(question: Question) -> list[Problem]:
    """The greatest length, in characters."""
    most = question.get("max_chars", DEFAULT_CHARS)
    if type(most) is not int or not 1 <= most <= MOST_CHARS:
        return [problem("max_chars", f"This must be a whole number from 1 to {MOST_CHARS}.")]
    return []


def responses(question: Question) -> tuple[int, int]:
    """Text may be asked for about any number of responses."""
    return 0, 10


def check_item(question: Question, item: object) -> list[Problem]:
    """Anything can be written about."""
    return []


def check_answer(question: Question, answer: object, keys: Sequence[str]) -> list[Problem]:
    """Storable text of the allowed length, and not blank where it is required."""
    wrong = text_problem(
        answer,
        question.get("max_chars", DEFAULT_CHARS),
        blank=not question.get("required", True),
    )
    return [problem("", wrong)] if wrong else []


def present(question: Question) -> dict[str, Any]:
    """The greatest length."""
    return {"max_chars": question.get("max_chars", DEFAULT_CHARS)}


def restore(question: Question, answer: str, keys: Sequence[str], shown: Sequence[int]) -> str:
    """The text, byte for byte."""
    return answer


def label(question: Question, stored: Any) -> int | None:
    """Text has no label."""
    return None
