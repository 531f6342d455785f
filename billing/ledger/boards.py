"""The board where later rooms register the panels they show on the money page."""

from rlhfhub.tenancy.models import Workspace
from rlhfhub.web.panels import Board

MONEY: Board[Workspace] = Board()
