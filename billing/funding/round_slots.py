"""The slots of a calibration batch, which are on the items that its round has drawn from the pool."""

from projects.calibration.selectors import drawn_items
from projects.items.models import Batch
from projects.work.models import Purpose
from projects.work.services.pool_slots import create_on_pool
from projects.work.services.slots import Terms


def create(*, batch: Batch, first: int, end: int, terms: Terms) -> int:
    """Make the slots of the items at the positions from `first` to before `end`. Returns how many items these are."""
    items = drawn_items(batch, first, end)
    create_on_pool(batch=batch, item_ids=items, purpose=Purpose.CALIBRATION, terms=terms)
    return len(items)
