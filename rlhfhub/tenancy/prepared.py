"""Statements of the hot path, prepared once a connection: the server parses and plans them once.

They are ordinary statements otherwise: same connection, same transaction, same plane.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.db.utils import DatabaseErrorWrapper

Parameters = Sequence[Any] | Mapping[str, Any]


def run(query: str, parameters: Parameters = ()) -> psycopg.Cursor[tuple[Any, ...]]:
    """Execute `query` and return its cursor. Errors are Django's, as with any other statement."""
    connection.ensure_connection()
    cursor = psycopg.Cursor(connection.connection)
    started = time.monotonic()
    with DatabaseErrorWrapper(connection):
        cursor.execute(query, parameters, prepare=settings.PREPARE_STATEMENTS)
    if connection.queries_logged:
        # Query counts in tests see these statements too.
        connection.queries_log.append({"sql": query, "time": f"{time.monotonic() - started:.3f}"})
    return cursor


def one(query: str, parameters: Parameters = ()) -> tuple[Any, ...] | None:
    """The first row, or None."""
    return run(query, parameters).fetchone()


def every(query: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
    """All rows."""
    return run(query, parameters).fetchall()
