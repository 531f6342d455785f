"""The event table's partitions: a day each, made ahead, dropped when old and wholly delivered.

An event that waits, and one with a delivery that neither succeeded nor was given up by staff, keeps its partition.
"""

import logging
from collections.abc import Callable

from django.db import OperationalError, connection

from rlhfhub.tenancy import planes
from rlhfhub.tenancy.trouble import Trouble, trouble_of

log = logging.getLogger(__name__)


def make() -> int:
    """Make the partitions of the coming days that are missing. Returns how many."""
    return _unless_busy(lambda: _call("rlhfhub_event_partitions"))


def prune() -> int:
    """Remove delivered events, and deliveries that are done, after 30 days. Returns the number of steps taken."""
    steps = 0
    while _unless_busy(lambda: _call("rlhfhub_event_prune")):
        steps += 1
    return steps


def _call(function: str) -> int:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}()")
        return int(cursor.fetchone()[0])


def _unless_busy(step: Callable[[], int]) -> int:
    """Run `step` in its own transaction; 0 when it could not lock the table within a second."""
    try:
        return step()
    except OperationalError as error:
        if trouble_of(error) is not Trouble.BUSY:
            raise
        log.info("event partitions are in use; the next run tries again")
        return 0
