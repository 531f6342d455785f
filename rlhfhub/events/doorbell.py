"""Ringing for a worker. What it rings about is committed already, so a broker that is away costs nothing but time:
beat comes round for everything that is rung for.
"""

import logging
import time

from celery import current_app
from kombu.exceptions import OperationalError

from rlhfhub import queues

log = logging.getLogger(__name__)
# After a ring that nobody heard this process rings no more for so long: its requests do not wait in vain.
QUIET_SECONDS = 10.0


class _Patience:
    until = 0.0


def ring(name: str, *, expires: float) -> bool:
    """Ask a worker to run the task `name` soon, once, without retries, or within `expires` seconds not at all.

    By its name, so that services need not import tasks, which import services. Returns whether the broker heard it.
    Raises KeyError for a task that no queue knows.
    """
    queue = queues.queue_of(name)
    if time.monotonic() < _Patience.until:
        return False
    try:
        current_app.send_task(name, queue=queue, retry=False, expires=expires, ignore_result=True)
    except (OperationalError, OSError) as error:
        _Patience.until = time.monotonic() + QUIET_SECONDS
        log.warning("the broker is away", extra={"task_name": name, "error": str(error)[:200]})
        return False
    return True
