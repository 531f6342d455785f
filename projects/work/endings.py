"""What the desk shows when an answer arrives after its lease has ended, including the texts to be copied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from projects.enrollment.models import Enrollment
from projects.work.services.annotations import LeaseEnded

TITLES_BY_STATE = {
    "paused": "Your work in this project is paused",
    "ended": "Your work in this project has ended",
}
_TITLES_BY_ENDING = {
    "returned": "You returned this item",
    "expired": "The time for this item is over",
    "revoked": "This item was taken back",
}


@dataclass(frozen=True, slots=True)
class UnsavedText:
    """A text of an answer that was not saved; `title` is that of its question."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Ending:
    """Why the desk did not take an answer.

    `code` is "submitted" (this answer is saved already), "other_answer" (another one is), "lease_ended", or the
    enrollment's state if that is why. `kept` are the unsaved texts, which the page offers for copying.
    """

    code: str
    title: str
    detail: str
    kept: Sequence[UnsavedText] = ()


def ending_of(
    ended: LeaseEnded,
    enrollment: Enrollment,
    questions: Sequence[Mapping[str, Any]] = (),
    answer: Mapping[str, Any] | None = None,
) -> Ending:
    """Return why `answer` was not taken, with its texts unless they are saved."""
    kept = unsaved_texts(questions, answer or {})
    if ended.ended_as == "submitted" and ended.is_same:
        return Ending("submitted", "This answer is already saved", ended.detail)
    if ended.ended_as == "submitted":
        other = "Another answer to this item is already saved"
        detail = ended.detail
        if ended.is_same is False:
            detail = (
                "It was sent from another tab, from another device, or earlier from this page. "
                "The answer that you have just sent was not saved, and the item cannot be answered again."
            )
        return Ending("other_answer", other, detail, kept)
    # If the enrollment was paused or ended, that is the reason to show, even if the time is over too.
    if enrollment.state in TITLES_BY_STATE:
        return Ending(enrollment.state, TITLES_BY_STATE[enrollment.state], ended.detail, kept)
    title = _TITLES_BY_ENDING.get(ended.ended_as, "This item is no longer yours")
    return Ending("lease_ended", title, ended.detail, kept)


def unsaved_texts(
    questions: Sequence[Mapping[str, Any]], answer: Mapping[str, Any]
) -> list[UnsavedText]:
    """Return the texts of an answer, one for each text question that has one."""
    return [
        UnsavedText(str(question.get("title") or question["name"]), text)
        for question in questions
        if isinstance(text := answer.get(question["name"]), str)
    ]
