"""A kind that only tests know: whether an item is well made. Whole, so that each piece can be taken out."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from projects.kinds.problems import Problem, problem
from projects.kinds.protocol import Category, Facet, Question, Scale

NAME = "toy"
QUESTION = {"name": "q", "kind": NAME, "title": "Is it well made?"}

SETTINGS: frozenset[str] = frozenset()
_SCALE = Scale("nominal", (Category(0, "no"), Category(1, "yes")))
_WORDS = {False: "no", True: "yes"}


def check_config(question: Question) -> list[Problem]:
    return []


def responses(question: Question) -> tuple[int, int]:
    return 0, 0


def check_item(question: Question, item: object) -> list[Problem]:
    return []


def check_answer(question: Question, answer: object, keys: Sequence[str]) -> list[Problem]:
    return [] if isinstance(answer, bool) else [problem("", "This must be true or false.")]


def read_form(question: Question, fields: Mapping[str, str], keys: Sequence[str]) -> Any | None:
    return {"no": False, "yes": True}.get(fields.get(question["name"], ""))


def present(question: Question) -> dict[str, Any]:
    return {}


def restore(question: Question, answer: Any, keys: Sequence[str], shown: Sequence[int]) -> Any:
    return answer if isinstance(answer, bool) else None


def recall(question: Question, stored: Any, keys: Sequence[str], shown: Sequence[int]) -> Any:
    return stored if isinstance(stored, bool) else None


def scale(question: Question) -> Scale | None:
    return _SCALE


def judgments(question: Question, stored: Any) -> list[tuple[Facet, int]]:
    return [(Facet("item"), int(stored))] if isinstance(stored, bool) else []


def hit(question: Question, stored: Any, reference: Any) -> bool | None:
    return bool(stored == reference)


def constants(question: Question, keys: Sequence[str]) -> list[tuple[str, Any]]:
    return [(words, value) for value, words in _WORDS.items()]


def agree(question: Question, stored: Any, reference: Any) -> float | None:
    return float(stored == reference)


def summarize(question: Question, stored: Any, shown: Sequence[int]) -> str:
    return _WORDS.get(stored, "")


def marks(question: Question, stored: Any) -> dict[int, str]:
    return {}


def datasets(question: Question) -> tuple[str, ...]:
    return ("annotations",)


def toy_kind(**changed: Any) -> Any:
    """The toy as a kind of its own; a piece that is given as None is taken out."""
    pieces = {name: value for name, value in globals().items() if name in _PIECES}
    pieces |= changed
    return SimpleNamespace(**{name: value for name, value in pieces.items() if value is not None})


_PIECES = {
    *(
        "SETTINGS",
        "check_config",
        "responses",
        "check_item",
        "check_answer",
        "read_form",
        "present",
    ),
    *("restore", "recall", "scale", "judgments", "hit", "constants", "agree", "summarize"),
    *("marks", "datasets"),
}
