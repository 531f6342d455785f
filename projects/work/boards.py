"""The board where later rooms register the panels they show at the desk, in the annotator plane."""

from projects.enrollment.models import Enrollment
from rlhfhub.web.panels import Board

DESK: Board[Enrollment] = Board()
