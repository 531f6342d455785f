"""Watches background work: how long the oldest event has waited, and which deliveries are late or dead.

It reads only the database, so it notices a stuck queue, a dead worker and a lost broker alike. It is used by
/healthz/work, the staff's overview, and a thread of the scheduler, which logs the state once a minute.
"""

import logging
import time
from dataclasses import dataclass

from django.db import connection

from rlhfhub.events.dispatch import MAX_ATTEMPTS
from rlhfhub.tenancy import planes

log = logging.getLogger(__name__)
PATIENCE = 60
"""Seconds after which an event or a delivery is late."""

_BACKLOG = """
    SELECT COALESCE(extract(epoch FROM clock_timestamp() - (
               SELECT created_at FROM rlhfhub_events_event
               WHERE dispatched_at IS NULL ORDER BY created_at LIMIT 1)), 0)::float,
           count(*) FILTER (WHERE attempts < %(most)s
                            AND next_at < clock_timestamp() - make_interval(secs => %(patience)s)),
           count(*) FILTER (WHERE attempts >= %(most)s)
    FROM rlhfhub_events_delivery WHERE done_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits: the age of the oldest undispatched event in seconds (0 for none), and the failed deliveries.

    Of these it counts the ones whose retry is late, and the dead ones, which are not retried.
    """

    oldest_seconds: float
    late_deliveries: int
    dead_deliveries: int

    @property
    def late(self) -> bool:
        """Whether background work is late. A dead delivery needs attention but does not count as late."""
        return self.oldest_seconds > PATIENCE or self.late_deliveries > 0

    @property
    def words(self) -> str:
        """What is wrong, in sentences for staff; empty when nothing is."""
        said = []
        if self.oldest_seconds > PATIENCE:
            said.append(
                f"The oldest undispatched event has waited {self.oldest_seconds:.0f} seconds."
            )
        if self.late_deliveries:
            said.append(f"{self.late_deliveries} failed deliveries should have been tried again.")
        if self.dead_deliveries:
            said.append(f"{self.dead_deliveries} deliveries were given up.")
        return " ".join(said)


def backlog() -> Backlog:
    """Return what waits now, by the database's clock. In any plane, or none."""
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_BACKLOG, {"most": MAX_ATTEMPTS, "patience": PATIENCE})
        return Backlog(*cursor.fetchone())


def warnings() -> list[str]:
    """Return the warnings for the staff's overview."""
    return [words] if (words := backlog().words) else []


def look() -> None:
    """Check once, and log an error line when work is late."""
    try:
        found = backlog()
    except Exception as error:  # log any error and go on: the next check follows in a minute
        log.error("background work cannot be watched: %s", type(error).__name__)
        return
    finally:
        connection.close()
    if found.late:
        log.error("background work is late: %s", found.words)


def keep(every: float = 60.0) -> None:
    """Check every so many seconds, as long as the process lives."""
    while True:
        time.sleep(every)
        look()
