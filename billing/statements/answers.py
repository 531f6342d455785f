"""What a person answered, in the words and the order of their desk. Annotator plane."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from projects.kinds import form as forms
from projects.review.own.decided import Words
from projects.work.models import Annotation
from projects.work.services.annotations import form_questions


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """An own answer: a line for each question answered, in which A is the response that the desk showed first."""

    words: list[Words]
    revised_at: datetime | None


def answer_of(answer_id: uuid.UUID) -> OwnAnswer:
    """Return the answer, which must be one of the plane's person and workspace."""
    row = Annotation.objects.defer("purpose").select_related("lease").get(pk=answer_id)
    pairs = forms.titled_summary_of(form_questions(row.form_id), row.answer, row.lease.shown)
    return OwnAnswer([Words(*pair) for pair in pairs], row.revised_at)
