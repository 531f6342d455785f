"""A toy kind: a thumb for the whole item, or for each of its criteria, choices or steps.

No kind of the product has these facets. An answer is ``{name: 1 or 0}``, stored as it is; about the item the
one name is ``item``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from projects.kinds.problems import Problem, problem
from projects.kinds.protocol import Category, Facet, Question, Scale
from projects.kinds.responses import check_count

NAME = "thumbs"
SETTINGS: frozenset[str] = frozenset({"about", "names"})

_ABOUT = ("item", "criterion", "choice", "step")
_UP_AND_DOWN = (Category(0, "down"), Category(1, "up"))
_WORDS = {1: "up", 0: "down"}


def _names(question: Question) -> list[str]:
    return ["item"] if question["about"] == "item" else list(question["names"])


def check_config(question: Question) -> list[Problem]:
    if question.get("about") not in _ABOUT:
        return [problem("about", f"This must be one of: {', '.join(_ABOUT)}.")]
    if question["about"] != "item" and not question.get("names"):
        return [problem("names", "Name what gets a thumb.")]
    return []


def responses(question: Question) -> tuple[int, int]:
    return 0, 3


def check_item(question: Question, item: object) -> list[Problem]:
    context = item.get("context") if isinstance(item, dict) else None
    if not isinstance(context, dict) or "topic" not in context:
        return [problem("context", "Name the topic.")]
    return check_count(item, *responses(question))


def check_answer(question: Question, answer: object, keys: Sequence[str]) -> list[Problem]:
    if not isinstance(answer, dict):
        return [problem("", "This must be an object.")]
    missing = [name for name in _names(question) if answer.get(name) not in _WORDS]
    return [problem(name, "Give a thumb, 1 or 0.") for name in missing]


def read_form(question: Question, fields: Mapping[str, str], keys: Sequence[str]) -> Any | None:
    given = {name: fields.get(f"{question['name']}.{name}") for name in _names(question)}
    return {name: int(value) for name, value in given.items() if value in ("0", "1")} or None


def present(question: Question) -> dict[str, Any]:
    return {"about": question["about"], "names": _names(question)}


def _placed(question: Question, answer: Any) -> dict[str, int] | None:
    if not isinstance(answer, dict):
        return None
    return {name: answer[name] for name in _names(question) if answer.get(name) in _WORDS} or None


def restore(question: Question, answer: Any, keys: Sequence[str], shown: Sequence[int]) -> Any:
    return _placed(question, answer)


def recall(question: Question, stored: Any, keys: Sequence[str], shown: Sequence[int]) -> Any:
    return _placed(question, stored)


def scale(question: Question) -> Scale:
    return Scale("nominal" if question["about"] == "choice" else "ordinal", _UP_AND_DOWN)


def judgments(question: Question, stored: Any) -> list[tuple[Facet, int]]:
    about, given = question["about"], _placed(question, stored) or {}
    return [
        (_facet(about, number, name), value) for number, (name, value) in enumerate(given.items())
    ]


def _facet(about: Any, number: int, name: str) -> Facet:
    at: dict[str, tuple[int | str, ...]] = {"item": (), "step": (number,)}
    return Facet(about, at.get(about, (name,)))


def hit(question: Question, stored: Any, reference: Any) -> bool | None:
    return bool(stored == reference)


def constants(question: Question, keys: Sequence[str]) -> list[tuple[str, Any]]:
    return [
        (f"all {words}", dict.fromkeys(_names(question), value)) for value, words in _WORDS.items()
    ]


def agree(question: Question, stored: Any, reference: Any) -> float | None:
    return float(stored == reference)


def summarize(question: Question, stored: Any, shown: Sequence[int]) -> str:
    given = _placed(question, stored) or {}
    return ", ".join(f"{name} {_WORDS[value]}" for name, value in given.items())


def marks(question: Question, stored: Any) -> dict[int, str]:
    return {}


def datasets(question: Question) -> tuple[str, ...]:
    return ("ups", "annotations")
