"""From what a browser sends to the answer that services take: one reader for each question kind."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from projects.work.services.annotations import RETURN_REASONS
from rlhfhub.ground.refusals import Refused

Fields = Mapping[str, Any]
Question = Mapping[str, Any]


def _choice(value: str) -> Any:
    return {"choice": value} if value else None


def _text(value: str) -> Any:
    # A browser writes every line's end as CR LF, whatever was typed.
    text = value.replace("\r\n", "\n")
    return text if text.strip() else None


_READERS: dict[str, Callable[[str], Any]] = {"preference": _choice, "text": _text}


def answer_of(questions: Sequence[Question], fields: Fields) -> dict[str, Any]:
    """The answer in client form; a question that was left alone is left out."""
    found = {q["name"]: _READERS[q["kind"]](str(fields.get(q["name"], ""))) for q in questions}
    return {name: value for name, value in found.items() if value is not None}


def errors_by_question(refused: Refused) -> dict[str, list[str]]:
    """What was wrong, under the name of the question it was wrong in."""
    found: dict[str, list[str]] = {}
    for error in refused.errors:
        found.setdefault(str(error["field"]).partition(".")[0], []).append(error["message"])
    return found or {"": [refused.detail]}


def return_reason(fields: Fields) -> tuple[str, str]:
    """The coded reason and the note of a return; a made-up reason becomes the mildest one."""
    reason = str(fields.get("reason", ""))
    note = str(fields.get("note", "")).replace("\x00", "").strip()
    return (reason if reason in RETURN_REASONS else "unclear"), note[:500]
