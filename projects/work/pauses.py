"""When an annotator gets no further item for the moment: the room of calibration registers it."""

import uuid
from collections.abc import Callable

# Whether an enrollment that calibrates gets no further item for now. Annotator plane, under the desk's lock.
Pause = Callable[[uuid.UUID], bool]
_registered: list[Pause] = []


def register(pause: Pause) -> None:
    """Register when calibration pauses. Called from the AppConfig's ready()."""
    _registered[:] = [pause]


def is_paused(enrollment_id: uuid.UUID) -> bool:
    """Return whether an annotator who calibrates gets no further item for now."""
    return any(pause(enrollment_id) for pause in _registered)
