"""How an annotator is cleared where the project asks for calibration: the room of calibration registers it."""

import uuid
from collections.abc import Callable

# Begins a calibration attempt of the enrollment, or lets it wait for a round. Annotator plane.
Begin = Callable[[uuid.UUID], None]
_registered: list[Begin] = []


def register(begin: Begin) -> None:
    """Register how calibration begins. Called from the AppConfig's ready()."""
    _registered[:] = [begin]


def begin_calibration(enrollment_id: uuid.UUID) -> None:
    """Begin calibrating an annotator who has accepted the guidelines in force.

    Raises: RuntimeError if no room has registered how.
    """
    if not _registered:
        raise RuntimeError("no room has registered how calibration begins")
    _registered[0](enrollment_id)
