"""Ringing for a worker. What it rings about is committed already, so a broker that is away costs nothing but time:
beat comes round for everything that is rung for.
"""

import logging
import time
from typing import Any

from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
# After a ring that nobody heard this process rings no more for so long: its requests do not wait in vain.
QUIET_SECONDS = 10.0


class _Patience:
    until = 0.0


def ring(task: Any, *, expires: float) -> bool:
    """Ask a worker to run `task` soon, once, without retries, or within `expires` seconds not at all.

    Returns whether the broker heard it.
    """
    if time.monotonic() < _Patience.until:
        return False
    try:
        task.apply_async(retry=False, expires=expires)
    except (OperationalError, OSError) as error:
        _Patience.until = time.monotonic() + QUIET_SECONDS
        log.warning("the broker is away", extra={"task_name": task.name, "error": str(error)[:200]})
        return False
    return True
