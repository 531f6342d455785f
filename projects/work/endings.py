"""What the desk tells somebody whose answer came to a lease that has ended, and what of it they can copy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from projects.enrollment.models import Enrollment
from projects.work.services.annotations import LeaseEnded

STATES = {
    "paused": "Your work in this project is paused",
    "ended": "Your work in this project has ended",
}
_TITLES = {
    "returned": "You returned this item",
    "expired": "The time for this item is over",
    "revoked": "This item was taken back",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A text that was written and not saved."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Ending:
    """Why nothing was saved. `code` is "submitted" (this very answer is saved), "other_answer", "lease_ended",
    or the state of the enrollment.
    """

    code: str
    title: str
    detail: str
    kept: Sequence[Kept] = ()


def ending_of(
    ended: LeaseEnded,
    enrollment: Enrollment,
    questions: Sequence[Mapping[str, Any]] = (),
    answer: Mapping[str, Any] | None = None,
) -> Ending:
    """Why `answer` was refused; with its texts, where they are not saved."""
    kept = [
        Kept(str(question.get("title") or question["name"]), text)
        for question in questions
        if isinstance(text := (answer or {}).get(question["name"]), str)
    ]
    if ended.ended_as == "submitted" and ended.is_same:
        return Ending("submitted", "This answer is already saved", ended.detail)
    if ended.ended_as == "submitted":
        other = "Another answer to this item is already saved"
        detail = ended.detail
        if ended.is_same is False:
            detail = (
                "It was sent from elsewhere: another tab, another device, or an earlier try of this page. "
                "The answer that you have just sent was not saved, and the item cannot be answered again."
            )
        return Ending("other_answer", other, detail, kept)
    # Somebody who was paused reads that, and not that their time ran out.
    if enrollment.state in STATES:
        return Ending(enrollment.state, STATES[enrollment.state], ended.detail, kept)
    title = _TITLES.get(ended.ended_as, "This item is no longer yours")
    return Ending("lease_ended", title, ended.detail, kept)
