"""The text kind: free text, such as the reason for a choice. The answer is the text, stored unchanged."""

from collections.abc import Mapping, Sequence
from typing import Any

from projects.kinds.problems import Problem, problem, text_problem
from projects.kinds.protocol import Facet, Question, Scale
from projects.kinds.responses import MOST_RESPONSES, check_count

SETTINGS: frozenset[str] = frozenset({"max_chars"})
CHECKS_ITEM_CONTENT = False

DEFAULT_CHARS = 4_000
MOST_CHARS = 100_000


def check_config(question: Question) -> list[Problem]:
    """Check the greatest length, in characters."""
    most = question.get("max_chars", DEFAULT_CHARS)
    if type(most) is not int or not 1 <= most <= MOST_CHARS:
        return [problem("max_chars", f"This must be a whole number from 1 to {MOST_CHARS}.")]
    return []


def responses(question: Question) -> tuple[int, int]:
    """Return (0, `MOST_RESPONSES`): text can also be written about a prompt without responses."""
    return 0, MOST_RESPONSES


def check_item(question: Question, item: object) -> list[Problem]:
    """Check only that the item does not have too many responses."""
    return check_count(item, *responses(question))


def check_answer(question: Question, answer: object, keys: Sequence[str]) -> list[Problem]:
    """Check that the answer is text of the allowed length, and not blank if the question is required."""
    wrong = text_problem(
        answer,
        question.get("max_chars", DEFAULT_CHARS),
        blank=not question.get("required", True),
    )
    return [problem("", wrong)] if wrong else []


def read_form(question: Question, fields: Mapping[str, str], keys: Sequence[str]) -> Any | None:
    """Return the field's text with LF line ends: browsers send every line end as CR LF."""
    text = fields.get(question["name"], "").replace("\r\n", "\n")
    return text if text.strip() else None


def present(question: Question) -> dict[str, Any]:
    """Return the greatest length, in characters."""
    return {"max_chars": question.get("max_chars", DEFAULT_CHARS)}


def restore(
    question: Question, answer: Any, keys: Sequence[str], shown: Sequence[int]
) -> str | None:
    """Return the text unchanged, or None if it is not text."""
    return answer if isinstance(answer, str) else None


def recall(
    question: Question, stored: Any, keys: Sequence[str], shown: Sequence[int]
) -> str | None:
    """Return the text unchanged, or None if it is not text."""
    return stored if isinstance(stored, str) else None


def scale(question: Question) -> Scale | None:
    """Return None: text has no scale."""
    return None


def judgments(question: Question, stored: Any) -> list[tuple[Facet, int]]:
    """Return no judgments: text has no scale to judge on."""
    return []


def hit(question: Question, stored: Any, reference: Any) -> bool | None:
    """Return None: texts cannot be compared."""
    return None


def constants(question: Question, keys: Sequence[str]) -> list[tuple[str, Any]]:
    """Return none: texts have no right answer that they could hit."""
    return []


def agree(question: Question, stored: Any, reference: Any) -> float | None:
    """Return None: texts cannot be compared."""
    return None


def summarize(question: Question, stored: Any, shown: Sequence[int]) -> str:
    """Return the text itself."""
    return stored if isinstance(stored, str) else ""


def marks(question: Question, stored: Any) -> dict[int, str]:
    """Return no labels: text is about no response in particular."""
    return {}


def datasets(question: Question) -> tuple[str, ...]:
    """Return the dataset of the answers themselves."""
    return ("annotations",)
