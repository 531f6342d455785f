"""Where later rooms say what they did with the answers that an alert is about."""

from dataclasses import dataclass

from projects.quality.alerts.models import Alert
from rlhfhub.web.panels import Board


@dataclass(frozen=True, slots=True)
class Exported:
    """How many of an alert's affected answers are in exports."""

    answers: int


#: What became of the answers that an alert is about.
AFFECTED: Board[Alert] = Board()
