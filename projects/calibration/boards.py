"""The board where later rooms register the panels they show on the page of a round."""

from projects.calibration.models import Round
from rlhfhub.web.panels import Board

ROUND: Board[Round] = Board()
