"""Ringing for a worker. What it rings about is committed already, so a broker that is away costs nothing but time:
beat comes round for everything that is rung for.
"""

import logging
from typing import Any

from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def ring(task: Any, *arguments: str, expires: float | None = None) -> bool:
    """Ask a worker to run `task` soon, once, without retries. Returns whether the broker heard it."""
    try:
        task.apply_async(arguments, retry=False, expires=expires)
    except (OperationalError, OSError) as error:
        log.warning("the broker is away", extra={"task_name": task.name, "error": str(error)[:200]})
        return False
    return True
