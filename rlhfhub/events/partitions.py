"""The event table's daily partitions: made in advance, and dropped when they are old and fully delivered.

A partition is kept while it has an undispatched event, or one with a delivery that is not done.
"""

import logging
from collections.abc import Callable

from django.db import OperationalError, connection

from rlhfhub.tenancy import planes
from rlhfhub.tenancy.trouble import Trouble, trouble_of

log = logging.getLogger(__name__)


def make() -> int:
    """Make the missing partitions of the coming days. Returns how many."""
    return _unless_busy(lambda: _call("rlhfhub_event_partitions"))


def prune() -> int:
    """Remove delivered events and done deliveries after 30 days. Returns the number of steps taken."""
    steps = 0
    while _unless_busy(lambda: _call("rlhfhub_event_prune")):
        steps += 1
    return steps


def _call(function: str) -> int:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}()")
        return int(cursor.fetchone()[0])


def _unless_busy(step: Callable[[], int]) -> int:
    """Run `step` in its own transaction. Returns its result, or 0 if it could not lock the table within a second."""
    try:
        return step()
    except OperationalError as error:
        if trouble_of(error) is not Trouble.BUSY:
            raise
        log.info("event partitions are in use; the next run tries again")
        return 0
