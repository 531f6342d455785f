"""Waits for something that another process does."""

import time
from collections.abc import Callable


def wait_until(
    done: Callable[[], bool],
    seconds: float,
    what: str,
    every: float = 0.25,
    alive: Callable[[], bool] | None = None,
) -> None:
    """Wait until `done()` is true.

    Raises: TimeoutError that names `what`, after `seconds` or as soon as `alive()` is false.
    """
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} was not done after {seconds:.0f} seconds")
        if alive is not None and not alive():
            raise TimeoutError(f"{what} ended early")
        time.sleep(every)
