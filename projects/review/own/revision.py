"""A returned answer as its annotator revises it, and why one is not taken any more. Annotator plane."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from projects.kinds import form as forms
from projects.kinds.protocol import Question
from projects.review.own.decided import items_of
from projects.review.own.outcomes import Outcome, Step, outcomes_of
from projects.review.services.returning import REVISED_ALREADY
from projects.work.endings import Ending, unsaved_texts
from projects.work.models import Annotation
from projects.work.services.annotations import form_questions


@dataclass(frozen=True, slots=True)
class Revision:
    """An answer that was sent back, with its item as the desk showed it: the lease's keys and order of responses.

    `draft` is the stored answer in the client's form. `pasted_percent` is how much of its text was pasted; None if that
    was not counted.
    """

    annotation_id: uuid.UUID
    project_id: uuid.UUID
    outcome: Outcome
    questions: Sequence[Question]
    keys: list[str]
    guideline_version_id: uuid.UUID
    guideline_version: int
    prompt: list[dict[str, str]]
    responses: list[dict[str, Any]]
    context: dict[str, Any]
    draft: dict[str, Any]
    stored: Mapping[str, Any]
    shown: list[int]
    pasted_percent: int | None
    price_minor: int
    currency: str
    revise_by: datetime

    @property
    def seconds_left(self) -> float:
        """The time left to revise, in seconds; 0 if it is over."""
        return max(0.0, (self.revise_by - self.outcome.now).total_seconds())

    @property
    def is_decided(self) -> bool:
        """Whether the answer was accepted or rejected after it was sent back."""
        steps = {Step.REVISE, Step.REVISE_OVER, Step.REVISED, Step.NOT_REVISED}
        return self.outcome.step not in steps

    @property
    def is_open(self) -> bool:
        """Whether the answer waits for its annotator now."""
        return self.outcome.step is Step.REVISE


def revision_of(
    annotation_id: uuid.UUID, enrollment_id: uuid.UUID | None = None
) -> Revision | None:
    """Return an own answer that was sent back, open or not; None if there is none, or in another enrollment."""
    rows = Annotation.objects.filter(pk=annotation_id)
    if enrollment_id:
        rows = rows.filter(enrollment_id=enrollment_id)
    joined = rows.select_related("lease", "guideline_version")
    row = joined.defer("purpose", "guideline_version__text").first()
    if row is None:
        return None
    outcome = outcomes_of(row.annotator_id, [row.pk])[row.pk]
    if outcome.revise_by is None:
        return None
    item = items_of(row.annotator_id, [row.pk])[row.pk]
    keys, order = row.lease.keys, row.lease.shown
    questions = form_questions(row.form_id)
    return Revision(
        annotation_id=row.pk,
        project_id=row.project_id,
        outcome=outcome,
        questions=questions,
        keys=keys,
        guideline_version_id=row.guideline_version_id,
        guideline_version=row.guideline_version.number,
        prompt=item.prompt,
        responses=[
            {"key": key, "messages": item.responses[index]}
            for key, index in zip(keys, order, strict=True)
        ],
        context=item.context,
        draft=forms.recall_answer(questions, row.answer, keys, order),
        stored=row.answer,
        shown=order,
        pasted_percent=row.pasted_percent,
        price_minor=row.price_minor,
        currency=row.currency,
        revise_by=outcome.revise_by,
    )


def ending_of(revision: Revision, answer: Mapping[str, Any] | None = None) -> Ending:
    """Return why `answer` was not taken, or why the page takes none, with its texts unless they are saved."""
    kept = unsaved_texts(revision.questions, answer or {})
    if revision.outcome.answered_at is None:
        words = (
            "The time to revise this answer is over. Your first answer stands, and is decided on as it is. You need "
            "not do anything."
        )
        return Ending("lease_ended", "The time to revise is over", words, kept)
    if answer is None or is_stored(revision, answer):
        words = (
            "The reviewer decides on it, or it is accepted automatically. You need not do anything."
        )
        return Ending("submitted", "Your revised answer is saved", words)
    words = (
        f"{REVISED_ALREADY} It was sent from another tab, from another device, or earlier from this page. The answer "
        "that you have just sent was not saved, and this item cannot be answered again."
    )
    return Ending("other_answer", "Another revised answer is already saved", words, kept)


def is_stored(revision: Revision, answer: Mapping[str, Any]) -> bool:
    """Return whether `answer`, in the client's form, is what is stored."""
    if forms.check_answer(revision.questions, answer, revision.keys):
        return False
    given = forms.restore_answer(revision.questions, answer, revision.keys, revision.shown)
    return given == revision.stored
