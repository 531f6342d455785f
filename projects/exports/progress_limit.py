"""A limit on the time without progress: a large export may take long, but must not hang.

Every heartbeat restarts the limit. An export without a heartbeat for LIMIT_SECONDS is ended by an exception. If it is
still running GRACE_SECONDS later, the kernel kills its worker process; Celery replaces the process, and the export is
run again.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# Longer than an export's longest SQL statement may take (rlhfhub.queues): there are no heartbeats during freezing,
# which is a single statement.
LIMIT_SECONDS = 600
GRACE_SECONDS = 60


class NoProgress(Exception):
    """The export gave no heartbeat for LIMIT_SECONDS."""


@contextmanager
def limited() -> Iterator[None]:
    """Raise NoProgress in the block if `restart` is not called for LIMIT_SECONDS. Only for a process's main thread."""
    before = signal.signal(signal.SIGALRM, _end)
    signal.alarm(LIMIT_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def restart() -> None:
    """Restart the limit. Does nothing outside `limited`."""
    if signal.getsignal(signal.SIGALRM) is _end:
        signal.alarm(LIMIT_SECONDS)


def _end(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(GRACE_SECONDS)
    raise NoProgress(f"{LIMIT_SECONDS} seconds without a heartbeat")
