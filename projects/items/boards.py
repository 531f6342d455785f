"""The boards of a batch's page and of an item's page: what later rooms show on them."""

from projects.items.models import Batch, Item
from rlhfhub.web.panels import Board

BATCH: Board[Batch] = Board()
ITEM: Board[Item] = Board()
