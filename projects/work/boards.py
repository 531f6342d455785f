"""The boards where later rooms register the panels they show at the desk, and on the annotator's home.

The desk's are read in the annotator plane (`NO_ITEM` only while there is no item), the home's in the door plane.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from projects.enrollment.models import Enrollment
from rlhfhub.web.panels import Board


@dataclass(frozen=True, slots=True)
class ShownEnrollments:
    """The enrollments that a person's home shows, and the workspaces of the projects that it lists."""

    person_id: uuid.UUID
    enrollment_ids: Sequence[uuid.UUID]
    listed_workspaces: Sequence[uuid.UUID] = ()


DESK: Board[Enrollment] = Board()
NO_ITEM: Board[Enrollment] = Board()
HOME: Board[ShownEnrollments] = Board()
