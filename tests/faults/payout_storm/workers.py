"""Workers in processes of their own, which are killed (kill -9) at points drawn by chance, and started again."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.process import BaseProcess
from random import Random
from typing import Any
from uuid import uuid4

from django.db import connections

from billing.payouts import making, sending
from billing.stripe.calls import transfers
from tests.concurrency.processes import pass_points

_FORKS = multiprocessing.get_context("fork")
IDLE_SECONDS = 0.05
PATIENCE = 30
#: A worker passes so many points on average: those of eight payouts or so. `processes.dies_at` says what a point is.
POINTS = 150
Loop = Callable[[], None]


def work() -> None:
    """Make and send payouts for ever, as the tasks do."""
    while True:
        if not sum(making.made()) + sum(sending.OUTBOX.sent()):
            time.sleep(IDLE_SECONDS)


def work_naively() -> None:
    """The same with a client that sends each request under a new key, as the SDK does by itself."""
    create = transfers.create

    def create_anew(*, key: str, **given: Any) -> Any:
        return create(key=f"{key}:{uuid4()}", **given)

    transfers.create = create_anew
    work()


def _work_until(point: int, loop: Loop) -> None:
    """Work until the point, and be killed there."""
    left = iter(range(point, -1, -1))

    def pass_point(_: str) -> None:
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    pass_points(pass_point, loop)


class Workers:
    """So many workers. `kills` counts those that were killed."""

    def __init__(self, number: int, loop: Loop, dice: Random) -> None:
        self._loop = loop
        self._dice = dice
        self._running: list[BaseProcess] = []
        self._number = number
        self.kills = 0

    def revive(self) -> None:
        """Start others in the place of those that were killed."""
        self._bury([one for one in self._running if not one.is_alive()])
        if len(self._running) < self._number:
            connections.close_all()
        while len(self._running) < self._number:
            point = int(self._dice.expovariate(1 / POINTS))
            process = _FORKS.Process(target=partial(_work_until, point, self._loop), daemon=True)
            process.start()
            self._running.append(process)

    def kill_all(self) -> None:
        """Kill all of them at once, as a machine that dies."""
        for process in self._running:
            process.kill()
        self._bury(list(self._running))

    def _bury(self, dead: list[BaseProcess]) -> None:
        for process in dead:
            process.join(PATIENCE)
            assert process.exitcode == -signal.SIGKILL, "a worker failed: see stderr"
            self._running.remove(process)
            self.kills += 1
