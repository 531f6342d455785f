"""Which of two responses is better, or neither.

An answer is ``{"choice": key}`` with the lease's key of the better response, or ``"tie"``. Stored is
the index of that response in the item's own order, so that nothing later depends on where it was
shown. The label is the signed scale -1 (the first response is better), 0 (tie), +1 (the second).
"""

from collections.abc import Sequence
from typing import Any

from projects.kinds.problems import Problem, problem, unknown_fields
from projects.kinds.protocol import Level, Question

SETTINGS: frozenset[str] = frozenset({"allow_tie"})
LOOKS_INTO_ITEMS = False
LEVEL: Level | None = "ordinal"

TIE = "tie"
_ANSWER = frozenset({"choice"})


def check_config(question: Question) -> list[Problem]:
    """Only whether a tie may be answered."""
    if not isinstance(question.get("allow_tie", False), bool):
        return [problem("allow_tie", "This must be true or false.")]
    return []


def _content(response: object) -> list[tuple[str, str]] | None:
    """A response as (role, text) turns; a text is one turn of the assistant's. None: no such."""
    if not isinstance(response, dict):
        return None
    text, messages = response.get("text"), response.get("messages")
    if isinstance(text, str):
        return [("assistant", text.strip())]
    if not isinstance(messages, list):
        return None
    turns: list[tuple[str, str]] = []
    for message in messages:
        role = message.get("role") if isinstance(message, dict) else None
        content = message.get("content") if isinstance(message, dict) else None
        if not isinstance(role, str) or not isinstance(content, str):
            return None
        turns.append((role, content.strip()))
    return turns


def responses(question: Question) -> tuple[int, int]:
    """A preference is between two."""
    return 2, 2


def check_item(question: Question, item: object) -> list[Problem]:
    """Two responses that can be told apart."""
    responses = item.get("responses") if isinstance(item, dict) else None
    if not isinstance(responses, list):
        return [problem("responses", "This must be a list of two responses.")]
    if len(responses) != 2:
        return [
            problem("responses", f"Two responses are compared, but {len(responses)} were given.")
        ]
    first, second = (_content(response) for response in responses)
    if first is not None and first == second:
        return [
            problem("responses[1]", "The two responses are the same; nothing can be preferred.")
        ]
    return []


def check_answer(question: Question, answer: object, keys: Sequence[str]) -> list[Problem]:
    """One of the lease's response keys, or a tie where the question allows it."""
    if not isinstance(answer, dict):
        return [problem("", 'This must be an object such as {"choice": "…"}.')]
    problems = unknown_fields(answer, _ANSWER)
    choice = answer.get("choice")
    if not isinstance(choice, str):
        problems.append(problem("choice", "This must be the key of a response."))
    elif choice == TIE:
        if not question.get("allow_tie", False):
            problems.append(problem("choice", "A tie is not allowed here."))
    elif choice not in keys:
        problems.append(problem("choice", "This is not the key of a response of this lease."))
    return problems


def present(question: Question) -> dict[str, Any]:
    """Whether to offer a tie."""
    return {"allow_tie": bool(question.get("allow_tie", False))}


def restore(
    question: Question, answer: dict[str, str], keys: Sequence[str], shown: Sequence[int]
) -> dict[str, Any]:
    """The chosen position's key turned into the index of the response that stood there."""
    choice = answer["choice"]
    return {"choice": TIE if choice == TIE else shown[list(keys).index(choice)]}


def label(question: Question, stored: Any) -> int | None:
    """-1, 0 or +1; None if the question was skipped."""
    choice = stored.get("choice") if isinstance(stored, dict) else None
    if choice == TIE:
        return 0
    return {0: -1, 1: 1}.get(choice) if type(choice) is int else None
