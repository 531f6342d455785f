"""Several processes at once: a duplicate is stored once, an event is handled by one, and a killed one loses nothing."""

import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from billing.stripe import processing
from billing.stripe.events import Event
from rlhfhub.tenancy import planes
from tests.concurrency.races import connect_anew
from tests.stripe.conftest import Handlers
from tests.stripe.made import make_event, signature, snapshot, stored, written

pytestmark = [
    pytest.mark.concurrency,
    pytest.mark.slow,
    pytest.mark.usefixtures("own_database", "set_up"),
]
FORK = multiprocessing.get_context("fork")
TYPE = "payment_intent.succeeded"
PATIENCE = 60


@contextmanager
def processes(count: int, act: Callable[[int], None]) -> Iterator[list[BaseProcess]]:
    """Run `act` in `count` processes while the block runs. Each process opens its own connection."""

    def run(number: int) -> None:
        connect_anew()
        act(number)

    connections.close_all()
    started: list[BaseProcess] = [FORK.Process(target=run, args=(n,)) for n in range(count)]
    for one in started:
        one.start()
    try:
        yield started
    finally:
        for one in started:
            one.kill()
            one.join(PATIENCE)


def ended(started: list[BaseProcess]) -> None:
    """Wait until all have ended, each without an error."""
    for one in started:
        one.join(PATIENCE)
    assert [one.exitcode for one in started] == [0] * len(started)


def write(path: Path, line: str) -> None:
    """Append a line; one write of a few bytes is not mixed with another process's."""
    with path.open("a") as file:
        file.write(f"{line}\n")


def until(what: Callable[[], Any]) -> None:
    """Wait for it."""
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_duplicates_that_come_at_once_are_stored_once(
    as_site: Callable[[], None], tmp_path: Path
) -> None:
    bodies = [snapshot() for _ in range(5)]
    start = FORK.Barrier(6)
    log = tmp_path / "log"

    def send(_: int) -> None:
        start.wait(PATIENCE)
        for body in bodies:
            answer = Client().generic(
                "POST",
                "/webhooks/stripe/platform/",
                written(body),
                "application/json",
                HTTP_STRIPE_SIGNATURE=signature(body),
            )
            write(log, f"{body['id']} {answer.status_code} {answer.json()['status']}")
        connection.close()

    as_site()
    with processes(6, send) as started:
        ended(started)
    told = Counter(log.read_text().splitlines())
    assert told == {
        line: times
        for body in bodies
        for line, times in ((f"{body['id']} 200 stored", 1), (f"{body['id']} 200 known", 5))
    }


def test_each_event_is_handled_by_one_worker(
    as_site: Callable[[], None], handlers: Handlers, tmp_path: Path
) -> None:
    log, start = tmp_path / "log", FORK.Barrier(4)

    def handler(event: Event) -> None:
        write(log, event.id)
        time.sleep(0.02)

    def work(_: int) -> None:
        start.wait(PATIENCE)
        processing.handle_all()
        connection.close()

    handlers.on(TYPE, handler)
    events = [make_event(TYPE) for _ in range(40)]
    as_site()
    with processes(4, work) as started:
        ended(started)
    assert sorted(log.read_text().split()) == sorted(event.id for event in events)
    assert {stored(event).state for event in events} == {"done"}


def test_the_event_of_a_killed_worker_is_taken_when_its_claim_is_over(
    as_site: Callable[[], None], handlers: Handlers, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"

    def hangs(_: Event) -> None:
        write(begun, str(os.getpid()))
        time.sleep(PATIENCE)

    handlers.on(TYPE, hangs)
    event = make_event(TYPE)
    as_site()
    with processes(1, lambda _: processing.handle_all() and None) as started:
        until(begun.exists)
        assert started[0].pid
        os.kill(started[0].pid, signal.SIGKILL)
        started[0].join(PATIENCE)
    row = stored(event)
    assert (row.state, row.attempts) == ("waiting", 1)
    assert processing.handle_all() == 0, "the claim has not ended"
    _let_claims_end()
    handlers.only(TYPE)
    assert processing.handle_all() == 1
    assert handlers.seen == [event]
    row = stored(event)
    assert (row.state, row.attempts) == ("done", 2)


def _let_claims_end() -> None:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_stripe_inboundevent SET next_at = next_at - make_interval(secs => %s)",
            [processing.CLAIM_SECONDS],
        )
