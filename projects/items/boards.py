"""The board of a batch's page: what later rooms show on it."""

from projects.items.models import Batch
from rlhfhub.web.panels import Board

BATCH: Board[Batch] = Board()
