"""The desk's forms beside the answer itself: their fields, where questions are asked, and errors by question."""

from collections.abc import Mapping, Sequence
from typing import Any

from projects.work.services.annotations import RETURN_REASONS
from rlhfhub.ground.numbers import whole
from rlhfhub.ground.refusals import Refused

Fields = Mapping[str, Any]


def errors_by_question(refused: Refused) -> dict[str, list[str]]:
    """Return the messages of a refused answer by the question's name; "" if no field is named."""
    found: dict[str, list[str]] = {}
    for error in refused.errors:
        found.setdefault(str(error["field"]).partition(".")[0], []).append(error["message"])
    return found or {"": [refused.detail]}


def return_reason(fields: Fields) -> tuple[str, str]:
    """Return the reason code and the note (at most 500 characters) of a return; an unknown code becomes "unclear"."""
    reason = str(fields.get("reason", ""))
    note = str(fields.get("note", "")).replace("\x00", "").strip()
    return (reason if reason in RETURN_REASONS else "unclear"), note[:500]


def pasted_percent(fields: Fields) -> int | None:
    """Return how much of the answer's text the page counted as pasted, 0 to 100; None if it counted nothing."""
    percent = whole(fields.get("pasted_percent"))
    return percent if percent is not None and percent <= 100 else None


def active_ms(fields: Fields) -> int | None:
    """Return the active time that the page counted, in milliseconds; None if it counted nothing."""
    return whole(fields.get("active_ms"))


def counted(fields: Fields) -> dict[str, int | None]:
    """Return what the page counted beside the answer, as the services take it."""
    return {"pasted_percent": pasted_percent(fields), "active_ms": active_ms(fields)}


def questions_context(questions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Split the questions by the place of their fields: under each response, or once for the item."""
    return {
        "questions": questions,
        "asked_of_each": [q for q in questions if q.get("of_each_response")],
        "asked_once": [q for q in questions if not q.get("of_each_response")],
        "picker": next((q for q in questions if "picks_response" in q), None),
    }
