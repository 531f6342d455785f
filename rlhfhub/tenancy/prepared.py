"""Statements of the hot path, prepared once a connection: the server parses and plans them once.

They are ordinary statements otherwise: same connection, same transaction, same plane.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.db.utils import DatabaseErrorWrapper
from psycopg.pq import ExecStatus, TransactionStatus

Parameters = Sequence[Any] | Mapping[str, Any]


def run(query: str, parameters: Parameters = ()) -> psycopg.Cursor[tuple[Any, ...]]:
    """Execute `query` and return its cursor. Errors and `execute_wrapper`s are Django's, as with any statement."""
    connection.ensure_connection()
    cursor = psycopg.Cursor(connection.connection)
    execute: Any = _execute
    for wrapper in reversed(connection.execute_wrappers):
        execute = functools.partial(wrapper, execute)
    execute(query, parameters, False, {"connection": connection, "cursor": cursor})
    return cursor


def _execute(query: str, parameters: Parameters, many: bool, context: dict[str, Any]) -> None:
    with DatabaseErrorWrapper(connection):
        context["cursor"].execute(query, parameters, prepare=settings.PREPARE_STATEMENTS)


def is_first() -> bool:
    """Whether a transaction is due to begin with the next statement."""
    connection.ensure_connection()
    wire = connection.connection
    return bool(wire.info.transaction_status == TransactionStatus.IDLE) and not wire.autocommit


def send(statements: str) -> None:
    """Statements without parameters or results, in one message; the first of a transaction bring their BEGIN along."""
    execute: Any = _send
    for wrapper in reversed(connection.execute_wrappers):
        execute = functools.partial(wrapper, execute)
    execute(statements, None, False, {"connection": connection, "cursor": connection.connection})


def _send(statements: str, parameters: None, many: bool, context: dict[str, Any]) -> None:
    wire = context["cursor"]
    with DatabaseErrorWrapper(connection):
        result = wire.pgconn.exec_(statements.encode())
        if wire.closed:
            raise psycopg.OperationalError("the connection is lost")
        if result.status != ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(result, wire.info.encoding)


def one(query: str, parameters: Parameters = ()) -> tuple[Any, ...] | None:
    """The first row, or None."""
    return run(query, parameters).fetchone()


def every(query: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
    """All rows."""
    return run(query, parameters).fetchall()
