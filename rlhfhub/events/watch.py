"""The watch over background work: how long the oldest event has waited, and deliveries that are late or given up.

It asks the database alone, so it sees a stuck queue, a dead worker and a lost broker alike. Who asks: /healthz/work,
the staff's overview, and a thread of the scheduler, which says it in the log once a minute.
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
    """What waits: the age of the oldest undispatched event in seconds (0 for none), and failed deliveries: those whose
    next try is late, and those that are tried no more."""

    oldest_seconds: float
    late_deliveries: int
    dead_deliveries: int

    @property
    def late(self) -> bool:
        """Whether nobody works as they should. A dead delivery is somebody's to look at, but not late."""
        return self.oldest_seconds > PATIENCE or self.late_deliveries > 0

    @property
    def words(self) -> str:
        """What is wrong, in a sentence for staff; empty when nothing is."""
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
    """What waits now, by the database's clock. In any plane, or none."""
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_BACKLOG, {"most": MAX_ATTEMPTS, "patience": PATIENCE})
        return Backlog(*cursor.fetchone())


def warnings() -> list[str]:
    """For the staff's overview."""
    return [words] if (words := backlog().words) else []


def look() -> None:
    """Look once, and log one line of error when work is late."""
    try:
        found = backlog()
    except Exception as error:  # whatever it is, the next look comes in a minute
        log.error("background work cannot be watched: %s", type(error).__name__)
        return
    finally:
        connection.close()
    if found.late:
        log.error("background work is late: %s", found.words)


def keep(every: float = 60.0) -> None:
    """Look every so many seconds, for as long as the process lives."""
    while True:
        time.sleep(every)
        look()
