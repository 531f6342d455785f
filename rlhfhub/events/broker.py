"""Enqueues a task at once instead of waiting for its next scheduled run.

The work is committed before, and beat schedules every such task too, so a broker that is away only costs time.
"""

import logging
import time

from celery import current_app
from kombu.exceptions import OperationalError

from rlhfhub import queues

log = logging.getLogger(__name__)
# After a failure this process does not contact the broker for so long, so that requests do not wait for it in vain.
QUIET_SECONDS = 10.0


class _Patience:
    until = 0.0


def enqueue(name: str, *, expires: float) -> bool:
    """Enqueue the task `name` once, without retries. It is dropped if no worker takes it within `expires` seconds.

    The task is given by name because tasks import services, so services cannot import tasks.

    Returns: whether the broker took the message.
    Raises: KeyError for a task that no queue has.
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
