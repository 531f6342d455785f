"""Runs functions at the same moment in threads, each with its own database connection."""

import contextlib
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

from django.db import OperationalError, connection

from rlhfhub.tenancy import planes

PATIENCE = 30


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run the functions in a thread each, begun together. Returns what each returned, or the exception it raised."""
    line = threading.Barrier(len(acts))
    outcomes: list[Any] = [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            line.wait(PATIENCE)
            outcomes[number] = act()
        except Exception as error:
            outcomes[number] = error
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=(n, act), daemon=True) for n, act in enumerate(acts)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE * 2)
    assert not any(thread.is_alive() for thread in threads), "they wait for each other"
    return outcomes


def connect_anew() -> None:
    """Connect a forked process. The fork of a process with threads may lose the first connection that it makes."""
    for _ in range(10):
        try:
            with planes.as_system():
                return
        except OperationalError:
            traceback.print_exc()
            connection.close()
            time.sleep(0.2)


def meeting(function: Callable[..., Any], parties: int = 2) -> Callable[..., Any]:
    """Wrap `function` so that each caller waits at its start until `parties` callers have come."""
    line = threading.Barrier(parties)

    def met(*args: Any, **kwargs: Any) -> Any:
        # Times out where the other callers never call the function.
        with contextlib.suppress(threading.BrokenBarrierError):
            line.wait(5)
        return function(*args, **kwargs)

    return met


def holding(function: Callable[..., Any], done: threading.Event) -> Callable[..., Any]:
    """Wrap `function` so that it sets `done` when it has run, and holds its caller's transaction for a moment more."""

    def held(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        done.set()
        time.sleep(0.5)
        return result

    return held


def slowly(function: Callable[..., Any], seconds: float = 0.3) -> Callable[..., Any]:
    """Wrap `function` so that it pauses before it returns, inside its caller's transaction."""

    def slow(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        time.sleep(seconds)
        return result

    return slow
