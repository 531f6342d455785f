"""Measures money: accruals of one project, the making of payouts, a reconciliation, and the page of earnings."""

import contextlib
import logging
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from multiprocessing.synchronize import Barrier
from statistics import median
from typing import Any
from uuid import uuid4

import psycopg
from django.db import connections
from django.test import Client
from django.urls import reverse

from billing.accruals import services as accruals
from billing.payouts import making, runs
from billing.reconciliation import differing, matching
from rlhfhub.devtools.bench import sql
from rlhfhub.devtools.bench.figures import Report
from rlhfhub.devtools.bench.people import Workload
from rlhfhub.devtools.bench.quality_page import get, seconds_of
from rlhfhub.tenancy import clock, planes
from rlhfhub.tenancy.models import User

WORKERS, EACH = 32, 100
PEOPLE, ENTRIES = 10_000, 500_000
TIMES, MOST_MS = 11, 300

_together: Barrier
Row = tuple[Any, ...]


def measure(owner: psycopg.Connection, url: str, work: Workload, report: Report) -> None:
    """Add all figures. Nothing else may run on the site."""
    _accruals(owner, url, work, report)
    with _quiet(owner):
        owner.execute(sql.OWED, {"count": PEOPLE})
        owner.execute(sql.TRANSFERRED, {"count": ENTRIES})
        owner.execute(sql.LINES)
    owner.execute("VACUUM (ANALYZE)")
    runs.begin_by_command("USD")
    rate = PEOPLE / seconds_of(lambda: list(making.made()))
    report.add(f"payouts of {PEOPLE // 1000}k people: made and booked", rate, "payouts/s")
    name = f"reconciliation of {2 * ENTRIES // 1_000_000}M postings"
    report.add(f"{name}: entries matched", seconds_of(lambda: list(matching.match())), "s")
    report.add(f"{name}: differences looked for", seconds_of(_compare), "s")
    _earnings(owner, report)


@contextlib.contextmanager
def _quiet(owner: psycopg.Connection) -> Iterator[None]:
    """Switch the triggers of the tables in sql.QUIET off inside the block."""
    for word in ("DISABLE", "ENABLE"):
        for table in sql.QUIET:
            owner.execute(f"ALTER TABLE {table} {word} TRIGGER USER")
        if word == "DISABLE":
            yield


def _accruals(owner: psycopg.Connection, url: str, work: Workload, report: Report) -> None:
    """Compare accruals, one answer each, with the same rows by plain SQL, without accounts and triggers."""
    rows = owner.execute(sql.UNBOOKED, [work.project.pk, 3 * WORKERS * EACH]).fetchall()
    part = len(rows) // 3
    owner.execute(sql.PLAIN_BOOKS)
    plain = _by_workers(_insert, url, rows[:part])
    owner.execute("DROP TABLE bench_journal, bench_posting")
    name = f"accruals by {WORKERS} workers in one project"
    one = _by_workers(_accrue, url, rows[part : 2 * part])
    report.compare(f"{name}, one at a time", "accruals/s", one, plain, "plain SQL", 0)
    together = _by_workers(_accrue_together, url, rows[2 * part :])
    report.add(f"{name}, {EACH} at a time as handlers do", together, "accruals/s")


def _by_workers(act: Callable[[str, Sequence[Row]], None], url: str, rows: list[Row]) -> float:
    """Return how many rows a second all workers together get done."""
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    with fork.Pool(WORKERS, _join, [fork.Barrier(WORKERS)]) as pool:
        orders = [(act, url, rows[n::WORKERS]) for n in range(WORKERS)]
        spans = pool.starmap(_timed, orders, chunksize=1)
    return len(rows) / (max(end for _, end in spans) - min(start for start, _ in spans))


def _join(together: Barrier) -> None:
    global _together
    _together = together


def _timed(
    act: Callable[[str, Sequence[Row]], None], url: str, rows: Sequence[Row]
) -> tuple[float, float]:
    act(url, rows[:1])  # connects, and prepares statements
    _together.wait(60)
    started = time.perf_counter()
    act(url, rows[1:])
    return started, time.perf_counter()


def _accrue(_: str, rows: Sequence[Row]) -> None:
    for answer, *_rest in rows:
        with planes.as_system():
            accruals.accrue(annotation_ids=[answer])


def _accrue_together(_: str, rows: Sequence[Row]) -> None:
    with planes.as_system():
        accruals.accrue(annotation_ids=[row[0] for row in rows])


def _insert(url: str, rows: Sequence[Row]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for answer, workspace, _, _, currency, price, fee in rows:
            values = {"journal": uuid4(), "workspace": workspace, "currency": currency}
            values |= {"cause": f"accrual:{answer}", "amounts": [-price - fee, price, fee]}
            connection.execute(sql.PLAIN_ACCRUAL, values, prepare=True)


def _compare() -> None:
    with planes.as_system():
        found = [*differing.of_entries(), *differing.of_journals(clock.now() - timedelta(days=40))]
    if found:
        raise RuntimeError(f"{len(found)} differences, such as {found[0]}")


def _earnings(owner: psycopg.Connection, report: Report) -> None:
    """Time the pages of the annotator with the most answers."""
    person, enrollment, answers = owner.execute(sql.MOST_ANSWERS).fetchone() or ()
    client = Client(HTTP_HOST="127.0.0.1")
    logging.disable(logging.INFO)  # the lines of requests
    with planes.at_door():
        client.force_login(User.objects.get(pk=person))
    pages = {
        "all lines": reverse("earnings"),
        "one project": reverse("earnings_in", args=[enrollment]),
    }
    for what, page in pages.items():
        times = [1000 * seconds_of(partial(get, client, page)) for _ in range(TIMES)]
        name = f"earnings of {answers:,} answers: page of {what}"
        report.add(name, median(times), "ms", most=MOST_MS)
