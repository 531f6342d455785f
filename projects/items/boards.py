"""The board where later rooms register the panels they show on a batch's page."""

from projects.items.models import Batch
from rlhfhub.web.panels import Board

BATCH: Board[Batch] = Board()
