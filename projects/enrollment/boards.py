"""The board where later rooms register the panels they show to somebody who reads a project's guidelines."""

import uuid
from dataclasses import dataclass

from rlhfhub.web.panels import Board


@dataclass(frozen=True, slots=True)
class Reader:
    """A person, and the project whose guidelines they read. Panels are made in the door or the annotator plane."""

    person_id: uuid.UUID
    project_id: uuid.UUID


READER: Board[Reader] = Board()
