"""The emulator's time: it starts as the machine's, goes on with it, and can be moved forward."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

MINUTE, HOUR, DAY = 60, 3_600, 86_400


class Clock:
    """Seconds since 1970, as Stripe's `created`."""

    def __init__(self, ahead: int = 0) -> None:
        self.ahead = ahead
        self._frozen: int | None = None

    def now(self) -> int:
        """Return the present second."""
        return int(time.time()) + self.ahead if self._frozen is None else self._frozen

    @contextmanager
    def at(self, second: int) -> Iterator[None]:
        """Hold the clock at a second, while what was due then is done."""
        self._frozen = second
        try:
            yield
        finally:
            self._frozen = None


def iso(second: int) -> str:
    """Return a time as v2 writes it: "2026-11-27T18:00:00.000Z"."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def seconds(written: str) -> int:
    """Return the second that a v2 time means."""
    return int(datetime.fromisoformat(written).timestamp())
