"""What became of a person's own answers: rejected, appealed, sent back, or accepted."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import connection

from projects.review.models import Decision
from projects.work.models import Annotation


class Step(StrEnum):
    """Where an own answer is between its submission and the end of all decisions on it."""

    SUBMITTED = "submitted"
    REVISE = "revise"
    REVISE_OVER = "revise_over"
    REVISED = "revised"
    NOT_REVISED = "not_revised"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    APPEAL_OVER = "appeal_over"
    APPEALED = "appealed"
    OVERTURNED = "overturned"
    UPHELD = "upheld"
    LAPSED = "lapsed"


class Pay(StrEnum):
    """What becomes of an answer's price."""

    WAITS = "waits"
    ON_HOLD = "on_hold"
    EARNED = "earned"
    NOT_PAID = "not_paid"


_PAY = {
    Step.ACCEPTED: Pay.EARNED,
    Step.OVERTURNED: Pay.EARNED,
    Step.REJECTED: Pay.ON_HOLD,
    Step.APPEAL_OVER: Pay.ON_HOLD,
    Step.APPEALED: Pay.ON_HOLD,
    Step.UPHELD: Pay.NOT_PAID,
    Step.LAPSED: Pay.NOT_PAID,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The decisions on one answer. Times are None and texts empty for what has not happened.

    `reason`, `rule` and `note` are those of a rejection, which can be appealed until `appeal_by`. An appeal is decided
    until `appeal_due`. `ended_as` is the verdict that ended the rejection, `ended_by` a person or the clock.
    `returned_note` says what to revise until `revise_by`. `now` is when this was read.
    """

    annotation_id: uuid.UUID
    state: str
    reason: str
    rule: str
    note: str
    rejected_at: datetime | None
    appeal_by: datetime | None
    statement: str
    appealed_at: datetime | None
    appeal_due: datetime | None
    ended_as: str
    ended_by: str
    ended_note: str
    ended_at: datetime | None
    returned_note: str
    returned_at: datetime | None
    revise_by: datetime | None
    answered_at: datetime | None
    lapsed_at: datetime | None
    now: datetime
    enrollment_id: uuid.UUID

    @property
    def step(self) -> Step:
        """Where the answer is now."""
        if self.ended_as:
            return Step(self.ended_as)
        if self.appeal_by:
            if self.appealed_at:
                return Step.APPEALED
            return Step.REJECTED if self.now <= self.appeal_by else Step.APPEAL_OVER
        if self.state == Annotation.State.SUBMITTED and self.returned_at:
            return Step.REVISED if self.answered_at else Step.NOT_REVISED
        if self.revise_by and self.state == Annotation.State.RETURNED:
            return Step.REVISE if self.now <= self.revise_by else Step.REVISE_OVER
        return Step(self.state)

    @property
    def pay(self) -> Pay:
        """What becomes of the answer's price."""
        return _PAY.get(self.step, Pay.WAITS)

    @property
    def reason_words(self) -> str:
        """The reason of the rejection, in words."""
        return Decision.Reason(self.reason).label if self.reason else ""


def outcomes_of(
    person_id: uuid.UUID, annotation_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, Outcome]:
    """Return the outcomes of those of these answers that are the person's, by their ids. Door or annotator plane."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_own_outcomes(%s, %s)", [person_id, list(annotation_ids)])
        return {row[0]: Outcome(*row) for row in cursor.fetchall()}
