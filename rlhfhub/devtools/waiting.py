"""Waiting for something another process does."""

import time
from collections.abc import Callable


def wait_until(done: Callable[[], bool], seconds: float, what: str, every: float = 0.25) -> None:
    """Return when `done()` is true. Raises TimeoutError naming `what`."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} was not done after {seconds:.0f} seconds")
        time.sleep(every)
