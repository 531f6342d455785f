"""Requests run in a few threads; one more says that the process lives, and what has begun is ended."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.server.running import Echo, echo

pytestmark = pytest.mark.slow


def _begin(server: Echo, count: int) -> tuple[list[threading.Thread], list[Any]]:
    """So many requests that take four seconds, running now."""
    answers: list[Any] = []
    asking = [
        threading.Thread(target=lambda: answers.append(server.ask("GET", "/sleep")[1]))
        for _ in range(count)
    ]
    for one in asking:
        one.start()
    until, seen = time.monotonic() + 10, 0
    while seen < count:
        assert time.monotonic() < until
        seen += server.calls().count("asleep")
        time.sleep(0.02)
    return asking, answers


def test_a_process_whose_threads_are_busy_still_says_that_it_lives(server: Echo) -> None:
    asking, answers = _begin(server, 2)
    assert server.ask("GET", "/healthz/live")[0].status == 200
    assert answers == []
    for one in asking:
        one.join()
    assert answers == [b"slept"] * 2


def test_a_server_that_is_told_to_stop_ends_what_it_began(tmp_path: Path) -> None:
    with echo(tmp_path) as server:
        asking, answers = _begin(server, 2)
        server.process.terminate()
        for one in asking:
            one.join(20)
        assert answers == [b"slept"] * 2
        server.process.wait(20)
