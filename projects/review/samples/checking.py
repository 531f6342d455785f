"""What counts as checked in a sample check: an answer that is decided in it."""

import uuid

from projects.review.samples.models import SampleAnswer
from rlhfhub.tenancy import clock


def mark_checked(*, sample_id: uuid.UUID, annotation_id: uuid.UUID) -> bool:
    """Note that a member has just decided on the answer in this check. Returns whether the sample holds the answer.

    In the transaction of the decision, which a trigger requires. Workspace plane.
    """
    rows = SampleAnswer.objects.filter(sample_check=sample_id, annotation=annotation_id)
    return bool(rows.filter(checked_at=None).update(checked_at=clock.now())) or rows.exists()
