"""A limit on silence: an export may take as long as it is large, but not stand still.

While it goes on it beats, and with each beat the limit begins anew. What has not beaten for LIMIT seconds is ended by
an exception; what does not heed that within GRACE, by the kernel: its worker process is replaced, and the export taken
up again.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# Longer than the longest statement of an export (rlhfhub.queues): freezing is one, and cannot beat meanwhile.
LIMIT = 600
GRACE = 60


class Silent(Exception):
    """Nothing was heard of the export for LIMIT seconds."""


@contextmanager
def limited() -> Iterator[None]:
    """Raises Silent in the block when `heard` is not called in time. For the main thread of a worker process."""
    before = signal.signal(signal.SIGALRM, _end)
    signal.alarm(LIMIT)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def heard() -> None:
    """A sign of life. Nothing outside `limited`."""
    if signal.getsignal(signal.SIGALRM) is _end:
        signal.alarm(LIMIT)


def _end(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(GRACE)
    raise Silent(f"{LIMIT} seconds without a sign of life")
