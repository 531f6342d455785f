"""How a decision over REST names the sample check in which it is made."""

import uuid

from projects.review.samples.checking import mark_checked
from rlhfhub.api.bodies import Body, Id
from rlhfhub.ground.refusals import invalid


class InSampleBody(Body):
    """A decision on an answer, perhaps in a sample check."""

    sample = Id(
        required=False,
        help_text="The sample check in which you decide on it: only then does it count as checked there.",
    )


def mark_in_sample(sample_id: uuid.UUID | None, annotation_id: uuid.UUID) -> None:
    """Count the answer, which has just been decided on, as checked in the sample that the request named, if any.

    Raises: Refused, naming `sample`, if it does not hold the answer. That takes back the decision too.
    """
    if sample_id and not mark_checked(sample_id=sample_id, annotation_id=annotation_id):
        raise invalid("sample", "This sample check does not hold this answer.")
