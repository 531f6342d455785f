"""Runs functions in processes of their own: several at the same moment, or one that kills itself at a point.

The processes are forks, so a function may use all that its test has prepared. Each connects to the database anew.
"""

import itertools
import multiprocessing
import os
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar, cast
from unittest.mock import patch

import stripe
from django.db import connection, connections

from rlhfhub.ground.refusals import Refused
from tests.concurrency.races import connect_anew

_FORKS = multiprocessing.get_context("fork")
PATIENCE = 60
HELD_SECONDS = 0.4
LEAST_POINTS = 9
Act = Callable[[], Any]
_Case = TypeVar("_Case")


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a service refused in another process."""

    code: str
    status: int


@dataclass(frozen=True, slots=True)
class _Failure:
    traceback: str


def at_once(*acts: Act, leader: int | None = None, held: float = HELD_SECONDS) -> list[Any]:
    """Run the functions in a process each, begun together.

    If there is a `leader`, the number of one of them, the others begin when it has done everything and is about to
    commit. It commits `held` seconds later, so that they meet its locks.

    Returns: what each returned, or the `Refusal` that it raised. Any other error fails the test.
    """
    connections.close_all()
    line, ahead = _FORKS.Barrier(len(acts)), _FORKS.Event()
    started = []
    for number, act in enumerate(acts):
        reads, writes = _FORKS.Pipe(duplex=False)
        goes_first = None if leader is None else number == leader
        values = (writes, act, line, ahead, goes_first, held)
        process = _FORKS.Process(target=_take_part, args=values, daemon=True)
        process.start()
        writes.close()
        started.append((process, reads))
    return [_outcome(process, reads) for process, reads in started]


def _outcome(process: Any, reads: Any) -> Any:
    try:
        assert reads.poll(PATIENCE), "they wait for each other"
        outcome = reads.recv()
    finally:
        process.join(1)
        process.kill()
        process.join()
    assert not isinstance(outcome, _Failure), outcome.traceback
    return outcome


def _take_part(
    writes: Any, act: Act, line: Any, ahead: Any, goes_first: bool | None, held: float
) -> None:
    try:
        connect_anew()
        if goes_first:
            _hold_first_commit(ahead, held)
        line.wait(PATIENCE)
        if goes_first is False:
            ahead.wait(PATIENCE)
        writes.send(act())
    except Refused as refused:
        writes.send(Refusal(refused.code, refused.status))
    except Exception:
        writes.send(_Failure(traceback.format_exc()))
    finally:
        if goes_first:
            ahead.set()  # also if it had nothing to commit
        connections.close_all()


def _hold_first_commit(ahead: Any, held: float) -> None:
    """Let this process wait before its first commit, and tell the others that it has come so far."""
    here: Any = connections["default"]
    commit = here.commit

    def commit_later() -> None:
        if not ahead.is_set():
            ahead.set()
            time.sleep(held)
        commit()

    vars(here).update(commit=commit_later)


def deaths(
    begin: Callable[[], _Case], act: Callable[[_Case], Any], every: int = 1
) -> Iterator[_Case]:
    """Let `act` die at the first point, at the next one, and so on, each time on a case that `begin` has made.

    See `dies_at` for the points; of many only each `every`th is tried. Fails the test if there are too few.

    Yields: the case, after each death, and at last the one for which `act` ended before its point.
    """
    for point in itertools.count(1, every):
        case = begin()
        died = dies_at(point, partial(act, case))
        yield case
        if not died:
            assert point > LEAST_POINTS * every, "too few deaths to prove anything"
            return


def dies_at(point: int, act: Act) -> bool:
    """Run `act` in a process that kills itself (kill -9) at this point. Returns whether it did: else it ended before.

    A point is before each statement, and before and after each commit and each request to Stripe; they are numbered
    from 1. After a statement is before what follows it: nothing between them outlives the process.
    """
    left = iter(range(point - 1, -1, -1))

    def pass_point(_: str) -> None:
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return _ended(partial(pass_points, pass_point, act)) != 0


def points_of(act: Act) -> Counter[str]:
    """Run `act` in a process to its end. Returns how many points it passes, by what they are of."""
    reads, writes = _FORKS.Pipe(duplex=False)

    def count() -> None:
        passed: Counter[str] = Counter()
        pass_points(lambda kind: passed.update([kind]), act)
        writes.send(passed)

    assert _ended(count) == 0
    return cast("Counter[str]", reads.recv())


def _ended(act: Act) -> int:
    """Run `act` in a process, and wait until it has ended, also for the server. Returns its exit code."""
    connections.close_all()
    process = _FORKS.Process(target=act, daemon=True)
    process.start()
    process.join(PATIENCE)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise AssertionError("it waits for something")
    assert process.exitcode in (0, -signal.SIGKILL), "it failed: its traceback is on stderr"
    _await_rollback()
    return int(process.exitcode)


STATEMENT, COMMIT, CALL = "statement", "commit", "call"


def pass_points(pass_point: Callable[[str], None], act: Act) -> None:
    """Connect this process and run `act`; call `pass_point` with what it is of at each point that `dies_at` names."""
    connect_anew()
    here = cast(Any, connections["default"])
    commit, request = here.commit, stripe.RequestsClient.request

    def execute(run: Callable[..., Any], *of: Any) -> Any:
        pass_point(STATEMENT)
        return run(*of)

    def commit_between() -> None:
        pass_point(COMMIT)
        commit()
        pass_point(COMMIT)

    def request_between(*given: Any, **named: Any) -> Any:
        pass_point(CALL)
        answer = request(*given, **named)
        pass_point(CALL)
        return answer

    vars(here).update(commit=commit_between)
    with (
        patch.object(stripe.RequestsClient, "request", request_between),
        here.execute_wrapper(execute),
    ):
        act()
    connections.close_all()


_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = session_user AND pid <> pg_backend_pid()
"""


def _await_rollback() -> None:
    """Wait until the server has noticed that the process is gone, and has released its locks."""
    until = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_OTHERS)
            if cursor.fetchone() == (0,):
                return
            assert time.monotonic() < until, "the server keeps the connection of a killed process"
            time.sleep(0.01)
