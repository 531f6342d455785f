"""The boards where later rooms register the panels they show on a batch's page and on an item's page."""

from projects.items.models import Batch, Item
from rlhfhub.web.panels import Board

BATCH: Board[Batch] = Board()
ITEM: Board[Item] = Board()
