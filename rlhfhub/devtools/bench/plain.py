"""The reference for a loop: the same rows written by plain SQL, with one process for each annotator."""

import json
import multiprocessing
import time
from collections.abc import Sequence
from multiprocessing.synchronize import Barrier
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import dict_row

from rlhfhub.devtools.bench import sql

_together: Barrier


def rate(url: str, batch: UUID, enrollments: Sequence[UUID], seconds: float, most: int) -> float:
    """Return loops per second of all these annotators together, by plain SQL, for `seconds` or `most` loops."""
    spawn = multiprocessing.get_context("spawn")
    count = len(enrollments)
    with spawn.Pool(count, _join, [spawn.Barrier(count)]) as pool:
        orders = [(url, batch, one, seconds, max(1, most // count)) for one in enrollments]
        return sum(pool.starmap(_work, orders, chunksize=1))


def _join(together: Barrier) -> None:
    global _together
    _together = together


def _work(url: str, batch: UUID, enrollment: UUID, seconds: float, most: int) -> float:
    """Return one annotator's loops per second."""
    with psycopg.connect(url, autocommit=True, row_factory=dict_row) as connection:
        # Load jsonb as text, so that no time is spent on parsing it.
        connection.adapters.register_loader("jsonb", psycopg.types.string.TextLoader)
        values, done = connection.execute(sql.START, [enrollment, batch]).fetchone() or {}, 0
        _together.wait(60)
        started = time.perf_counter()
        while done < most and time.perf_counter() - started < seconds and _once(connection, values):
            done += 1
        return done / (time.perf_counter() - started)


def _once(connection: psycopg.Connection[dict[str, Any]], values: dict[str, Any]) -> bool:
    """Lease one slot and submit an answer. Returns False if no slot is open."""
    with connection.transaction():
        found = connection.execute(sql.NEXT, values, prepare=True).fetchone()
        if found is None:
            return False
        data = {"item_id": str(found["item"]), "project_id": str(values["project"])}
        values |= found | {"data": json.dumps(data)}
        values |= {name: uuid4() for name in ("lease", "cursor", "annotation", "event")}
        for statement in sql.CLAIM:
            connection.execute(statement, values, prepare=True)
    with connection.transaction():
        for statement in sql.SUBMIT:
            connection.execute(statement, values, prepare=True)
    return True
