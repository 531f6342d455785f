"""What the desk reads from a browser's POST beside the answer itself, and what it says of a refused one."""

from collections.abc import Mapping
from typing import Any

from projects.work.services.annotations import RETURN_REASONS
from rlhfhub.ground.refusals import Refused

Fields = Mapping[str, Any]


def typed_in(answer: Mapping[str, Any]) -> str:
    """All that was written into an answer, so that its author can copy it when it cannot be submitted."""
    return "\n\n".join(value for value in answer.values() if isinstance(value, str))


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
